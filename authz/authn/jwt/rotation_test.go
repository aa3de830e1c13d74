package jwt_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/jwt"
)

// remembered is a finding as a cache keeps it: with the tick of before.
type remembered struct {
	tick  uint64
	basis authz.Basis
}

func (s *scene) remember(token string, want ending) remembered {
	s.Helper()
	tick := s.changes.Tick()
	return remembered{tick, s.want(token, want)}
}

// dead reports whether a cache drops it.
func (r remembered) dead(s *scene) bool {
	return s.changes.Since(r.tick, r.basis.Stripes) || !r.basis.Until.IsZero() && !time.Now().Before(r.basis.Until)
}

// next is the kid that follows ecKey.
const next = "ec-2"

// next is a signer's EC key under it.
func (s *signer) next() object { return with(s.ecJWK(), "kid", next) }

// TestRotation is T-C10 and C11.
func TestRotation(t *testing.T) {
	s := newSigner(t)
	first, second := s.ecJWK(), newSigner(t)
	for id, test := range map[string]func(*scene){
		"overlap":                  func(s *scene) { testOverlap(s, second) },
		"withdrawn":                func(s *scene) { testWithdrawn(s, second) },
		"replaced under its kid":   func(s *scene) { testReplaced(s, second) },
		"for another alg":          testOtherAlg,
		"denied before":            func(s *scene) { testDeniedBefore(s, second) },
		"a denial ends by itself":  testDenialEnds,
		"the same set, other text": testSameSet,
	} {
		t.Run("T-C10/C11/"+id, func(t *testing.T) { play(t, s, keys(t, first), test) })
	}
}

// TestAnnouncedFirst: a change is announced before it is logged, and logged before
// whoever waited for the fetch is told: by then a withdrawn key's verdicts are dead.
func TestAnnouncedFirst(t *testing.T) {
	s, second := newSigner(t), newSigner(t)
	synctest.Test(t, func(t *testing.T) {
		at := &endpoint{reply: keys(t, s.ecJWK())}
		conf := fetchSettings(at)
		withdrawn := []authz.Stripe{keyStripe(issuer+" "+jwksURL, ecKey)}
		var logged []bool
		conf.Log = func(int, error) {
			time.Sleep(time.Second)
			logged = append(logged, conf.Changes.Since(1, withdrawn))
		}
		fetched := start(t, conf)
		fetched.Ready(t.Context())
		at.now(keys(t, second.next()))
		time.Sleep(minInterval)
		begun := time.Now()
		if _, _, err := ask(t.Context(), clocked(t, fetched), second.lasting(t, next)); err != nil || time.Since(begun) != time.Second {
			t.Errorf("told after %v: %v", time.Since(begun), err)
		}
		if len(logged) != 2 || logged[0] || !logged[1] {
			t.Errorf("announced when logged: %v", logged)
		}
	})
}

// testOverlap publishes K2 beside K1: at no time is either unusable.
func testOverlap(s *scene, second *signer) {
	time.Sleep(minInterval)
	s.at.now(keys(s, s.signer.ecJWK(), second.next()))
	old := s.remember(s.signer.lasting(s, ecKey), known)
	s.want(second.lasting(s, next), known)
	s.want(s.signer.lasting(s, ecKey), known)
	if old.dead(s) {
		s.Error("a new key ended what rests on the old one")
	}
}

// testWithdrawn is found at the refresh, and what is remembered dies with it. So
// does what a token without kid found: the key was the only one for its alg.
func testWithdrawn(s *scene, second *signer) {
	nameless := s.signer.token(s, object{"alg": "ES256"}, with(with(good(), "exp", int64(4e9)), "iat", nil))
	old, without := s.remember(s.signer.lasting(s, ecKey), known), s.remember(nameless, known)
	s.at.now(keys(s, second.next()))
	time.Sleep(refresh + time.Second)
	if !old.dead(s) || !without.dead(s) {
		s.Errorf("dead: %t with kid, %t without", old.dead(s), without.dead(s))
	}
	s.want(s.signer.lasting(s, ecKey), rejected)
	s.want(nameless, rejected)
	s.want(second.lasting(s, next), known)
}

// testReplaced gives a kid to another key: the same name is no same key.
func testReplaced(s *scene, second *signer) {
	old, forged := s.remember(s.signer.lasting(s, ecKey), known), s.remember(second.lasting(s, ecKey), rejected)
	s.at.now(keys(s, second.ecJWK()))
	time.Sleep(refresh + time.Second)
	if !old.dead(s) || !forged.dead(s) {
		s.Errorf("dead: %t of the old key, %t of the new", old.dead(s), forged.dead(s))
	}
	s.want(s.signer.lasting(s, ecKey), rejected)
	s.want(second.lasting(s, ecKey), known)
}

// testOtherAlg gives a key to another algorithm, under its kid: tokens of the old
// one are no longer its own.
func testOtherAlg(s *scene) {
	s.at.now(keys(s, s.signer.rsaJWK()))
	time.Sleep(refresh + time.Second)
	forever := with(with(good(), "exp", int64(4e9)), "iat", nil)
	token := s.signer.token(s, object{"alg": "RS256", "kid": rsaKey}, forever)
	old := s.remember(token, known)
	s.at.now(keys(s, with(s.signer.rsaJWK(), "alg", "PS256")))
	time.Sleep(refresh)
	if !s.changes.Since(old.tick, old.basis.Stripes) {
		s.Error("the change was not announced")
	}
	s.want(token, rejected)
	s.want(s.signer.token(s, object{"alg": "PS256", "kid": rsaKey}, forever), known)
}

