package authz_test

import (
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
)

// Row G05: a machine has one credential. People may have both, and what is none of
// the kinds has nothing.
func TestMayOwnTokens(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind  authz.PrincipalKind
		login authz.Login
		want  bool
	}{
		{authz.Machine, authz.LoginToken, true},
		{authz.Machine, authz.LoginPassword, false},
		{authz.Machine, "", false},
		{authz.Administrator, authz.LoginPassword, true},
		{authz.User, authz.LoginPassword, true},
		{authz.User, authz.LoginToken, true},
		{authz.Client, authz.LoginPassword, true},
		{"", authz.LoginToken, false},
		{"root", authz.LoginToken, false},
	} {
		if got := (authz.Principal{Kind: c.kind, Login: c.login}).MayOwnTokens(); got != c.want {
			t.Errorf("%q with %q: got %t, want %t", c.kind, c.login, got, c.want)
		}
	}
}
