package authz_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// TestZeroValuesDeny: what nobody filled in lets nobody through.
func TestZeroValuesDeny(t *testing.T) {
	if (authz.Verdict{}).Effect == authz.Allow {
		t.Error("the zero Verdict allows")
	}
	if (authz.Answer{}).Allow {
		t.Error("the zero Answer allows")
	}
	for _, effect := range []authz.Effect{authz.Deny, authz.Effect(9), authz.Effect(-1)} {
		if effect.String() != "deny" {
			t.Errorf("effect %d is called %s", effect, effect)
		}
	}
	for _, reason := range []authz.Reason{"", "made up"} {
		if got := reason.Status(); got != 503 {
			t.Errorf("reason %q has status %d, want 503", reason, got)
		}
	}
}

// TestNewAuthorizerRefuses limits that would shed nothing or everything.
func TestNewAuthorizerRefuses(t *testing.T) {
	good := authz.Limits{InFlight: 1, Timeout: time.Second, Margin: time.Second}
	cases := map[string]func(*authz.Limits){
		"no slot": func(l *authz.Limits) { l.InFlight = 0 }, "negative slots": func(l *authz.Limits) { l.InFlight = -1 },
		"timeout below what is worth beginning": func(l *authz.Limits) { l.Timeout = 4 * time.Millisecond }, "no margin": func(l *authz.Limits) { l.Margin = 0 },
	}
	for name, edit := range cases {
		limits := good
		edit(&limits)
		if _, err := authz.NewAuthorizer(limits, noon); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := authz.NewAuthorizer(good, nil); err == nil {
		t.Error("no clock: accepted")
	}
}

// TestSnapshotMustBeWhole: no snapshot, or one that NewSnapshot did not make,
// which would hide and strip nothing, denies. Guard: Snapshot.complete.
func TestSnapshotMustBeWhole(t *testing.T) {
	s := scene{accept: [][]*authz.Configured{group(onHeader())}, route: authz.Route{Kind: authz.Operation}}
	whole := s.snapshot(t)
	snapshots := map[string]*authz.Snapshot{
		"none": nil, "zero": {}, "without NewSnapshot": {Router: whole.Router, Policy: whole.Policy, Carriers: whole.Carriers},
		"no router": authz.NewSnapshot(authz.Snapshot{Policy: whole.Policy}), "no policy": authz.NewSnapshot(authz.Snapshot{Router: whole.Router}),
	}
	for name, snapshot := range snapshots {
		t.Run(name, func(t *testing.T) {
			a := s.authorizer(t)
			a.Swap(snapshot)
			denied(authz.Unavailable, 503).compare(t, a.Check(t.Context(), request(false, alice())))
		})
	}
}

// TestRefuse is the verdict on what could not be read; without a snapshot too.
func TestRefuse(t *testing.T) {
	a, err := authz.NewAuthorizer(authz.Limits{InFlight: 1, Timeout: time.Second, Margin: time.Second}, noon)
	if err != nil {
		t.Fatal(err)
	}
	denied(authz.Malformed, 400).compare(t, a.Refuse(authz.ErrAmbiguous))
	denied(authz.Unavailable, 503).compare(t, a.Refuse(errors.New("x")))
	denied(authz.Unavailable, 503).compare(t, a.Refuse(nil))
}

// TestRoutes: what the router says decides who may pass. Guards: the switch in
// decision.run, decision.route.
func TestRoutes(t *testing.T) {
	cases := []struct {
		name    string
		kind    authz.RouteKind
		err     error
		headers []authz.Header
		want    outcome
	}{
		{"operation, known", authz.Operation, nil, []authz.Header{alice()}, allowed()},
		{"connection, known", authz.Connection, nil, []authz.Header{alice()}, allowed()},
		{"no route, known", authz.NothingDeclared, nil, []authz.Header{alice()}, denied(authz.NoRoute, 403)},
		{"no route, nobody", authz.NothingDeclared, nil, nil, denied(authz.Unauthenticated, 401)},
		{"no route, bad", authz.NothingDeclared, nil, []authz.Header{header("x-api-key", "x")}, denied(authz.Rejected, 401)},
		{"preflight, nobody", authz.Preflight, nil, nil, allowed()},
		{"unknown kind, known", authz.RouteKind(9), nil, []authz.Header{alice()}, denied(authz.Unavailable, 503)},
		{"unknown kind, nobody", authz.RouteKind(9), nil, nil, denied(authz.Unauthenticated, 401)},
		{"ambiguous", authz.Operation, authz.ErrAmbiguous, []authz.Header{alice()}, denied(authz.Malformed, 400)},
		{"broken", authz.Operation, errors.New("x"), []authz.Header{alice()}, denied(authz.Unavailable, 503)},
		{"sentinel of another seam", authz.Operation, authz.ErrAbsent, []authz.Header{alice()}, denied(authz.Unavailable, 503)},
		{"preflight that is ambiguous", authz.Preflight, authz.ErrAmbiguous, nil, denied(authz.Malformed, 400)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := scene{accept: [][]*authz.Configured{group(onHeader())}, route: authz.Route{Kind: c.kind}}
			snapshot := s.snapshot(t)
			router := snapshot.Router
			snapshot.Router = routerFunc(func(a *authz.Attributes) (authz.Match, error) {
				match, _ := router.Match(a)
				return match, c.err
			})
			a := s.authorizer(t)
			a.Swap(snapshot)
			c.want.compare(t, a.Check(t.Context(), request(false, c.headers...)))
		})
	}
}

