package storetest

import (
	"errors"
	"slices"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

func ofToken(t authz.Token) authz.Holder { return authz.Holder{Token: t.ID} }

func ofPrincipal(p authz.Principal) authz.Holder { return authz.Holder{Kind: p.Kind, Name: p.Name} }

// renewal is one of a verifier as the suite makes them.
func renewal(h authz.Holder, old string) authz.RenewVerifier {
	return authz.RenewVerifier{Holder: h, Old: old, New: old + " anew"}
}

// checkRenewal wants nothing to turn but the verifier, and that only where it is the
// one that was proven.
func checkRenewal(s *scene) {
	token, other := s.mint(fullToken("1", s.now().Add(time.Hour))), s.mint(minting("2"))
	ada, namesake := s.put(withPassword(authz.User, "ada")), s.put(withPassword(authz.Machine, "ada"))
	first, second := renewal(ofToken(token), token.Verifier), renewal(ofPrincipal(ada), ada.Verifier)
	for _, c := range []authz.RenewVerifier{first, second} {
		s.same("what a renewal touches", s.apply(c).Touched, []authz.Touch(nil))
		s.idle(c)
	}
	token.Verifier, ada.Verifier = first.New, second.New
	s.same("token with a new verifier", s.token(token.Ref), token)
	s.same("principal with a new verifier", s.principal(authz.User, "ada"), ada)
	s.same("other token", s.token(other.Ref), other)
	s.same("namesake", s.principal(authz.Machine, "ada"), namesake)

	changed := namesake
	changed.Verifier = proof + " of another password"
	s.put(changed)
	byToken := s.put(person(authz.Client, "bob"))
	for _, c := range []authz.RenewVerifier{
		renewal(ofPrincipal(namesake), namesake.Verifier),
		renewal(ofToken(other), token.Verifier),
		renewal(ofPrincipal(byToken), ada.Verifier),
		renewal(authz.Holder{Token: "nobody"}, token.Verifier),
		renewal(authz.Holder{Kind: authz.User, Name: "nobody"}, ada.Verifier),
		renewal(authz.Holder{Kind: authz.Administrator, Name: "ada"}, ada.Verifier),
	} {
		s.refuse(c, authz.ErrNotFound)
	}
	s.same("password that was changed meanwhile", s.principal(authz.Machine, "ada"), changed)
	s.same("other token after refusals", s.token(other.Ref), other)
	s.same("principal who has no password", s.principal(authz.Client, "bob"), byToken)

	revoked := s.apply(authz.RevokeToken{ID: other.ID, Reason: "lost"}).Token
	s.apply(renewal(ofToken(other), other.Verifier))
	revoked.Verifier += " anew"
	s.same("revoked token with a new verifier", s.token(other.Ref), revoked)
}

func checkVerifiers(s *scene) {
	s.verifiers(nil)
	brief := minting("brief")
	brief.Token.Expires = s.now().Add(time.Minute)
	live, expired, revoked := s.mint(minting("live")), s.mint(brief), s.mint(minting("revoked"))
	ada := s.put(withPassword(authz.User, "ada"))
	owner := s.put(person(authz.Machine, "owner"))
	owned := s.mintFor(owner.ID, "owned")
	s.verifiers([]string{live.Verifier, expired.Verifier, revoked.Verifier, ada.Verifier, owned.Verifier})
	owner.Disabled, ada.Disabled = true, true
	s.put(owner)
	s.put(ada)
	s.apply(authz.RevokeToken{ID: revoked.ID})
	s.pass(time.Minute)
	s.apply(renewal(ofToken(live), live.Verifier))
	s.verifiers([]string{live.Verifier + " anew", ada.Verifier, owned.Verifier})

	count := 0
	err := s.Verifiers(s.Context(), func(string) error { count++; return errCouldNotTell })
	if !errors.Is(err, errCouldNotTell) || count != 1 {
		s.Errorf("verifiers for who breaks off: got %v after %d", err, count)
	}
	s.wantError("verifiers", s.Verifiers(s.ended(), func(string) error { return nil }), nil)
}

// verifiers wants these and no other ones.
func (s *scene) verifiers(want []string) {
	s.Helper()
	var got []string
	if err := s.Verifiers(s.Context(), func(verifier string) error { got = append(got, verifier); return nil }); err != nil {
		s.Fatalf("verifiers: %v", err)
	}
	slices.Sort(got)
	slices.Sort(want)
	s.same("verifiers", got, want)
}
