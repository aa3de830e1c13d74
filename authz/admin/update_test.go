package admin_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/sallyport-authz/sallyport/authz"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

func mask(paths ...string) *fieldmaskpb.FieldMask { return &fieldmaskpb.FieldMask{Paths: paths} }

// whole is a principal of whom everything is set.
func whole() *adminv1.Principal {
	claims, _ := structpb.NewStruct(map[string]any{"plan": "gold"})
	return &adminv1.Principal{
		Kind: "machine", Name: "svc1", Login: "password", Disabled: true,
		Grant: &adminv1.Grant{Subject: "svc1", Tenant: "acme", Role: "owner", User: "ada", Scopes: []string{"b", "a"}, Claims: claims, Networks: []string{"203.0.113.0/24"}},
	}
}

// What an update does not name stays: a new password enables nobody and takes no
// grant away, and who is disabled keeps their password. The guard is merged.
func TestUpdateChangesWhatItNames(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.serve()
	want := call(s, c.PutPrincipal, &adminv1.PutPrincipalRequest{Principal: whole(), Password: passwordWord}).GetPrincipal()
	first := s.verifier()
	who := &adminv1.Principal{Kind: "machine", Name: "svc1"}
	got := call(s, c.UpdatePrincipal, &adminv1.UpdatePrincipalRequest{Principal: who, Password: "another", AllowMissing: true})
	same(s, "new password", got, &adminv1.UpdatePrincipalResponse{Principal: want, Seq: 2})
	second := s.verifier()
	if second == first {
		t.Error("the password is the old one")
	}
	same(s, "nothing", call(s, c.UpdatePrincipal, &adminv1.UpdatePrincipalRequest{Principal: who}), &adminv1.UpdatePrincipalResponse{Principal: want})
	to := &adminv1.Principal{Kind: "machine", Name: "svc1", Login: "token", Grant: &adminv1.Grant{Subject: "s", Tenant: "t", Role: "r", User: "u", Scopes: []string{"c"}, Networks: []string{"192.0.2.9/32", "2001:db8::/32"}}}
	for _, step := range []struct {
		path string
		set  func()
	}{
		{"disabled", func() { want.Disabled = false }},
		{"grant.subject", func() { want.Grant.Subject = "s" }},
		{"grant.tenant", func() { want.Grant.Tenant = "t" }},
		{"grant.role", func() { want.Grant.Role = "r" }},
		{"grant.user", func() { want.Grant.User = "u" }},
		{"grant.scopes", func() { want.Grant.Scopes = []string{"c"} }},
		{"grant.claims", func() { want.Grant.Claims = nil }},
		{"grant.networks", func() { want.Grant.Networks = []string{"192.0.2.9/32", "2001:db8::/32"} }},
	} {
		step.set()
		got := call(s, c.UpdatePrincipal, &adminv1.UpdatePrincipalRequest{Principal: to, UpdateMask: mask(step.path)})
		same(s, step.path, got.GetPrincipal(), want)
	}
	if got := s.verifier(); got != second {
		t.Errorf("verifier %s, want %s", got, second)
	}
}

// Somebody new is made as they were said to be, where the request allows it.
func TestUpdateMakesSomebodyNew(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.serve()
	got := call(s, c.UpdatePrincipal, &adminv1.UpdatePrincipalRequest{Principal: whole(), Password: passwordWord, AllowMissing: true}).GetPrincipal()
	want := whole()
	want.Id = got.GetId()
	same(s, "made", got, want)
	ada := &adminv1.Principal{Kind: "user", Name: "ada", Login: "token", Grant: grant("ada")}
	call(s, c.UpdatePrincipal, &adminv1.UpdatePrincipalRequest{Principal: ada, AllowMissing: true})
}

