package authz_test

import (
	"context"
	"slices"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
)

// unasked is a policy that must not be reached.
func unasked(t *testing.T) authz.Policy {
	t.Helper()
	return policyFunc(func(context.Context, *authz.Input) (authz.Answer, error) {
		t.Error("the policy was asked")
		return authz.Answer{Allow: true}, nil
	})
}

// Guard: the case NothingDeclared of run, behind identify.
func TestNothingDeclared(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		headers []authz.Header
		want    outcome
	}{
		{"known caller", []authz.Header{header("x-api-key", "alice")}, denied(authz.NoRoute, 403)},
		{"nobody", nil, denied(authz.Unauthenticated, 401)},
		{"bad credential", []authz.Header{header("x-api-key", "mallory")}, denied(authz.Rejected, 401)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := scene{accept: [][]*authz.Configured{group(onHeader())}, policy: unasked(t)}.authorizer(t)
			test.want.compare(t, a.Check(t.Context(), request(false, test.headers...)))
		})
	}
}

// A preflight passes without a caller and without the policy; what it carries
// stays here. Guards: the case Preflight of run, strip and dropOverrides.
func TestPreflightCarriesNothing(t *testing.T) {
	t.Parallel()
	key := onHeader()
	a := scene{known: group(key), route: authz.Route{Kind: authz.Preflight}, policy: unasked(t)}.authorizer(t)
	got := a.Check(t.Context(), request(false, header("x-api-key", "alice"), header("x-authz-subject", "root")))
	allowed().compare(t, got)
	for _, name := range []string{"x-api-key", "authorization", "x-authz-subject", "x-http-method-override"} {
		if !slices.Contains(got.Remove, name) {
			t.Errorf("%s is not removed: %v", name, got.Remove)
		}
	}
	if len(got.Upstream) != 0 || key.Verified() != 0 {
		t.Errorf("got identity %v and %d secrets checked, want none", got.Upstream, key.Verified())
	}
}

// A connection has no headers: whoever needs one is absent there.
func TestConnectionHasNoHeaders(t *testing.T) {
	t.Parallel()
	connection := &authz.Attributes{Peer: authz.Peer{Address: "192.0.2.1", SNI: "db.example"}}
	route := authz.Route{Kind: authz.Connection}
	open := scene{accept: [][]*authz.Configured{group(onHeader())}, route: route}
	denied(authz.Unauthenticated, 401).compare(t, open.authorizer(t).Check(t.Context(), connection))
	undeclared := scene{accept: [][]*authz.Configured{group(byHost())}}
	denied(authz.Unauthenticated, 401).compare(t, undeclared.authorizer(t).Check(t.Context(), connection))
}

// Guards: the cases ErrNoTenant and ErrAmbiguous of deny, and only() in evaluate,
// which keeps a source from passing for another outcome.
func TestTenantSources(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		err  error
		want outcome
	}{
		{"none", authz.ErrNoTenant, denied(authz.WrongTenant, 403)},
		{"two", authz.ErrAmbiguous, denied(authz.Malformed, 400)},
		{"cannot tell", context.DeadlineExceeded, denied(authz.Unavailable, 503)},
		{"another stage's outcome", authz.ErrAbsent, denied(authz.Unavailable, 503)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := scene{accept: [][]*authz.Configured{group(byHost())}, policy: unasked(t), route: authz.Route{
				Tenant: tenantFunc(func(authz.Caller) (string, error) { return "", test.err }),
			}}
			test.want.compare(t, s.check(t))
		})
	}
}

// An empty session cookie is as stale as a forged one; readable content that is
// nobody's is not forgiven. Guard: forgive.
func TestUnreadableContentFollowsOnInvalid(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		onInvalid authz.OnInvalid
		cookie    string
		want      outcome
	}{
		{"empty, stop", authz.StopOnInvalid, "sess=", denied(authz.Malformed, 401)},
		{"empty, next", authz.NextOnInvalid, "sess=", allowed()},
		{"with a space, next", authz.NextOnInvalid, "sess=a b", allowed()},
		{"readable and nobody's, next", authz.NextOnInvalid, "prefixed=abc", denied(authz.Malformed, 401)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := scene{accept: [][]*authz.Configured{group(onCookie(test.onInvalid), prefixedCookie(test.onInvalid)), group(byHost())}}
			got := s.check(t, header("cookie", test.cookie))
			test.want.compare(t, got)
			if got.Effect == authz.Allow && !got.Trail.Caller.Downgraded {
				t.Error("the caller is not marked downgraded")
			}
		})
	}
}

func prefixedCookie(onInvalid authz.OnInvalid) *authntest.Fake {
	s := settings("prefixed", authz.InCookie("prefixed"))
	s.OnInvalid, s.Claims = onInvalid, []authz.Claim{{Shape: authz.ShapePrefix, Prefix: "sk_"}}
	return authntest.NewFake(s)
}

// An empty cookie, forgiven, must not take the group's key with it: a bad key is
// final, and one that nobody can tell about never leads to the next group.
// Guard: the claimed ones beside unreadable ones in group.
func TestForgivenCookieDoesNotHideAKey(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"mallory", "down", "odd", "alice"} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			key := onHeader()
			s := scene{accept: [][]*authz.Configured{group(onCookie(authz.NextOnInvalid), key), group(byHost())}}
			denied(authz.Malformed, 401).compare(t, s.check(t, header("cookie", "sess="), header("x-api-key", value)))
			if key.Verified() != 0 {
				t.Error("a secret was checked")
			}
		})
	}
}