// testDeniedBefore: a denial for a kid that comes later ends with its coming,
// whoever's fetch finds it.
func testDeniedBefore(s *scene, second *signer) {
	token := second.lasting(s, next)
	denial, other := s.remember(token, rejected), s.remember(s.signer.lasting(s, ecKey), known)
	s.at.now(keys(s, s.signer.ecJWK(), second.next()))
	time.Sleep(minInterval)
	s.want(second.lasting(s, "ec-3"), rejected)
	if !s.changes.Since(denial.tick, denial.basis.Stripes) || other.dead(s) {
		s.Error("the new key ended nothing, or everything")
	}
	s.want(token, known)
}

// testDenialEnds: a denial for want of a key is worth remembering until a fetch
// may begin again, and not longer.
func testDenialEnds(s *scene) {
	first := s.at.times()[0]
	time.Sleep(minInterval / 3)
	unknown := s.signer.lasting(s, "unknown")
	if basis := s.want(unknown, rejected); !basis.Lasting || !basis.Until.Equal(first.Add(minInterval)) || len(basis.Stripes) != 1 || basis.Stripes[0] != keyStripe(s.fetched.Name(), "unknown") {
		s.Errorf("got %+v, want until %v", basis, first.Add(minInterval))
	}
	s.at.takes(time.Second)
	time.Sleep(minInterval)
	begun := time.Now()
	if basis := s.want(unknown, rejected); !basis.Until.Equal(begun.Add(minInterval)) || time.Since(begun) != time.Second {
		s.Errorf("got %+v, want until %v", basis, begun.Add(minInterval))
	}
	forged := newSigner(s).lasting(s, ecKey)
	if basis := s.want(forged, rejected); !basis.Until.Equal(begun.Add(maxAge)) {
		s.Errorf("a bad signature: got %+v, want until the keys are too old", basis)
	}
	expired := s.signer.token(s, es256(), with(good(), "exp", 1))
	if basis := s.want(expired, rejected); !basis.Until.Equal(begun.Add(maxAge)) {
		s.Errorf("an expired token: got %+v, want until the keys are too old", basis)
	}
}

// testSameSet: what a refresh confirms ends nothing that is remembered.
func testSameSet(s *scene) {
	old := s.remember(s.signer.lasting(s, ecKey), known)
	s.at.now(keys(s, object{"kty": "unknown", "kid": "z"}, with(s.signer.ecJWK(), "x5t", "AA")))
	time.Sleep(refresh + time.Second)
	if tick := s.changes.Tick(); tick != old.tick {
		s.Errorf("tick %d, was %d", tick, old.tick)
	}
}

// TestKeysOutliveSettings: keys of the same issuer and place go over to who
// follows, with their age, while the issuer is down; no others do.
func TestKeysOutliveSettings(t *testing.T) {
	s := newSigner(t)
	for name, row := range map[string]struct {
		change func(*jwt.FetchSettings)
		want   ending
	}{
		"other intervals": {func(s *jwt.FetchSettings) { s.Refresh, s.MinInterval, s.MaxAge = 10*time.Second, time.Second, 2*maxAge }, known},
		"a lower age":     {func(s *jwt.FetchSettings) { s.Refresh, s.MaxAge = refresh-time.Second, refresh }, cannotTell},
		"another place":   {func(s *jwt.FetchSettings) { s.URL += "/2" }, cannotTell},
		"another issuer":  {func(s *jwt.FetchSettings) { s.Issuer += "/2" }, cannotTell},
		"discovered":      {func(s *jwt.FetchSettings) { s.URL, s.Discovery = "", true }, cannotTell},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, s, keys(t, s.ecJWK()), func(s *scene) {
				s.at.now(down)
				time.Sleep(refresh + time.Second)
				conf := fetchSettings(s.at)
				conf.Last, conf.Changes = s.fetched, s.changes
				row.change(&conf)
				follower := start(s, conf)
				s.fetched.Close()
				follower.Ready(s.Context())
				loaded := s.at.times()[0]
				if got := follower.Stats().Loaded; row.want == known && !got.Equal(loaded) {
					s.Errorf("loaded %v, want %v", got, loaded)
				}
				after := &scene{s.T, s.signer, s.at, s.changes, follower, clocked(s, follower)}
				after.want(s.signer.lasting(s, ecKey), row.want)
				if row.want == known {
					testSeededKeysGo(after, loaded.Add(conf.MaxAge))
				}
			})
		})
	}
}

// testSeededKeysGo: keys that came from the last source are withdrawn, and grow
// too old, like fetched ones.
func testSeededKeysGo(s *scene, end time.Time) {
	old := s.remember(s.signer.lasting(s, ecKey), known)
	if !old.basis.Until.Equal(end) {
		s.Errorf("until %v, want %v", old.basis.Until, end)
	}
	time.Sleep(time.Until(end))
	s.want(s.signer.lasting(s, ecKey), cannotTell)
	s.at.now(keys(s, s.signer.next()))
	time.Sleep(time.Minute)
	synctest.Wait()
	if !s.changes.Since(old.tick, old.basis.Stripes) {
		s.Error("the withdrawn key was not announced")
	}
}
