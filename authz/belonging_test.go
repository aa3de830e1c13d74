package authz_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

type belongingFunc func(tenant string, caller authz.Caller) (authz.Basis, error)

func (f belongingFunc) Belongs(_ context.Context, tenant string, caller authz.Caller) (authz.Basis, error) {
	return f(tenant, caller)
}

// Guards: the call of belong in evaluate, its only(), and the case of ErrNotMember in
// deny.
func TestBelonging(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		err  error
		want outcome
	}{
		{"member", nil, allowed()},
		{"no member", authz.ErrNotMember, denied(authz.WrongTenant, 403)},
		{"cannot tell", errors.New("store is down"), denied(authz.Unavailable, 503)},
		{"another stage's outcome", authz.ErrAbsent, denied(authz.Unavailable, 503)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := scene{accept: [][]*authz.Configured{group(onHeader())}, route: authz.Route{
				Tenant: tenantFunc(func(authz.Caller) (string, error) { return "of the path", nil }),
				Belonging: belongingFunc(func(tenant string, caller authz.Caller) (authz.Basis, error) {
					if tenant != "of the path" || caller.Subject != "alice" {
						t.Errorf("asked for %q in %q", caller.Subject, tenant)
					}
					return authz.Lasting(), test.err
				}),
			}}
			if test.err != nil {
				s.policy = unasked(t)
			}
			test.want.compare(t, s.check(t, header("x-api-key", "alice")))
		})
	}
}

// TestBelongingEnds: what a membership rests on, a remembered verdict rests on, one
// that allows as much as one that denies. Guard: belong's basis.
func TestBelongingEnds(t *testing.T) {
	t.Parallel()
	member := authz.Touch{Topic: authz.TopicMember, Name: []string{"A", "alice"}}.Stripe()
	until := noon().Add(2 * time.Second)
	for _, test := range []struct {
		name   string
		basis  authz.Basis
		err    error
		change func(*remembering)
		want   authz.CacheState
	}{
		{"unchanged", authz.Basis{Lasting: true, Stripes: []authz.Stripe{member}}, nil, func(*remembering) {}, authz.CacheHit},
		{"ended", authz.Basis{Lasting: true, Stripes: []authz.Stripe{member}}, nil, func(r *remembering) { r.changes.Apply(member) }, authz.CacheRevoked},
		{"begun", authz.Basis{Lasting: true, Stripes: []authz.Stripe{member}}, authz.ErrNotMember, func(r *remembering) { r.changes.Apply(member) }, authz.CacheRevoked},
		{"at its end", authz.Basis{Lasting: true, Until: until}, nil, func(r *remembering) { r.later(2 * time.Second) }, authz.CacheExpired},
		{"never remembered", authz.Basis{}, nil, func(*remembering) {}, authz.CacheMiss},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := remember(t)
			r.scene.route.Belonging = belongingFunc(func(string, authz.Caller) (authz.Basis, error) { return test.basis, test.err })
			r.swap(t, 2)
			r.ask(t, "alice")
			test.change(r)
			if got := r.ask(t, "alice").Trail.Cache; got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
