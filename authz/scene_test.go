package authz_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
)

type routerFunc func(*authz.Attributes) (authz.Match, error)

func (f routerFunc) Match(a *authz.Attributes) (authz.Match, error) { return f(a) }

type policyFunc func(context.Context, *authz.Input) (authz.Answer, error)

func (f policyFunc) Decide(ctx context.Context, in *authz.Input) (authz.Answer, error) {
	return f(ctx, in)
}

type tenantFunc func(authz.Caller) (string, error)

func (f tenantFunc) Tenant(_ *authz.Attributes, _ authz.Match, c authz.Caller) (string, error) {
	return f(c)
}

func (tenantFunc) Reads() authz.Reads { return nil }

// answering is a policy that gives the same answer to everything.
func answering(answer authz.Answer) authz.Policy {
	return policyFunc(func(context.Context, *authz.Input) (authz.Answer, error) { return answer, nil })
}

// noon is when every test happens.
func noon() time.Time { return time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC) }

// scene is one host with one route. Its zero fields mean: accept nobody, tenant
// of the caller, allow whoever gets as far as the policy.
type scene struct {
	// known stands in the claims without being accepted, beside all of accept.
	known  []*authz.Configured
	accept [][]*authz.Configured
	route  authz.Route
	match  authz.Match
	policy authz.Policy
	format *authz.DenialFormat
	limits authz.Limits
}

func (s scene) snapshot(t testing.TB) *authz.Snapshot {
	t.Helper()
	all := slices.Concat(append([][]*authz.Configured{s.known}, s.accept...)...)
	var carriers []authz.Carrier
	for _, configured := range all {
		carriers = append(carriers, configured.Carriers...)
	}
	claims, err := authz.NewClaims(carriers, all)
	if err != nil {
		t.Fatalf("settle claims: %v", err)
	}
	route, match := s.route, s.match
	route.Claims, route.Accept = claims, s.accept
	if route.Tenant == nil {
		route.Tenant = tenantFunc(func(c authz.Caller) (string, error) { return c.Tenant, nil })
	}
	match.Route = &route
	policy := s.policy
	if policy == nil {
		policy = answering(authz.Answer{Allow: true})
	}
	router := routerFunc(func(*authz.Attributes) (authz.Match, error) { return match, nil })
	return authz.NewSnapshot(authz.Snapshot{Generation: 1, Router: router, Policy: policy, Carriers: carriers, Format: s.format})
}

func (s scene) authorizer(t testing.TB) *authz.Authorizer {
	t.Helper()
	if s.limits == (authz.Limits{}) {
		s.limits = authz.Limits{InFlight: 8, Timeout: time.Minute, Margin: 20 * time.Millisecond}
	}
	a, err := authz.NewAuthorizer(s.limits, noon)
	if err != nil {
		t.Fatal(err)
	}
	a.Swap(s.snapshot(t))
	return a
}

// check asks with these headers; the route is an Operation unless it says more.
func (s scene) check(t testing.TB, headers ...authz.Header) authz.Verdict {
	t.Helper()
	return s.checkJoined(t, false, headers...)
}

func (s scene) checkJoined(t testing.TB, joined bool, headers ...authz.Header) authz.Verdict {
	t.Helper()
	if s.route.Kind == authz.NothingDeclared {
		s.route.Kind = authz.Operation
	}
	return s.authorizer(t).Check(t.Context(), request(joined, headers...))
}

func request(joined bool, headers ...authz.Header) *authz.Attributes {
	return &authz.Attributes{Request: &authz.Request{
		Method: "GET", Scheme: "https", Host: "api.example", Path: "/x",
		Headers: authz.Headers{Joined: joined, List: headers},
	}}
}

func header(name, value string) authz.Header { return authz.Header{Name: name, Value: value} }

// group is one group of accepted authenticators.
func group(fakes ...*authntest.Fake) []*authz.Configured {
	var configured []*authz.Configured
	for _, f := range fakes {
		configured = append(configured, f.Configured())
	}
	return configured
}

// onHeader is an authenticator of x-api-key: "alice" and "old" (expired at
// noon) are callers, nobody can tell about "down", "odd" is malformed.
func onHeader() *authntest.Fake {
	return authntest.NewFake(settings("key", authz.InHeader("x-api-key")))
}

// onCookie is the same on the cookie sess.
func onCookie(onInvalid authz.OnInvalid) *authntest.Fake {
	s := settings("session", authz.InCookie("sess"))
	s.OnInvalid = onInvalid
	return authntest.NewFake(s)
}

// onBearer is the same on authorization.
func onBearer() *authntest.Fake {
	return authntest.NewFake(settings("bearer", authz.InHeader("authorization")))
}

// byHost has no carrier: it knows whoever asks for api.example.
func byHost() *authntest.Fake {
	s := settings("host", authz.Carrier{})
	s.Callers = map[string]authz.Caller{"api.example": {Subject: "host"}}
	return authntest.NewFake(s)
}

func settings(name string, carrier authz.Carrier) authntest.FakeSettings {
	return authntest.FakeSettings{
		Name: name, Word: name + "-word", Carrier: carrier,
		Callers: map[string]authz.Caller{
			"alice": {Subject: "alice", Tenant: "acme"},
			"old":   {Subject: "alice", Tenant: "acme", Expires: noon()},
		},
		Malformed:   map[string]bool{"odd": true},
		Unavailable: map[string]bool{"down": true},
	}
}

// outcome is what a client and an operator can tell of a verdict.
type outcome struct {
	effect authz.Effect
	reason authz.Reason
	status int
}

func allowed() outcome { return outcome{effect: authz.Allow} }

func denied(reason authz.Reason, status int) outcome {
	return outcome{effect: authz.Deny, reason: reason, status: status}
}

func (o outcome) compare(t testing.TB, got authz.Verdict) {
	t.Helper()
	if is := (outcome{got.Effect, got.Reason, got.Status}); is != o {
		t.Errorf("verdict %v, want %v (cause: %v)", is, o, got.Trail.Cause)
	}
}

// sorted compares lists of names without regard to their order.
func sorted() cmp.Option {
	return cmp.Transformer("sorted", func(names []string) []string {
		copied := append([]string{}, names...)
		slices.Sort(copied)
		return copied
	})
}
