package jwt_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/jwt"
)

// TestUnknownKeys is T-C8 and C11: whoever makes up kids moves the issuer to one
// fetch in an interval, and holds up nobody whose key is known.
func TestUnknownKeys(t *testing.T) {
	s := newSigner(t)
	for id, test := range map[string]func(*scene){
		"at once":   testFlood,
		"over time": testTrickle,
	} {
		t.Run("T-C8/C11/"+id, func(t *testing.T) { play(t, s, keys(t, s.ecJWK()), test) })
	}
}

// testFlood sends 10,000 unknown kids while one fetch takes a second: they are
// one flight. As many as may wait are told with its end, the others at once that
// nobody can tell.
func testFlood(s *scene) {
	time.Sleep(minInterval)
	s.at.takes(time.Second)
	before, ann := len(s.at.times()), s.signer.lasting(s, ecKey)
	var flood sync.WaitGroup
	var refused, crowded atomic.Int64
	begun := time.Now()
	for i := range 10_000 {
		flood.Go(func() {
			_, basis, err := s.fetched.Keys(s.Context(), fmt.Sprint("made-up-", i), "ES256")
			switch waited := time.Since(begun); {
			case err == nil && waited == time.Second && basis.Until.Equal(begun.Add(minInterval)):
				refused.Add(1)
			case err != nil && !errors.Is(err, authz.ErrRejected) && waited == 0:
				crowded.Add(1)
			}
		})
	}
	synctest.Wait()
	if s.want(ann, known); time.Since(begun) != 0 {
		s.Errorf("a known key waited %v", time.Since(begun))
	}
	flood.Wait()
	if refused.Load() != 128 || crowded.Load() != 9_872 || len(s.at.times()) != before+1 {
		s.Errorf("%d ended with the flight and %d at once, after %d fetches", refused.Load(), crowded.Load(), len(s.at.times())-before)
	}
}

// testTrickle sends 10,000 unknown kids over 1,000 s, with a fetch that takes a
// tenth of an interval.
func testTrickle(s *scene) {
	s.at.takes(minInterval / 10)
	var flood sync.WaitGroup
	for i := range 10_000 {
		time.Sleep(100 * time.Millisecond)
		flood.Go(func() {
			if _, _, err := s.fetched.Keys(s.Context(), fmt.Sprint("made-up-", i), "ES256"); err != nil {
				s.Error(err)
			}
		})
		before := time.Now()
		if set, _, err := s.fetched.Keys(s.Context(), ecKey, "ES256"); err != nil || set.Len() != 1 || !time.Now().Equal(before) {
			s.Fatalf("a known key waited %v: %v", time.Since(before), err)
		}
	}
	flood.Wait()
	times := s.at.times()
	for i := 1; i < len(times); i++ {
		if apart := times[i].Sub(times[i-1]); apart < minInterval {
			s.Errorf("two fetches %v apart", apart)
		}
	}
	if n := len(times); n < 33 || n > 35 {
		s.Errorf("%d fetches in 1,000 s", n)
	}
}

// TestWaitEndsWithTheRequest: a request's own deadline comes first, and what it
// then knows is nothing. The fetch goes on for the others.
func TestWaitEndsWithTheRequest(t *testing.T) {
	s := newSigner(t)
	play(t, s, keys(t, s.ecJWK()), func(s *scene) {
		time.Sleep(minInterval)
		s.at.takes(time.Minute)
		begun := time.Now()
		ctx, cancel := context.WithTimeout(s.Context(), 150*time.Millisecond)
		defer cancel()
		_, _, err := ask(ctx, s.trusts, s.signer.lasting(s, "new"))
		if waited := time.Since(begun); endingOf(err) != cannotTell || !errors.Is(err, context.DeadlineExceeded) || waited != 150*time.Millisecond {
			s.Errorf("got %v after %v", err, waited)
		}
		s.want(s.signer.lasting(s, "new"), rejected)
		if waited := time.Since(begun); waited != time.Minute {
			s.Errorf("the fetch ended after %v", waited)
		}
	})
}