// TestUnknownHost accepts nobody: 401 whoever asks, and no router's silence
// passes for a route. Guard: identify's last line; decision.route's nil test.
func TestUnknownHost(t *testing.T) {
	s := scene{known: group(onHeader()), route: authz.Route{UnacceptedHeader: authz.Ignore}}
	a := s.authorizer(t)
	denied(authz.Unauthenticated, 401).compare(t, a.Check(t.Context(), request(false, alice())))
	snapshot := s.snapshot(t)
	snapshot.Router = routerFunc(func(*authz.Attributes) (authz.Match, error) { return authz.Match{}, nil })
	a.Swap(snapshot)
	denied(authz.Unavailable, 503).compare(t, a.Check(t.Context(), request(false, alice())))
	denied(authz.Unavailable, 503).compare(t, a.Check(t.Context(), &authz.Attributes{}))
}

// TestPreflight: it passes without a caller and without the policy, carries no
// credential or identity, and cannot be turned into another method. Guards:
// decision.run's first lines, changes.dropOverrides.
func TestPreflight(t *testing.T) {
	s := scene{
		known: group(onHeader(), onCookie(authz.StopOnInvalid)),
		route: authz.Route{Kind: authz.Preflight},
		policy: policyFunc(func(context.Context, *authz.Input) (authz.Answer, error) {
			return authz.Answer{}, errors.New("the policy was asked")
		}),
	}
	sent := []authz.Header{
		alice(), header("authorization", "x"), header("cookie", "sess=alice"), header("x-authz-subject", "root"),
		header("x-http-method-override", "DELETE"), header("x-http-method", "DELETE"), header("x-method-override", "DELETE"),
	}
	got := s.check(t, sent...)
	allowed().compare(t, got)
	for _, h := range sent {
		if at := arrives(got, h); at != "" {
			t.Errorf("%s arrives as %q", h.Name, at)
		}
	}
}

// TestConnection: a check without a request carries no credential, so only
// authenticators without a carrier can know its caller.
func TestConnection(t *testing.T) {
	mtls := &authz.Configured{Name: "mtls", Word: "mtls", Authenticator: anyone{}}
	connection := &authz.Attributes{Peer: authz.Peer{SNI: "db.example"}}
	s := scene{accept: [][]*authz.Configured{{onHeader().Configured(), mtls}}, route: authz.Route{Kind: authz.Connection}}
	allowed().compare(t, s.authorizer(t).Check(t.Context(), connection))
	s.accept = [][]*authz.Configured{group(onHeader())}
	denied(authz.Unauthenticated, 401).compare(t, s.authorizer(t).Check(t.Context(), connection))
	s.accept, s.route.Kind = [][]*authz.Configured{{mtls}}, authz.NothingDeclared
	denied(authz.NoRoute, 403).compare(t, s.authorizer(t).Check(t.Context(), connection))
}

// TestTenantSource: no tenant is 403, a source that could not tell 503.
func TestTenantSource(t *testing.T) {
	cases := map[error]outcome{
		nil: allowed(), authz.ErrNoTenant: denied(authz.WrongTenant, 403), authz.ErrAmbiguous: denied(authz.Malformed, 400),
		errors.New("x"): denied(authz.Unavailable, 503), authz.ErrAbsent: denied(authz.Unavailable, 503),
	}
	for err, want := range cases {
		s := scene{accept: [][]*authz.Configured{group(onHeader())}}
		s.route.Tenant = tenantFunc(func(authz.Caller) (string, error) { return "acme", err })
		want.compare(t, s.check(t, alice()))
	}
}

// TestPolicyErrors: no error of a policy is an answer, whatever it wraps, also
// beside an answer that allows. Guard: only(err) in decision.evaluate.
func TestPolicyErrors(t *testing.T) {
	errs := []error{errors.New("x"), authz.ErrAbsent, authz.ErrRejected, authz.ErrNoTenant, authz.ErrNoRoute, authz.ErrMalformed, context.Canceled}
	for _, err := range errs {
		s := scene{accept: [][]*authz.Configured{group(onHeader())}}
		s.policy = policyFunc(func(context.Context, *authz.Input) (authz.Answer, error) { return authz.Answer{Allow: true}, err })
		denied(authz.Unavailable, 503).compare(t, s.check(t, alice()))
	}
}

