package basic_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
)

func TestContract(t *testing.T) {
	all := func(pairs ...string) []string {
		for i, pair := range pairs {
			pairs[i] = encode(pair)
		}
		return pairs
	}
	authntest.Run(t, authntest.Suite{
		New: func(t testing.TB) authntest.Subject {
			t.Helper()
			a := newScene(t)
			return authntest.Subject{Traits: a.Traits(), Authenticator: a}
		},
		Present: authntest.ByHeader("authorization", "Basic"),
		Valid:   all("admin:s3cret", "svc1:pw1:with:colons", "café:pässwörd"),
		Rejected: all("admin:wrong", "admin:machine's", "nobody:s3cret", "disabled:pw3", "unset:anything",
			"bearer:mu_machine1_secret", "ada:user's", "Admin:s3cret"),
		Malformed:   append(all("no colon", ":s3cret", "admin:", "admin:s3\x00cret", "ad\xffmin:s3cret", strings.Repeat("p", 800)+":s"), "", "admin:s3cret", "YWRtaW46czNjcmV0=", "YWRtaW46 czNjcmV0"),
		Unavailable: all("down:s3cret", "svc1:overload", "nobody:overload", "SVC1:pw1", "odd:pw1", "half:pw1"),
	})
}

// TestSecretsNeverShow: what the suite searches for is the header's value; this is
// the password itself.
func TestSecretsNeverShow(t *testing.T) {
	s := newScene(t)
	for _, userPass := range []string{"admin:guessed-wrong", "nobody:guessed-wrong", "bearer:guessed-wrong", "guessed-wrong", "x:guessed-wrong\x01"} {
		credential, err := s.Extract(carrying("Basic " + encode(userPass)))
		if strings.Contains(fmt.Sprintf("%+v %v", credential, err), "guessed-wrong") {
			t.Errorf("Extract shows %q", userPass)
		}
		if _, _, err := s.ask(t, "Basic "+encode(userPass)); err == nil || strings.Contains(err.Error(), "guessed-wrong") {
			t.Errorf("%q: got %v", userPass, err)
		}
	}
}

// TestEndings: whoever is refused has cost one lookup of each kind and one hash, and
// the operator reads why. Guards: find's continue behind the one that was found, the
// cases of refusal, finding.verifier.
func TestEndings(t *testing.T) {
	for _, test := range []struct {
		name, userPass string
		want           error
		cause          string
	}{
		{"good", "svc1:pw1:with:colons", nil, ""},
		{"wrong", "svc1:pw2", authz.ErrRejected, `not the password of machine "m1"`},
		{"the first kind decides", "admin:machine's", authz.ErrRejected, `not the password of administrator "a1"`},
		{"unknown", "nobody:s3cret", authz.ErrRejected, "nobody has this name"},
		{"of a kind that is not asked for", "ada:user's", authz.ErrRejected, "nobody has this name"},
		{"disabled", "disabled:pw3", authz.ErrRejected, `machine "m3" is disabled`},
		{"no password yet", "unset:anything", authz.ErrRejected, `machine "m4" has no password yet`},
		{"a token as password", "bearer:mu_machine1_secret", authz.ErrRejected, `machine "m5" has no password but a token`},
		{"too many attempts, known", "svc1:too-many", authz.ErrThrottled, "too many"},
		{"too many attempts, unknown", "nobody:too-many", authz.ErrThrottled, "too many"},
		{"nobody can tell", "nobody:overload", errDown, "verify a password"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			caller, basis, err := s.ask(t, "Basic "+encode(test.userPass))
			if !errors.Is(err, test.want) || err != nil && !strings.Contains(err.Error(), test.cause) {
				t.Errorf("got %v, want %v with the cause %q", err, test.want, test.cause)
			}
			if looked, hashed := s.store.asked.Load(), s.verifier.hashes.Load(); looked != 3 || hashed != 1 {
				t.Errorf("got %d lookups and %d hashes, want 3 and 1", looked, hashed)
			}
			if err != nil && (basis.Lasting || caller.Subject != "") {
				t.Errorf("got %v and %v beside an error: a refusal is never remembered", caller, basis)
			}
		})
	}
}

// TestAttempt: a refusal is held against nobody, for one and the same account.
func TestAttempt(t *testing.T) {
	for userPass, want := range map[string]authz.Attempt{
		"svc1:wrong":         {Verifier: "pw1:with:colons", Holder: authz.Holder{Kind: authz.Machine, Name: "svc1"}, Account: "machine svc1", Address: "192.0.2.7"},
		"nobody:wrong":       {Account: "administrator nobody", Address: "192.0.2.7"},
		"disabled:pw3":       {Account: "machine disabled", Address: "192.0.2.7"},
		"bearer:mu_machine1": {Account: "machine bearer", Address: "192.0.2.7"},
	} {
		s := newScene(t)
		if _, _, err := s.ask(t, "Basic "+encode(userPass)); err == nil {
			t.Fatalf("%s: no error", userPass)
		}
		got := *s.verifier.last.Load()
		if _, password, _ := strings.Cut(userPass, ":"); got.Secret.Reveal() != password {
			t.Errorf("%s: got the secret %q", userPass, got.Secret.Reveal())
		}
		if got.Verifier != want.Verifier || got.Holder != want.Holder || got.Account != want.Account || got.Address != want.Address || !got.Begun.Equal(begun()) {
			t.Errorf("%s: got %+v, want %+v", userPass, got, want)
		}
	}
}

// TestBasis: what ends a good password is announced under the same names (feed.go).
// Guards: each stripe of find and finding.basis.
func TestBasis(t *testing.T) {
	touch := func(topic authz.Topic, name ...string) authz.Stripe {
		return authz.Touch{Topic: topic, Name: name}.Stripe()
	}
	for userPass, want := range map[string][]authz.Stripe{
		"admin:s3cret": {touch(authz.TopicPrincipal, "administrator", "admin"), touch(authz.TopicOwner, "a1")},
		"svc1:pw1:with:colons": {
			touch(authz.TopicPrincipal, "administrator", "svc1"), touch(authz.TopicPrincipal, "machine", "svc1"),
			touch(authz.TopicOwner, "m1"), touch(authz.TopicOrganization, "t1"),
		},
	} {
		_, got, err := newScene(t).ask(t, "Basic "+encode(userPass))
		if err != nil {
			t.Fatalf("%s: %v", userPass, err)
		}
		if diff := cmp.Diff(got, authz.Basis{Lasting: true, Stripes: want}); diff != "" {
			t.Errorf("%s (-got +want):\n%s", userPass, diff)
		}
	}
}

func TestCaller(t *testing.T) {
	for userPass, want := range map[string]authz.Caller{
		"admin:s3cret":         {Subject: "admin", Role: "admin"},
		"svc1:pw1:with:colons": {Subject: "m1", Tenant: "t1", Scopes: []string{"check"}},
	} {
		got, _, err := newScene(t).ask(t, "bASIC "+encode(userPass))
		if err != nil {
			t.Fatalf("%s: %v", userPass, err)
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", userPass, diff)
		}
	}
}