// TestIssuerDown is T-F5.
func TestIssuerDown(t *testing.T) {
	s := newSigner(t)
	for id, test := range map[string]func(*scene){
		"from the start": func(s *scene) {
			for range 5 {
				s.want(s.signer.lasting(s, ecKey), cannotTell)
				time.Sleep(minInterval)
			}
			s.at.now(keys(s, s.signer.ecJWK()))
			time.Sleep(minInterval)
			synctest.Wait()
			s.want(s.signer.lasting(s, ecKey), known)
		},
		"tries again in each interval": func(s *scene) {
			time.Sleep(10*minInterval - 1)
			for i, at := range s.at.times() {
				if want := s.at.times()[0].Add(time.Duration(i) * minInterval); !at.Equal(want) {
					s.Errorf("fetch %d began at %v, want %v", i, at, want)
				}
			}
			if n := len(s.at.times()); n != 10 {
				s.Errorf("%d fetches in 10 intervals", n)
			}
		},
	} {
		t.Run("T-F5/"+id, func(t *testing.T) { play(t, s, down, test) })
	}
	t.Run("T-F5/C11/later", func(t *testing.T) {
		play(t, s, keys(t, s.ecJWK()), func(s *scene) {
			loaded := s.at.times()[0]
			s.at.now(down)
			time.Sleep(maxAge - 1)
			basis := s.want(s.signer.lasting(s, ecKey), known)
			if !basis.Until.Equal(loaded.Add(maxAge)) {
				s.Errorf("what is known holds until %v, want %v", basis.Until, loaded.Add(maxAge))
			}
			s.want(s.signer.lasting(s, "unknown"), rejected)
			time.Sleep(time.Nanosecond)
			s.want(s.signer.lasting(s, ecKey), cannotTell)
			s.want(s.signer.lasting(s, "unknown"), cannotTell)
			s.at.now(keys(s, s.signer.ecJWK()))
			time.Sleep(minInterval)
			synctest.Wait()
			s.want(s.signer.lasting(s, ecKey), known)
		})
	})
}

// TestAheadOfTime: with no request at all keys are confirmed at each refresh,
// and after a failure in each interval until they are again.
func TestAheadOfTime(t *testing.T) {
	s := newSigner(t)
	play(t, s, keys(t, s.ecJWK()), func(s *scene) {
		time.Sleep(2*refresh + time.Second)
		s.at.now(down)
		time.Sleep(refresh + 2*minInterval)
		s.at.now(keys(s, s.signer.ecJWK()))
		time.Sleep(refresh + minInterval)
		var after []time.Duration
		for _, at := range s.at.times() {
			after = append(after, at.Sub(s.at.times()[0]))
		}
		want := []time.Duration{0, refresh, 2 * refresh, 3 * refresh, 3*refresh + minInterval, 3*refresh + 2*minInterval, 3*refresh + 3*minInterval, 4*refresh + 3*minInterval}
		if fmt.Sprint(after) != fmt.Sprint(want) {
			s.Errorf("fetches after %v, want %v", after, want)
		}
		got := s.fetched.Stats()
		if got.Keys != 1 || got.Problem != "" || got.Fetches != 8 || got.Failures != 3 || !got.Loaded.Equal(s.at.times()[7]) {
			s.Errorf("stats %+v", got)
		}
	})
}

// TestClockSetBack: what a clock does for an hour is forgotten a refresh later.
func TestClockSetBack(t *testing.T) {
	s := newSigner(t)
	synctest.Test(t, func(t *testing.T) {
		at := &endpoint{reply: keys(t, s.ecJWK())}
		conf := fetchSettings(at)
		var back atomic.Int64
		conf.Now = func() time.Time { return time.Now().Add(time.Duration(back.Load())) }
		start(t, conf).Ready(t.Context())
		back.Store(int64(-24 * time.Hour))
		time.Sleep(time.Hour + time.Second)
		back.Store(0)
		time.Sleep(refresh)
		if n := len(at.times()); n != 2 {
			t.Errorf("%d fetches", n)
		}
	})
}

// TestClose ends a fetch that hangs, and everything else.
func TestClose(t *testing.T) {
	s := newSigner(t)
	synctest.Test(t, func(t *testing.T) {
		at := &endpoint{reply: hang}
		logged := 0
		conf := fetchSettings(at)
		conf.Log = func(int, error) { logged++ }
		f := start(t, conf)
		synctest.Wait()
		done := make(chan struct{})
		go func() { f.Ready(t.Context()); close(done) }()
		synctest.Wait()
		f.Close()
		<-done
		f.Close()
		time.Sleep(time.Hour)
		if n := len(at.times()); n != 1 || logged != 0 {
			t.Errorf("%d fetches, %d logged", n, logged)
		}
	})
	play(t, s, keys(t, s.ecJWK()), func(s *scene) {
		s.fetched.Close()
		time.Sleep(minInterval)
		s.want(s.signer.lasting(s, ecKey), known)
		s.want(s.signer.lasting(s, "unknown"), rejected)
		if n := len(s.at.times()); n != 1 {
			s.Errorf("%d fetches", n)
		}
	})
}

