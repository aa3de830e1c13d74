package limit_test

import (
	"fmt"
	"math"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz/limit"
)

// clock is a time that only a test moves.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

func keyed(t *testing.T, settings limit.Settings) (*limit.Keyed, *clock) {
	t.Helper()
	c := &clock{time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)}
	k, err := limit.New(settings, c.now)
	if err != nil {
		t.Fatal(err)
	}
	return k, c
}

// spend counts how often a key is let through in `times` tries.
func spend(k *limit.Keyed, key string, times int) int {
	passed := 0
	for range times {
		if k.Allow(key) {
			passed++
		}
	}
	return passed
}

// TestAllow: a key has its burst, then its rate; others have theirs.
func TestAllow(t *testing.T) {
	k, c := keyed(t, limit.Settings{PerSecond: 2, Burst: 3, Keys: 128})
	for _, step := range []struct {
		after time.Duration
		key   string
		want  int
	}{
		{0, "a", 3},
		{0, "a", 0},
		{0, "b", 3},
		{499 * time.Millisecond, "a", 0},
		{time.Millisecond, "a", 1},
		{time.Second, "a", 2},
		{time.Hour, "a", 3},
		{-time.Hour, "a", 0},
	} {
		c.Time = c.Add(step.after)
		if got := spend(k, step.key, 10); got != step.want {
			t.Errorf("after %v: %s got %d, want %d", step.after, step.key, got, step.want)
		}
	}
}

// TestForgottenBucketsAreFull: keys that come back lose nothing and gain nothing,
// however the table turned. Guards: the comparison with refill; delete from older
// and the move to newer.
func TestForgottenBucketsAreFull(t *testing.T) {
	k, c := keyed(t, limit.Settings{PerSecond: 1, Burst: 10, Keys: 128})
	spend(k, "busy", 10)
	total := 0
	for i := range 40 {
		c.Time = c.Add(time.Second)
		k.Allow("other" + strconv.Itoa(i%3))
		total += spend(k, "busy", 5)
	}
	if total != 40 {
		t.Errorf("in 40 seconds at 1 a second: %d passed", total)
	}
	spend(k, "idle", 10)
	for range 3 {
		c.Time = c.Add(3 * time.Second)
		k.Allow("other")
	}
	if got := spend(k, "idle", 10); got != 9 {
		t.Errorf("9 seconds after it was empty a bucket held %d", got)
	}
}

// TestMemoryIsBounded: however many keys come. Guard: the comparison with Keys/2.
func TestMemoryIsBounded(t *testing.T) {
	k, c := keyed(t, limit.Settings{PerSecond: 0.001, Burst: 1, Keys: 1000})
	for i := range 100_000 {
		k.Allow(strconv.Itoa(i))
		if size := k.Size(); size > 1000 {
			t.Fatalf("%d buckets after %d keys", size, i)
		}
	}
	c.Time = c.Add(3000 * time.Second)
	k.Allow("a")
	c.Time = c.Add(3000 * time.Second)
	k.Allow("a")
	if size := k.Size(); size != 1 {
		t.Errorf("%d buckets when all but one would be full", size)
	}
}

// TestBusyKeysStay: a flood of others does not fill the bucket of who keeps asking.
func TestBusyKeysStay(t *testing.T) {
	k, _ := keyed(t, limit.Settings{PerSecond: 0.001, Burst: 5, Keys: 128})
	passed := 0
	for i := range 10_000 {
		k.Allow("flood" + strconv.Itoa(i))
		if i%20 == 0 && k.Allow("busy") {
			passed++
		}
	}
	if passed != 5 {
		t.Errorf("%d passed, want the burst of 5", passed)
	}
}

// TestParallel: no token is given twice.
func TestParallel(t *testing.T) {
	k, _ := keyed(t, limit.Settings{PerSecond: 1, Burst: 100, Keys: 128})
	var passed atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { passed.Add(int64(spend(k, "a", 100))) })
	}
	all.Wait()
	if passed.Load() != 100 {
		t.Errorf("%d passed, want 100", passed.Load())
	}
}

// TestSettings: what is half set is refused.
func TestSettings(t *testing.T) {
	for _, s := range []limit.Settings{
		{},
		{PerSecond: 1, Burst: 1},
		{PerSecond: 1, Keys: 128},
		{Burst: 1, Keys: 128},
		{PerSecond: -1, Burst: 1, Keys: 128},
		{PerSecond: math.NaN(), Burst: 1, Keys: 128},
		{PerSecond: math.Inf(1), Burst: 1, Keys: 128},
		{PerSecond: 1, Burst: 1, Keys: 127},
	} {
		if _, err := limit.New(s, time.Now); err == nil {
			t.Errorf("%s was taken", fmt.Sprint(s))
		}
	}
	if _, err := limit.New(limit.Settings{PerSecond: 1, Burst: 1, Keys: 128}, nil); err == nil {
		t.Error("no clock was taken")
	}
	if _, err := limit.New(limit.Settings{PerSecond: 1e-300, Burst: 1, Keys: 128}, time.Now); err != nil {
		t.Errorf("a very slow limit: %v", err)
	}
}