// panicking is any authenticator whose Authenticate panics.
type panicking struct{ authz.Authenticator }

func (panicking) Authenticate(context.Context, authz.Credential) (authz.Caller, authz.Basis, error) {
	panic(authz.ErrAbsent)
}

// TestPanics: each stage's panic is 503, the process lives and the slot is
// free again. Guards: the recover of Authorizer.Check and of decision.safely.
func TestPanics(t *testing.T) {
	key := *onHeader().Configured()
	key.Authenticator = panicking{key.Authenticator}
	good := scene{accept: [][]*authz.Configured{group(onHeader())}, route: authz.Route{Kind: authz.Operation}, limits: authz.Limits{InFlight: 1, Timeout: time.Minute, Margin: time.Millisecond}}
	inTenant, inPolicy, inAuthenticator := good, good, good
	inTenant.route.Tenant = tenantFunc(func(authz.Caller) (string, error) { panic("tenant") })
	inPolicy.policy = policyFunc(func(context.Context, *authz.Input) (authz.Answer, error) { panic("policy") })
	inAuthenticator.accept = [][]*authz.Configured{{&key}, group(byHost())}
	inRouter := good.snapshot(t)
	inRouter.Router = routerFunc(func(*authz.Attributes) (authz.Match, error) { panic("router") })
	snapshots := map[string]*authz.Snapshot{
		"router": inRouter, "authenticator": inAuthenticator.snapshot(t), "tenant": inTenant.snapshot(t), "policy": inPolicy.snapshot(t),
	}
	for name, snapshot := range snapshots {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := good.authorizer(t)
				a.Swap(snapshot)
				for range 3 {
					denied(authz.Unavailable, 503).compare(t, a.Check(t.Context(), request(false, alice())))
					synctest.Wait()
				}
				a.Swap(good.snapshot(t))
				allowed().compare(t, a.Check(t.Context(), request(false, alice())))
			})
		})
	}
	denied(authz.Unavailable, 503).compare(t, good.authorizer(t).Check(t.Context(), nil))
}

// blocking is a policy that does not look at its context: it allows once
// released. entered counts how many evaluations began.
func blocking(release <-chan struct{}, entered *atomic.Int64) authz.Policy {
	return policyFunc(func(context.Context, *authz.Input) (authz.Answer, error) {
		entered.Add(1)
		<-release
		return authz.Answer{Allow: true}, nil
	})
}

// TestDeadline: the answer is there before the caller's deadline, also when the
// evaluation is deaf. Guards: Authorizer.budget, the select of await.
func TestDeadline(t *testing.T) {
	cases := []struct {
		name            string
		timeout, margin time.Duration
		caller          time.Duration // 0: none
		want            time.Duration
	}{
		{"own timeout", time.Second, 20 * time.Millisecond, 0, time.Second},
		{"own timeout is nearer", time.Second, 20 * time.Millisecond, time.Minute, time.Second},
		{"caller's less the margin", time.Minute, 20 * time.Millisecond, time.Second, 980 * time.Millisecond},
		{"margin of a quarter at most", time.Minute, time.Second, 100 * time.Millisecond, 75 * time.Millisecond},
		{"margin of 2 ms at least", time.Minute, time.Second, 7 * time.Millisecond, 5 * time.Millisecond},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				defer close(release)
				s := scene{accept: [][]*authz.Configured{group(onHeader())}, route: authz.Route{Kind: authz.Operation}, policy: blocking(release, new(atomic.Int64))}
				s.limits = authz.Limits{InFlight: 1, Timeout: c.timeout, Margin: c.margin}
				ctx, start := t.Context(), time.Now()
				if c.caller > 0 {
					limited, cancel := context.WithTimeout(ctx, c.caller)
					defer cancel()
					ctx = limited
				}
				denied(authz.Unavailable, 503).compare(t, s.authorizer(t).Check(ctx, request(false, alice())))
				if took := time.Since(start); took != c.want {
					t.Errorf("took %v, want %v", took, c.want)
				}
			})
		})
	}
}

