package verifier_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/verifier"
)

// hashTime is how long a slow hash takes in these tests, by a clock that stands
// still while anybody works.
const hashTime = 100 * time.Millisecond

func slow(t testing.TB, s verifier.Settings) *verifier.Verifier {
	t.Helper()
	v := made(t, s)
	v.Hashing(func() { time.Sleep(hashTime) })
	return v
}

// within makes an attempt that may wait so long, and tells how it ended.
func within(t testing.TB, v *verifier.Verifier, limit time.Duration, a authz.Attempt) (bool, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	proof, err := v.Verify(ctx, a)
	if err != nil && proof != (authz.Proof{}) {
		t.Errorf("got %v beside %v", proof, err)
	}
	return proof.OK, err
}

// TestRemembered: a success costs one hash, whoever asks again; another secret,
// another text and another account of it are other facts. Guard: memory.knows.
func TestRemembered(t *testing.T) {
	s := settings(t)
	address := &budget{left: 4}
	s.ByAddress = address
	v := made(t, s)
	text, other := password(t, v, "right"), password(t, v, "right")
	start := v.Counters().Runs
	for _, c := range []struct {
		name string
		a    authz.Attempt
		ok   bool
		runs uint64
	}{
		{"first", attempt(text, "a", "right"), true, 1},
		{"again", attempt(text, "a", "right"), true, 1},
		{"from elsewhere", authz.Attempt{Verifier: text, Account: "a", Secret: authz.NewSecret("right"), Address: "198.51.100.1"}, true, 1},
		{"wrong", attempt(text, "a", "wrong"), false, 2},
		{"the row was changed", attempt(other, "a", "right"), true, 3},
		{"another account", attempt(text, "b", "right"), true, 4},
		{"again, beyond every limit", attempt(text, "a", "right"), true, 4},
	} {
		if ok := verify(t, v, c.a); ok != c.ok || v.Counters().Runs-start != c.runs {
			t.Errorf("%s: %v after %d runs, want %v after %d", c.name, ok, v.Counters().Runs-start, c.ok, c.runs)
		}
	}
	if c := v.Counters(); c.Remembered != 3 || c.Known != 3 || c.Pending != 0 {
		t.Errorf("counters %+v", c)
	}
	if _, err := v.Verify(t.Context(), attempt(text, "a", "other")); !errors.Is(err, authz.ErrThrottled) {
		t.Errorf("beyond the limit: %v", err)
	}
}

// TestWrongIsNotRemembered: a secret that did not fit is hashed again.
func TestWrongIsNotRemembered(t *testing.T) {
	v := made(t, settings(t))
	text := password(t, v, "right")
	start := v.Counters().Runs
	for range 3 {
		verify(t, v, attempt(text, "a", "wrong"))
	}
	if got := v.Counters(); got.Runs-start != 3 || got.Known != 0 {
		t.Errorf("counters %+v", got)
	}
}

// TestLimits: the limits are asked with the network, then with the account, by
// those who need a hash; fast texts ask nobody. Guards: the two of Verifier.admit.
func TestLimits(t *testing.T) {
	s := settings(t)
	address, account := &budget{left: 2}, &budget{left: 1}
	s.ByAddress, s.ByAccount = address, account
	v := made(t, s)
	text := password(t, v, "right")
	if !verify(t, v, attempt(text, "alice", "right")) {
		t.Fatal("the first attempt was refused")
	}
	for _, account := range []string{"alice", "nobody"} {
		if ok, err := within(t, v, time.Minute, attempt("", account, "wrong")); ok || !errors.Is(err, authz.ErrThrottled) {
			t.Errorf("%s: got %v, %v", account, ok, err)
		}
	}
	for range 100 {
		sealed := v.Seal(authz.NewSecret("token"))
		if !verify(t, v, attempt(sealed, "alice", "token")) || !verify(t, v, attempt(text, "alice", "right")) {
			t.Fatal("a fast or remembered one was held back")
		}
	}
	if got := strings.Join(address.keys, " "); got != "192.0.2.1 192.0.2.1 192.0.2.1" {
		t.Errorf("addresses asked: %s", got)
	}
	if got := strings.Join(account.keys, " "); got != "alice alice" {
		t.Errorf("accounts asked: %s", got)
	}
	if c := v.Counters(); c.Throttled != 2 || c.Runs != 2 {
		t.Errorf("counters %+v", c)
	}
}

// TestFlightOutlivesItsRequest: a request that may wait for less than the hash takes
// is told that nobody knows, and the next one passes without a hash of its own.
func TestFlightOutlivesItsRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := slow(t, settings(t))
		text := password(t, v, "right")
		ok, err := within(t, v, hashTime/2, attempt(text, "a", "right"))
		if ok || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, authz.ErrThrottled) {
			t.Errorf("got %v, %v", ok, err)
		}
		time.Sleep(hashTime)
		if ok, err := within(t, v, time.Nanosecond, attempt(text, "a", "right")); !ok || err != nil {
			t.Errorf("a second later: %v, %v", ok, err)
		}
		if c := v.Counters(); c.Runs != 2 || c.Late != 1 || c.Remembered != 1 {
			t.Errorf("counters %+v", c)
		}
	})
}

