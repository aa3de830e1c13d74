package authz_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
)

type belongingFunc func(tenant string, caller authz.Caller) (authz.Bound, authz.Basis, error)

func (f belongingFunc) Belongs(_ context.Context, tenant string, caller authz.Caller) (authz.Bound, authz.Basis, error) {
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
				Belonging: belongingFunc(func(tenant string, caller authz.Caller) (authz.Bound, authz.Basis, error) {
					if tenant != "of the path" || caller.Subject != "alice" {
						t.Errorf("asked for %q in %q", caller.Subject, tenant)
					}
					return authz.Bound{}, authz.Lasting(), test.err
				}),
			}}
			if test.err != nil {
				s.policy = unasked(t)
			}
			test.want.compare(t, s.check(t, header("x-api-key", "alice")))
		})
	}
}

// TestBound: policy, upstream and record see the scopes that the tenant leaves, in the
// credential's order, and the credential's own stay as they were. Guard: belong's last
// assignment, and the cases of within by their rows.
func TestBound(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		bound authz.Bound
		want  []string
	}{
		{"whole", authz.Bound{Whole: true, Scopes: []string{"read"}}, []string{"read", "write", "admin"}},
		{"listed", authz.Bound{Scopes: []string{"root", "admin", "read"}}, []string{"read", "admin"}},
		{"others", authz.Bound{Scopes: []string{"root", "Read"}}, nil},
		{"zero", authz.Bound{}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			known := settings("key", authz.InHeader("x-api-key"))
			held := []string{"read", "write", "admin"}
			known.Callers["carol"] = authz.Caller{Subject: "carol", Tenant: "A", Scopes: held}
			s := scene{
				accept: [][]*authz.Configured{group(authntest.NewFake(known))},
				route: authz.Route{Belonging: belongingFunc(func(string, authz.Caller) (authz.Bound, authz.Basis, error) {
					return test.bound, authz.Lasting(), nil
				})},
				policy: policyFunc(func(_ context.Context, in *authz.Input) (authz.Answer, error) {
					if !slices.Equal(in.Caller.Scopes, test.want) {
						t.Errorf("the policy sees %q, want %q", in.Caller.Scopes, test.want)
					}
					return authz.Answer{Allow: true}, nil
				}),
			}
			got := s.check(t, header("x-api-key", "carol"))
			told := ""
			for _, h := range got.Upstream {
				if h.Name == "x-authz-scopes" {
					told = h.Value
				}
			}
			if told != strings.Join(test.want, " ") || !slices.Equal(got.Trail.Caller.Scopes, test.want) {
				t.Errorf("the upstream sees %q and the record %q, want %q", told, got.Trail.Caller.Scopes, test.want)
			}
			if !slices.Equal(held, []string{"read", "write", "admin"}) {
				t.Errorf("the credential's scopes became %q", held)
			}
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
			r.scene.route.Belonging = belongingFunc(func(string, authz.Caller) (authz.Bound, authz.Basis, error) {
				return authz.Bound{}, test.basis, test.err
			})
			r.swap(t, 2)
			r.ask(t, "alice")
			test.change(r)
			if got := r.ask(t, "alice").Trail.Cache; got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