// TestCloseWaits: behind Close nothing runs any more.
func TestCloseWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, fetchSettings(fetch(func(ctx context.Context, _ string) ([]byte, error) {
			<-ctx.Done()
			time.Sleep(time.Second)
			return nil, ctx.Err()
		})))
		synctest.Wait()
		begun := time.Now()
		if f.Close(); time.Since(begun) != time.Second {
			t.Errorf("closed after %v, with a fetch under way", time.Since(begun))
		}
	})
}

// TestKeysGrowOldMeanwhile: who waits for a fetch that comes too late for the
// keys in use is told that nobody knows.
func TestKeysGrowOldMeanwhile(t *testing.T) {
	s := newSigner(t)
	play(t, s, keys(t, s.ecJWK()), func(s *scene) {
		s.at.now(down)
		time.Sleep(maxAge - minInterval - time.Second)
		s.at.takes(2 * minInterval)
		time.Sleep(2 * time.Second)
		s.want(s.signer.lasting(s, ecKey), known)
		s.want(s.signer.lasting(s, "unknown"), cannotTell)
	})
}

// TestReadyEndsWithTheContext: a start does not hang with an issuer that does.
func TestReadyEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, fetchSettings(fetch(hang)))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		if f.Ready(ctx); time.Since(begun) != time.Second {
			t.Errorf("waited %v", time.Since(begun))
		}
	})
}

// TestLog tells of each fetch, and how many keys it brought.
func TestLog(t *testing.T) {
	s := newSigner(t)
	synctest.Test(t, func(t *testing.T) {
		at := &endpoint{reply: keys(t, s.ecJWK(), s.edJWK())}
		var lines []string
		conf := fetchSettings(at)
		conf.Log = func(installed int, err error) { lines = append(lines, fmt.Sprint(installed, " ", err)) }
		start(t, conf)
		time.Sleep(refresh - 1)
		at.now(down)
		time.Sleep(2 * time.Nanosecond)
		synctest.Wait()
		if want := []string{"2 <nil>", "0 fetch keys: connection refused"}; fmt.Sprint(lines) != fmt.Sprint(want) {
			t.Errorf("got %q, want %q", lines, want)
		}
	})
}

// TestHalfSetFetching: what cannot be fetched, or not often enough, does not start.
func TestHalfSetFetching(t *testing.T) {
	for name, change := range map[string]func(*jwt.FetchSettings){
		"no issuer":                func(s *jwt.FetchSettings) { s.Issuer = "" },
		"no place":                 func(s *jwt.FetchSettings) { s.URL = "" },
		"two places":               func(s *jwt.FetchSettings) { s.Discovery = true },
		"no fetcher":               func(s *jwt.FetchSettings) { s.Fetcher = nil },
		"no clock":                 func(s *jwt.FetchSettings) { s.Now = nil },
		"no changes":               func(s *jwt.FetchSettings) { s.Changes = nil },
		"no interval":              func(s *jwt.FetchSettings) { s.MinInterval = 0 },
		"refresh below interval":   func(s *jwt.FetchSettings) { s.Refresh = minInterval - 1 },
		"age below refresh":        func(s *jwt.FetchSettings) { s.MaxAge = refresh - 1 },
		"discovery of no URL":      func(s *jwt.FetchSettings) { s.URL, s.Discovery, s.Issuer = "", true, "acme" },
		"discovery with a query":   func(s *jwt.FetchSettings) { s.URL, s.Discovery, s.Issuer = "", true, issuer+"?a=b" },
		"discovery with a user":    func(s *jwt.FetchSettings) { s.URL, s.Discovery, s.Issuer = "", true, "https://u@id.example.com" },
		"discovery, fragment":      func(s *jwt.FetchSettings) { s.URL, s.Discovery, s.Issuer = "", true, issuer+"#a" },
		"discovery, not parseable": func(s *jwt.FetchSettings) { s.URL, s.Discovery, s.Issuer = "", true, "https://a b/%" },
	} {
		conf := fetchSettings(fetch(down))
		conf.Changes = &authz.Changes{}
		change(&conf)
		if f, err := jwt.NewFetched(conf); err == nil {
			t.Errorf("%s: taken", name)
			f.Close()
		}
	}
}