// TestJoined: equal attempts share one hash and its answer, right or wrong, and the
// limits are asked once. Guard: the flights of Verifier.board.
func TestJoined(t *testing.T) {
	for _, secret := range []string{"right", "wrong"} {
		synctest.Test(t, func(t *testing.T) {
			s := settings(t)
			s.ByAddress, s.ByAccount = &budget{left: 1}, &budget{left: 1}
			v := slow(t, s)
			text := password(t, v, "right")
			var all sync.WaitGroup
			for range 50 {
				all.Go(func() {
					if ok := verify(t, v, attempt(text, "a", secret)); ok != (secret == "right") {
						t.Errorf("%s: got %v", secret, ok)
					}
				})
			}
			all.Wait()
			if c := v.Counters(); c.Runs != 2 || c.Joined != 49 {
				t.Errorf("counters %+v", c)
			}
		})
	}
}

// TestPool: 200 tokens that come back at once keep one worker busy and no more;
// those beyond the queue are told at once, spend nothing and are let in later.
// Guards: the length of admit; the workers of fly.
func TestPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := settings(t)
		address := endless()
		s.Queue, s.ByAddress = 20, address
		v := made(t, s)
		var mu sync.Mutex
		running, most := 0, 0
		v.Hashing(func() {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			time.Sleep(hashTime)
			mu.Lock()
			running--
			mu.Unlock()
		})
		texts := make([]string, 200)
		for i := range texts {
			texts[i] = password(t, v, strconv.Itoa(i))
		}
		start := time.Now()
		rounds := 0
		for left := len(texts); left > 0; rounds++ {
			left = comeBack(t, v, texts)
			if rounds == 0 && left != 200 {
				t.Fatalf("%d were let in at once", 200-left)
			}
		}
		if most != 1 {
			t.Errorf("%d hashes at once, want 1", most)
		}
		if took := time.Since(start); took > 200*hashTime+time.Duration(rounds)*time.Second {
			t.Errorf("all were in after %v", took)
		}
		if c := v.Counters(); c.Runs != 400 || c.Known != 200 || c.Refused < 179 || len(address.keys) != 200 {
			t.Errorf("counters %+v, %d asked for the limit", c, len(address.keys))
		}
	})
}

// comeBack lets all tokens come at once, gives those that were not let in a second,
// and tells how many these are.
func comeBack(t *testing.T, v *verifier.Verifier, texts []string) int {
	t.Helper()
	var all sync.WaitGroup
	var mu sync.Mutex
	left := 0
	for i, text := range texts {
		all.Go(func() {
			ok, err := within(t, v, hashTime/2, attempt(text, strconv.Itoa(i), strconv.Itoa(i)))
			switch {
			case ok:
				return
			case !errors.Is(err, verifier.ErrFull) && !errors.Is(err, context.DeadlineExceeded):
				t.Errorf("token %d: %v", i, err)
			}
			mu.Lock()
			left++
			mu.Unlock()
		})
	}
	all.Wait()
	time.Sleep(time.Second)
	return left
}

// TestOldestFirst: whoever waits longest is next.
func TestOldestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := slow(t, settings(t))
		text := password(t, v, "right")
		begun := time.Now()
		var all sync.WaitGroup
		for i := range 5 {
			all.Go(func() {
				verify(t, v, attempt(text, strconv.Itoa(i), "wrong"))
				if got, want := time.Since(begun), time.Duration(i+1)*hashTime; got != want {
					t.Errorf("%d was answered after %v, want %v", i, got, want)
				}
			})
			synctest.Wait()
		}
		all.Wait()
	})
}

// TestEndedContext: who cannot wait spends nothing. Guard: the first of slowly.
func TestEndedContext(t *testing.T) {
	s := settings(t)
	address := endless()
	s.ByAddress = address
	v := made(t, s)
	text := password(t, v, "right")
	ended, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("gone")
	cancel(cause)
	if proof, err := v.Verify(ended, attempt(text, "a", "right")); proof.OK || !errors.Is(err, cause) {
		t.Errorf("got %v, %v", proof, err)
	}
	if len(address.keys) != 0 || v.Counters().Runs != 1 {
		t.Error("an ended request was hashed for")
	}
}

// TestPasswordWaits: making a text takes its turn, and ends with its context.
func TestPasswordWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := slow(t, settings(t))
		text := password(t, v, "right")
		go func() { _, _ = v.Verify(t.Context(), attempt(text, "a", "right")) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), hashTime/2)
		defer cancel()
		if got, err := v.Password(ctx, authz.NewSecret("new")); got != "" || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("while all workers are busy: %q, %v", got, err)
		}
		time.Sleep(hashTime)
	})
}

// TestPanics: a hash that panics is "could not tell", is not remembered, and gives
// its worker back. Guard: the recover of Verifier.run.
func TestPanics(t *testing.T) {
	v := made(t, settings(t))
	text := password(t, v, "right")
	v.Hashing(func() { panic("hunter2") })
	for range 2 {
		proof, err := v.Verify(t.Context(), attempt(text, "a", "right"))
		if err == nil || proof.OK {
			t.Fatalf("got %v, %v", proof, err)
		}
		holdsNone(t, err.Error(), "hunter2")
	}
	v.Hashing(func() {})
	if !verify(t, v, attempt(text, "a", "right")) {
		t.Error("the right one was refused afterwards")
	}
}
