package cache_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport-authz/sallyport/cache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func digest(bytes ...byte) cache.Digest {
	var d cache.Digest
	copy(d[:], bytes)
	return d
}

func store(t *testing.T) *cache.Store[string] {
	t.Helper()
	s, err := cache.New[string](1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestStore(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	far := digest(1)
	far[31] = 1 // shares the place that ristretto looks at
	for _, test := range []struct {
		name   string
		digest cache.Digest
		at     time.Duration
		want   string
		found  bool
	}{
		{"same digest", digest(1), time.Second, "first", true},
		{"another digest", digest(2), time.Second, "", false},
		// Guard: the comparison of the whole digest in Get.
		{"digest that differs in its last byte only", far, time.Second, "", false},
		{"last moment", digest(1), time.Minute - 1, "first", true},
		// Guard: the comparison with the entry's own expiry in Get.
		{"moment of expiry", digest(1), time.Minute, "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := store(t)
			s.Put(digest(1), cache.Item[string]{"first", 5, start.Add(time.Minute)}, start)
			s.Wait()
			got, found := s.Get(test.digest, start.Add(test.at))
			if got != test.want || found != test.found {
				t.Errorf("got %q, %v, want %q, %v", got, found, test.want, test.found)
			}
		})
	}
}

func TestPutReplacesAnOlderValue(t *testing.T) {
	t.Parallel()
	s, now := store(t), time.Now()
	s.Put(digest(1), cache.Item[string]{"first", 5, now.Add(time.Minute)}, now)
	s.Wait()
	s.Put(digest(1), cache.Item[string]{"second", 6, now.Add(time.Minute)}, now)
	s.Wait()
	if got, _ := s.Get(digest(1), now); got != "second" {
		t.Errorf("got %q, want %q", got, "second")
	}
}

func TestReadingDoesNotLengthenLife(t *testing.T) {
	t.Parallel()
	s, now := store(t), time.Now()
	s.Put(digest(1), cache.Item[string]{"value", 5, now.Add(time.Second)}, now)
	s.Wait()
	for range 100 {
		s.Get(digest(1), now.Add(999*time.Millisecond))
	}
	if _, found := s.Get(digest(1), now.Add(time.Second)); found {
		t.Error("found after its expiry")
	}
}

func TestWhatIsExpiredIsNotStored(t *testing.T) {
	t.Parallel()
	s, now := store(t), time.Now()
	s.Put(digest(1), cache.Item[string]{"value", 5, now}, now)
	s.Wait()
	if got := s.Stats(); got.Stored != 0 || got.Bytes != 0 {
		t.Errorf("got %+v, want nothing stored", got)
	}
}

func TestStoreStaysWithinItsBytes(t *testing.T) {
	t.Parallel()
	s, now := store(t), time.Now()
	for i := range 20_000 {
		s.Put(digest(byte(i), byte(i>>8), byte(i>>16), 7), cache.Item[string]{"value", 150, now.Add(time.Minute)}, now)
	}
	s.Wait()
	got := s.Stats()
	if got.Bytes > got.Capacity || got.Bytes == 0 {
		t.Errorf("got %d bytes, want between 1 and %d", got.Bytes, got.Capacity)
	}
}

func TestStatsTellMissesApart(t *testing.T) {
	t.Parallel()
	s, now := store(t), time.Now()
	s.Put(digest(1), cache.Item[string]{"value", 5, now.Add(time.Second)}, now)
	s.Wait()
	s.Get(digest(1), now)
	s.Get(digest(2), now)
	s.Get(digest(1), now.Add(time.Second))
	got := s.Stats()
	if got.Hits != 1 || got.Absent != 1 || got.Expired != 1 || got.Stored != 1 {
		t.Errorf("got %+v, want one hit, one absent, one expired, one stored", got)
	}
}

func TestCapacityTooSmallIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := cache.New[string](1<<20 - 1); err == nil {
		t.Error("got no error for a capacity below 1 MiB")
	}
}

func BenchmarkGet(b *testing.B) {
	s, err := cache.New[string](64 << 20)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	now := time.Now()
	s.Put(digest(1), cache.Item[string]{"value", 5, now.Add(time.Hour)}, now)
	s.Wait()
	b.ReportAllocs()
	for b.Loop() {
		if _, found := s.Get(digest(1), now); !found {
			b.Fatal("lost")
		}
	}
}