// Each is refused, and changes nothing.
func TestUpdateRefuses(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.serve()
	ada := &adminv1.Principal{Kind: "user", Name: "ada", Login: "token", Grant: grant("ada")}
	call(s, c.PutPrincipal, &adminv1.PutPrincipalRequest{Principal: ada})
	known := &adminv1.Principal{Kind: "user", Name: "ada"}
	for _, r := range []struct {
		name  string
		q     *adminv1.UpdatePrincipalRequest
		is    error
		words string
	}{
		{"nobody", &adminv1.UpdatePrincipalRequest{Principal: whole(), UpdateMask: mask("disabled")}, authz.ErrNotFound, "no such principal"},
		{"nobody new without a password", &adminv1.UpdatePrincipalRequest{Principal: whole(), AllowMissing: true}, authz.ErrInvalid, "needed for somebody new"},
		{"a token's login with a password", &adminv1.UpdatePrincipalRequest{Principal: known, Password: passwordWord, AllowMissing: true}, authz.ErrInvalid, "they log in by tokens"},
		{"somebody new with both", &adminv1.UpdatePrincipalRequest{Principal: &adminv1.Principal{Kind: "user", Name: "bob", Login: "token", Grant: grant("bob")}, Password: passwordWord, AllowMissing: true}, authz.ErrInvalid, "not a password"},
		{"another's id", &adminv1.UpdatePrincipalRequest{Principal: &adminv1.Principal{Kind: "user", Name: "ada", Id: "other"}, UpdateMask: mask("disabled")}, authz.ErrInvalid, "another's by now"},
		{"an unknown path", &adminv1.UpdatePrincipalRequest{Principal: known, UpdateMask: mask("login")}, authz.ErrInvalid, "update_mask"},
		{"no subject", &adminv1.UpdatePrincipalRequest{Principal: known, UpdateMask: mask("grant.subject")}, authz.ErrInvalid, "subject"},
	} {
		_, err := c.UpdatePrincipal(t.Context(), r.q)
		if !errors.Is(err, r.is) || !strings.Contains(err.Error(), r.words) {
			t.Errorf("%s: got %v", r.name, err)
		}
	}
	listed := call(s, c.ListPrincipals, &adminv1.ListPrincipalsRequest{}).GetPrincipals()
	if len(listed) != 1 || listed[0].GetDisabled() || listed[0].GetGrant().GetSubject() != "ada" {
		t.Errorf("got %v", listed)
	}
}

// A new password does not enable somebody who is disabled meanwhile. The guard is the
// turn: without it, how they were is read before, and put afterwards.
func TestUpdateKeepsWhatChangedMeanwhile(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	slow := slowly{s.store, make(chan struct{}), make(chan struct{})}
	s.settings.Principals = slow
	c := s.serve()
	svc := &adminv1.Principal{Kind: "machine", Name: "svc1", Login: "password", Grant: grant("svc1")}
	call(s, c.PutPrincipal, &adminv1.PutPrincipalRequest{Principal: svc, Password: passwordWord})
	var both sync.WaitGroup
	update := func(q *adminv1.UpdatePrincipalRequest) {
		if _, err := c.UpdatePrincipal(t.Context(), q); err != nil {
			t.Error(err)
		}
	}
	both.Go(func() { update(&adminv1.UpdatePrincipalRequest{Principal: svc, Password: "another"}) })
	<-slow.asked
	disabled := &adminv1.Principal{Kind: "machine", Name: "svc1", Disabled: true, Login: "password", Grant: grant("svc1")}
	changed := make(chan struct{})
	both.Go(func() {
		if _, err := c.PutPrincipal(t.Context(), &adminv1.PutPrincipalRequest{Principal: disabled, Password: passwordWord}); err != nil {
			t.Error(err)
		}
		close(changed)
	})
	// Without the guard the change is made here, and undone afterwards.
	select {
	case <-changed:
	case <-time.After(100 * time.Millisecond):
	}
	close(slow.goOn)
	both.Wait()
	if p, err := s.store.Principal(t.Context(), authz.Machine, "svc1"); err != nil || !p.Disabled {
		t.Errorf("got %+v, %v", p, err)
	}
}
