package anonymous_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/anonymous"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
)

func TestContract(t *testing.T) {
	authntest.Run(t, authntest.Suite{
		New: func(testing.TB) authntest.Subject {
			a := anonymous.New()
			return authntest.Subject{Traits: a.Traits(), Authenticator: a}
		},
		Valid: []string{""},
	})
}

// TestEverybodyIsAnonymous (C36): nothing presented, a credential of another
// kind and a connection are all the same caller, who has no subject, no tenant
// and no scope. Filling any field of the caller in Authenticate turns it red.
func TestEverybodyIsAnonymous(t *testing.T) {
	for name, attributes := range map[string]*authz.Attributes{
		"a full request":   authntest.Full(),
		"an empty one":     {Request: &authz.Request{}},
		"a connection":     {},
		"a known TLS peer": {Peer: authz.Peer{Principal: "spiffe://mesh.test/edge"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := anonymous.New()
			credential, err := a.Extract(attributes)
			if err != nil {
				t.Fatalf("Extract: got %v, want no error", err)
			}
			caller, _, err := a.Authenticate(t.Context(), credential)
			if err != nil {
				t.Fatalf("Authenticate: got %v, want no error", err)
			}
			if diff := cmp.Diff(caller, authz.Caller{}); diff != "" {
				t.Errorf("caller (-got +want):\n%s", diff)
			}
		})
	}
}
