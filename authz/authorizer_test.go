package authz_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// panicking is a policy that does not come back.
func panicking() authz.Policy {
	return policyFunc(func(context.Context, *authz.Input) (authz.Answer, error) { panic("boom") })
}

func TestZeroValuesDeny(t *testing.T) {
	t.Parallel()
	if got := (authz.Verdict{}).Effect; got != authz.Deny {
		t.Errorf("zero Verdict: got %v, want %v", got, authz.Deny)
	}
	answer := scene{accept: [][]*authz.Configured{group(byHost())}, policy: answering(authz.Answer{})}
	denied(authz.ByPolicy, 403).compare(t, answer.check(t))
}

func TestNoSnapshotDenies(t *testing.T) {
	t.Parallel()
	a, err := authz.NewAuthorizer(authz.Limits{InFlight: 1, Timeout: time.Second, Margin: time.Millisecond}, noon)
	if err != nil {
		t.Fatal(err)
	}
	// Guard: Snapshot.complete, asked by Check.
	denied(authz.Unavailable, 503).compare(t, a.Check(t.Context(), request(false)))
	// One that NewSnapshot did not make hides nothing from policies and strips
	// nothing on the way upstream.
	made := scene{accept: [][]*authz.Configured{group(byHost())}, route: authz.Route{Kind: authz.Operation}}.snapshot(t)
	a.Swap(&authz.Snapshot{Router: made.Router, Policy: made.Policy})
	denied(authz.Unavailable, 503).compare(t, a.Check(t.Context(), request(false)))
}

func TestLimitsMustAllBeSet(t *testing.T) {
	t.Parallel()
	for _, limits := range []authz.Limits{
		{},
		{Timeout: time.Second, Margin: time.Millisecond},
		{InFlight: 1, Margin: time.Millisecond},
		{InFlight: 1, Timeout: time.Second},
	} {
		if _, err := authz.NewAuthorizer(limits, noon); err == nil {
			t.Errorf("limits %+v: got no error", limits)
		}
	}
}

// Guards: the recover in Check (router, nil attributes) and the one in safely.
func TestPanicIsADenial(t *testing.T) {
	t.Parallel()
	host := [][]*authz.Configured{group(byHost())}
	for _, test := range []struct {
		name  string
		scene scene
	}{
		{"in the policy", scene{accept: host, policy: panicking()}},
		{"in the tenant source", scene{accept: host, route: authz.Route{
			Tenant: tenantFunc(func(authz.Caller) (string, error) { panic("boom") }),
		}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			denied(authz.Unavailable, 503).compare(t, test.scene.check(t))
		})
	}
	t.Run("in the router", func(t *testing.T) {
		t.Parallel()
		a := scene{accept: host}.authorizer(t)
		a.Swap(authz.NewSnapshot(authz.Snapshot{
			Router: routerFunc(func(*authz.Attributes) (authz.Match, error) { panic("boom") }), Policy: panicking(),
		}))
		denied(authz.Unavailable, 503).compare(t, a.Check(t.Context(), request(false)))
	})
	t.Run("no attributes", func(t *testing.T) {
		t.Parallel()
		denied(authz.Unavailable, 503).compare(t, scene{accept: host}.authorizer(t).Check(t.Context(), nil))
	})
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	forever := policyFunc(func(context.Context, *authz.Input) (authz.Answer, error) {
		time.Sleep(2 * time.Second) // looks at no context
		return authz.Answer{Allow: true}, nil
	})
	// allows only after its context has ended.
	late := policyFunc(func(ctx context.Context, _ *authz.Input) (authz.Answer, error) {
		<-ctx.Done()
		return authz.Answer{Allow: true}, nil
	})
	for _, test := range []struct {
		name   string
		policy authz.Policy
	}{
		// Guard: the select on ctx.Done in await.
		{"evaluation that looks at no context", forever},
		{"allow that comes after the deadline", late},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := scene{accept: [][]*authz.Configured{group(byHost())}, route: authz.Route{Kind: authz.Operation}, policy: test.policy}.authorizer(t)
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			got := a.Check(ctx, request(false))
			denied(authz.Unavailable, 503).compare(t, got)
			if ctx.Err() != nil {
				t.Error("the answer came after the caller's deadline")
			}
		})
	}
}