// TestNothingBegunTooLate: with the deadline nearly gone, no secret is checked
// and no policy evaluated; with enough left, both are, and nothing is allowed
// once the deadline has passed. Guards: shortestWork and the ctx.Err test at the
// top of await.
func TestNothingBegunTooLate(t *testing.T) {
	cases := []struct {
		left  int
		begun int64
	}{{-1, 0}, {0, 0}, {1, 0}, {2, 0}, {5, 0}, {6, 0}, {7, 1}, {10, 1}, {50, 1}}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%d ms left", c.left), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release, entered, key := make(chan struct{}), new(atomic.Int64), onHeader()
				s := scene{accept: [][]*authz.Configured{group(key)}, route: authz.Route{Kind: authz.Operation}, policy: blocking(release, entered)}
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(c.left)*time.Millisecond)
				defer cancel()
				denied(authz.Unavailable, 503).compare(t, s.authorizer(t).Check(ctx, request(false, alice())))
				if int64(key.Verified()) != c.begun || entered.Load() != c.begun {
					t.Errorf("%d secrets checked, %d evaluations begun, want %d", key.Verified(), entered.Load(), c.begun)
				}
				close(release)
			})
		})
	}
	t.Run("caller gone", func(t *testing.T) {
		key := onHeader()
		s := scene{accept: [][]*authz.Configured{group(key)}, route: authz.Route{Kind: authz.Operation}}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		denied(authz.Unavailable, 503).compare(t, s.authorizer(t).Check(ctx, request(false, alice())))
		if key.Verified() != 0 {
			t.Error("a check was begun that nobody waits for")
		}
	})
}

// TestOnlyAFinishedEvaluationAllows: an allow that arrives when the context has
// ended is none, with await and without it. Guard: the ctx.Err test of
// decision.conclude, which await's select would nearly always hide.
func TestOnlyAFinishedEvaluationAllows(t *testing.T) {
	ways := map[string]func(*authz.Authorizer, context.Context, *authz.Attributes) authz.Verdict{
		"check": (*authz.Authorizer).Check, "flow alone": (*authz.Authorizer).Decide,
	}
	for name, decide := range ways {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			s := scene{accept: [][]*authz.Configured{group(onHeader())}, route: authz.Route{Kind: authz.Operation}}
			s.policy = policyFunc(func(inner context.Context, _ *authz.Input) (authz.Answer, error) {
				cancel()
				<-inner.Done()
				return authz.Answer{Allow: true}, nil
			})
			denied(authz.Unavailable, 503).compare(t, decide(s.authorizer(t), ctx, request(false, alice())))
		})
	}
}

// TestOverload: the Check beyond the bound is shed at once; a deaf evaluation
// keeps its slot until it ends, and then gives it back. Guards: the slots of await.
func TestOverload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release, entered := make(chan struct{}), new(atomic.Int64)
		s := scene{accept: [][]*authz.Configured{group(onHeader())}, route: authz.Route{Kind: authz.Operation}, policy: blocking(release, entered)}
		s.limits = authz.Limits{InFlight: 1, Timeout: time.Second, Margin: time.Millisecond}
		a := s.authorizer(t)
		first := make(chan authz.Verdict, 1)
		go func() { first <- a.Check(t.Context(), request(false, alice())) }()
		synctest.Wait()
		start := time.Now()
		denied(authz.Unavailable, 503).compare(t, a.Check(t.Context(), request(false, alice())))
		if time.Since(start) != 0 || entered.Load() != 1 {
			t.Errorf("shed after %v with %d evaluations begun", time.Since(start), entered.Load())
		}
		denied(authz.Unavailable, 503).compare(t, <-first)
		denied(authz.Unavailable, 503).compare(t, a.Check(t.Context(), request(false, alice())))
		close(release)
		synctest.Wait()
		allowed().compare(t, a.Check(t.Context(), request(false, alice())))
	})
}

// TestBusyPolicyIsShed: what a policy had no processor for is counted with the
// rest. The guard is ErrBusy in Check.
func TestBusyPolicyIsShed(t *testing.T) {
	s := scene{accept: [][]*authz.Configured{group(onHeader())}, route: authz.Route{Kind: authz.Operation}}
	for err, shed := range map[error]uint64{authz.ErrBusy: 1, errors.New("undefined"): 0} {
		s.policy = policyFunc(func(context.Context, *authz.Input) (authz.Answer, error) { return authz.Answer{Allow: true}, err })
		a := s.authorizer(t)
		denied(authz.Unavailable, 503).compare(t, a.Check(t.Context(), request(false, alice())))
		if got := a.Load().Shed; got != shed {
			t.Errorf("%v: %d shed, want %d", err, got, shed)
		}
	}
}

// TestSwap: Checks under way finish on the snapshot that they began with.
func TestSwap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := scene{accept: [][]*authz.Configured{group(onHeader())}, route: authz.Route{Kind: authz.Operation}, policy: blocking(release, new(atomic.Int64))}
		a := s.authorizer(t)
		first := make(chan authz.Verdict, 1)
		go func() { first <- a.Check(t.Context(), request(false, alice())) }()
		synctest.Wait()
		s.policy = answering(authz.Answer{Reason: authz.OutOfScope})
		a.Swap(s.snapshot(t))
		denied(authz.OutOfScope, 403).compare(t, a.Check(t.Context(), request(false, alice())))
		close(release)
		allowed().compare(t, <-first)
	})
}