// Guard: the look at the context in await, before a slot is taken.
func TestNothingBeginsWithoutTimeLeft(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 1)
	policy := policyFunc(func(context.Context, *authz.Input) (authz.Answer, error) {
		asked <- struct{}{}
		return authz.Answer{Allow: true}, nil
	})
	a := scene{accept: [][]*authz.Configured{group(byHost())}, route: authz.Route{Kind: authz.Operation}, policy: policy}.authorizer(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	denied(authz.Unavailable, 503).compare(t, a.Check(ctx, request(false)))
	select {
	case <-asked:
		t.Error("the policy was asked")
	case <-time.After(100 * time.Millisecond):
	}
}

// Guard: the look at the context in conclude.
func TestCallerGivesUpDuringEvaluation(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	policy := policyFunc(func(context.Context, *authz.Input) (authz.Answer, error) {
		cancel()
		return authz.Answer{Allow: true}, nil
	})
	a := scene{accept: [][]*authz.Configured{group(byHost())}, route: authz.Route{Kind: authz.Operation}, policy: policy}.authorizer(t)
	denied(authz.Unavailable, 503).compare(t, a.Decide(ctx, request(false)))
}

func TestCancelledCallerGetsNoAllow(t *testing.T) {
	t.Parallel()
	a := scene{accept: [][]*authz.Configured{group(byHost())}, route: authz.Route{Kind: authz.Operation}}.authorizer(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	denied(authz.Unavailable, 503).compare(t, a.Check(ctx, request(false)))
}

// Guard: the slots of await: taken or shed at once, and given back at the end.
func TestOverloadIsShed(t *testing.T) {
	t.Parallel()
	begun, release := make(chan struct{}), make(chan struct{})
	policy := policyFunc(func(context.Context, *authz.Input) (authz.Answer, error) {
		begun <- struct{}{}
		<-release
		return authz.Answer{Allow: true}, nil
	})
	s := scene{
		accept: [][]*authz.Configured{group(byHost())}, route: authz.Route{Kind: authz.Operation}, policy: policy,
		limits: authz.Limits{InFlight: 1, Timeout: time.Minute, Margin: time.Millisecond},
	}
	a, first := s.authorizer(t), make(chan authz.Verdict)
	go func() { first <- a.Check(t.Context(), request(false)) }()
	<-begun
	shed := a.Check(t.Context(), request(false))
	denied(authz.Unavailable, 503).compare(t, shed)
	if !strings.Contains(shed.Trail.Cause.Error(), "in flight") {
		t.Errorf("cause %v does not tell that it was shed", shed.Trail.Cause)
	}
	close(release)
	allowed().compare(t, <-first)
	go func() { <-begun }()
	allowed().compare(t, a.Check(t.Context(), request(false)))
}

// Guard: the default of each switch over an enum of ours.
func TestUnknownEnumsDeny(t *testing.T) {
	t.Parallel()
	host := [][]*authz.Configured{group(byHost())}
	for _, test := range []struct {
		name  string
		scene scene
		want  outcome
	}{
		{"route kind", scene{accept: host, route: authz.Route{Kind: 9}}, denied(authz.Unavailable, 503)},
		{"treatment of a header", scene{
			accept: host, known: group(onHeader()), route: authz.Route{UnacceptedHeader: 9},
		}, denied(authz.Rejected, 401)},
		{"reason of a policy", scene{accept: host, policy: answering(authz.Answer{Reason: "because"})}, denied(authz.ByPolicy, 403)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.want.compare(t, test.scene.check(t, header("x-api-key", "alice")))
		})
	}
	if got := authz.Reason("because").Status(); got != 503 {
		t.Errorf("status of an unknown reason: got %d, want 503", got)
	}
}

// Guard: the default of deny.
func TestRefuseTellsAmbiguousFromBroken(t *testing.T) {
	t.Parallel()
	a := scene{}.authorizer(t)
	denied(authz.Malformed, 400).compare(t, a.Refuse(authz.ErrAmbiguous))
	denied(authz.Unavailable, 503).compare(t, a.Refuse(errors.New("something else")))
	denied(authz.Unavailable, 503).compare(t, a.Refuse(nil))
}
