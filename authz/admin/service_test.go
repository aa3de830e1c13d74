package admin_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/admin"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// same compares messages but for what the store chooses.
func same(s *scene, what string, got, want any) {
	s.Helper()
	chosen := protocmp.IgnoreFields(&adminv1.Token{}, "id", "created", "revoked")
	if diff := cmp.Diff(got, want, protocmp.Transform(), chosen); diff != "" {
		s.Errorf("%s (-got +want):\n%s", what, diff)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.serve()
	claims, _ := structpb.NewStruct(map[string]any{"plan": "gold", "seats": 3.0, "nested": map[string]any{"a": []any{nil, true}}})
	expires := timestamppb.New(time.Now().Add(time.Hour).Truncate(time.Microsecond))
	q := &adminv1.MintTokenRequest{
		Prefix: "mbz_", Name: "deploy", Expires: expires,
		Grant: &adminv1.Grant{Subject: "bot", Tenant: "acme", Role: "deployer", User: "ada", Scopes: []string{"b", "a"}, Claims: claims},
	}
	minted := call(s, c.MintToken, q)
	want := &adminv1.Token{Ref: &adminv1.TokenRef{Prefix: "mbz_", Lookup: "1"}, Name: "deploy", Grant: q.GetGrant(), Expires: expires}
	same(s, "minted", minted, &adminv1.MintTokenResponse{Token: want, Secret: "mbz_1_" + secretWord + "1", Seq: 1})
	same(s, "listed", call(s, c.ListTokens, &adminv1.ListTokensRequest{}).GetTokens(), []*adminv1.Token{minted.GetToken()})

	later := timestamppb.New(expires.AsTime().Add(time.Hour))
	rotated := call(s, c.RotateToken, &adminv1.RotateTokenRequest{
		Ref: minted.GetToken().GetRef(), Expires: later, Overlap: durationpb.New(time.Minute),
	})
	next := &adminv1.Token{Ref: &adminv1.TokenRef{Prefix: "mbz_", Lookup: "2"}, Name: "deploy", Grant: q.GetGrant(), Expires: later}
	same(s, "rotated", rotated, &adminv1.RotateTokenResponse{Token: next, Secret: "mbz_2_" + secretWord + "2", Seq: 2})
	old, err := s.store.Token(t.Context(), authz.TokenRef{Prefix: "mbz_", Lookup: "1"})
	if left := time.Until(old.Expires); err != nil || left > time.Minute || left < 50*time.Second {
		t.Errorf("the one before ends in %v, %v", left, err)
	}

	revoked := call(s, c.RevokeToken, &adminv1.RevokeTokenRequest{Ref: next.GetRef(), Reason: "lost"})
	next.Reason = "lost"
	same(s, "revoked", revoked, &adminv1.RevokeTokenResponse{Token: next, Seq: 3})
	again := call(s, c.RevokeToken, &adminv1.RevokeTokenRequest{Id: revoked.GetToken().GetId(), Reason: "again"})
	same(s, "revoked again", again, &adminv1.RevokeTokenResponse{Token: next})
	if got := revoked.GetToken().GetRevoked(); got == nil || !again.GetToken().GetRevoked().AsTime().Equal(got.AsTime()) {
		t.Errorf("revoked at %v, then %v", got, again.GetToken().GetRevoked())
	}
}

func TestPrincipals(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.serve()
	svc := &adminv1.Principal{Kind: "machine", Name: "svc1", Login: "password", Grant: grant("svc1")}
	put := call(s, c.PutPrincipal, &adminv1.PutPrincipalRequest{Principal: svc, Password: passwordWord})
	svc.Id = put.GetPrincipal().GetId()
	same(s, "put", put, &adminv1.PutPrincipalResponse{Principal: svc, Seq: 1})
	first := s.verifier()

	svc.Disabled = true
	same(s, "kept", call(s, c.PutPrincipal, &adminv1.PutPrincipalRequest{Principal: svc}), &adminv1.PutPrincipalResponse{Principal: svc, Seq: 2})
	if got := s.verifier(); got != first {
		t.Errorf("without a password: verifier %s, want %s", got, first)
	}
	same(s, "no change", call(s, c.PutPrincipal, &adminv1.PutPrincipalRequest{Principal: svc}).GetSeq(), uint64(0))
	call(s, c.PutPrincipal, &adminv1.PutPrincipalRequest{Principal: svc, Password: "another"})
	if got := s.verifier(); got == first {
		t.Error("with a password: the verifier stayed")
	}

	call(s, c.PutPrincipal, &adminv1.PutPrincipalRequest{Principal: &adminv1.Principal{Kind: "user", Name: "ada", Login: "token", Grant: grant("ada")}})
	same(s, "machines", call(s, c.ListPrincipals, &adminv1.ListPrincipalsRequest{Kind: "machine"}).GetPrincipals(), []*adminv1.Principal{svc})
	removed := call(s, c.RemovePrincipal, &adminv1.RemovePrincipalRequest{Kind: "machine", Name: "svc1", Reason: "gone"})
	same(s, "removed", removed, &adminv1.RemovePrincipalResponse{Principal: svc, Seq: 5})
}

func TestServerKeys(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	got := call(s, s.serve().ListServerKeys, &adminv1.ListServerKeysRequest{}).GetServerKeys()
	same(s, "server keys", got, []*adminv1.ServerKey{{Id: "k1", Tokens: 2}, {Id: "k2"}})
}

// Row G05: a machine that has a password is given no token, and whoever asked reads
// which field is wrong.
func TestMachineHasOneCredential(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.serve()
	svc := &adminv1.Principal{Kind: "machine", Name: "svc1", Login: "password", Grant: grant("svc1")}
	owner := call(s, c.PutPrincipal, &adminv1.PutPrincipalRequest{Principal: svc, Password: passwordWord}).GetPrincipal().GetId()
	_, err := c.MintToken(t.Context(), &adminv1.MintTokenRequest{Prefix: "mu_", Owner: owner, Grant: grant("svc1")})
	if !errors.Is(err, authz.ErrInvalid) || !strings.Contains(err.Error(), "owner: a machine that logs in by a password has no tokens") {
		t.Errorf("got %v", err)
	}
	same(s, "tokens", call(s, c.ListTokens, &adminv1.ListTokensRequest{}).GetTokens(), []*adminv1.Token(nil))
}

// A socket that is opened for one command is another door in the audit.
func TestOrigin(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.settings.Origin = "offline"
	c := s.serve()
	call(s, c.PutOrganization, &adminv1.PutOrganizationRequest{Organization: &adminv1.Organization{Id: "acme"}})
	if got := call(s, c.ListAudit, &adminv1.ListAuditRequest{}).GetEntries()[0].GetOrigin(); got != "offline" {
		t.Errorf("got %q", got)
	}
}

// verifier is that of the machine svc1.
func (s *scene) verifier() string {
	s.Helper()
	p, err := s.store.Principal(s.Context(), authz.Machine, "svc1")
	if err != nil {
		s.Fatal(err)
	}
	return p.Verifier
}

func TestOrganizations(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.serve()
	acme := &adminv1.Organization{Id: "acme", Name: "Acme"}
	member := &adminv1.Membership{Organization: "acme", Subject: "ada", Role: "owner", Scopes: []string{"b", "a"}}
	domain := &adminv1.Domain{Name: "shop.example", Organization: "acme", Verified: true}
	seqs := []uint64{
		call(s, c.PutOrganization, &adminv1.PutOrganizationRequest{Organization: acme}).GetSeq(),
		call(s, c.PutMember, &adminv1.PutMemberRequest{Membership: member}).GetSeq(),
		call(s, c.PutDomain, &adminv1.PutDomainRequest{Domain: domain}).GetSeq(),
		call(s, c.PutDomain, &adminv1.PutDomainRequest{Domain: domain}).GetSeq(),
	}
	same(s, "organizations", call(s, c.ListOrganizations, &adminv1.ListOrganizationsRequest{}).GetOrganizations(), []*adminv1.Organization{acme})
	same(s, "members", call(s, c.ListMembers, &adminv1.ListMembersRequest{Organization: "acme"}).GetMemberships(), []*adminv1.Membership{member})
	same(s, "no members", call(s, c.ListMembers, &adminv1.ListMembersRequest{Organization: "other"}).GetMemberships(), []*adminv1.Membership(nil))
	same(s, "domains", call(s, c.ListDomains, &adminv1.ListDomainsRequest{}).GetDomains(), []*adminv1.Domain{domain})
	seqs = append(seqs,
		call(s, c.RemoveMember, &adminv1.RemoveMemberRequest{Organization: "acme", Subject: "ada"}).GetSeq(),
		call(s, c.RemoveDomain, &adminv1.RemoveDomainRequest{Name: "shop.example"}).GetSeq(),
		call(s, c.RemoveOrganization, &adminv1.RemoveOrganizationRequest{Id: "acme", Reason: "left"}).GetSeq())
	same(s, "numbers", seqs, []uint64{1, 2, 3, 0, 4, 5, 6})
}

// The audit names the user who called, and can be checked by whoever reads it.
func TestAudit(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.serve()
	call(s, c.PutOrganization, &adminv1.PutOrganizationRequest{Organization: &adminv1.Organization{Id: "acme"}})
	call(s, c.MintToken, &adminv1.MintTokenRequest{Prefix: "mbz_", Grant: grant("bot")})
	call(s, c.RemoveOrganization, &adminv1.RemoveOrganizationRequest{Id: "acme", Reason: "left"})
	page := call(s, c.ListAudit, &adminv1.ListAuditRequest{PageSize: 2})
	rest := call(s, c.ListAudit, &adminv1.ListAuditRequest{PageSize: 2, After: page.GetNextAfter()})
	if len(page.GetEntries()) != 2 || page.GetNextAfter() != 2 || rest.GetNextAfter() != 0 {
		t.Errorf("pages of %d, then after %d, then after %d", len(page.GetEntries()), page.GetNextAfter(), rest.GetNextAfter())
	}
	var entries []authz.AuditEntry
	actor := admin.Actor(admin.CurrentUser())
	for _, e := range append(page.GetEntries(), rest.GetEntries()...) {
		if e.GetActor() != actor || !strings.HasPrefix(actor, "uid:") || e.GetOrigin() != "cli" {
			t.Errorf("entry %d: %q from %q", e.GetSeq(), e.GetActor(), e.GetOrigin())
		}
		entries = append(entries, authz.AuditEntry{
			Seq: e.GetSeq(), At: e.GetAt().AsTime(), Act: authz.Act{Actor: e.GetActor(), Origin: e.GetOrigin()},
			Action: e.GetAction(), Object: e.GetObject(), Reason: e.GetReason(), Previous: e.GetPrevious(), Hash: e.GetHash(),
		})
	}
	if err := authz.CheckAudit("", entries); err != nil || len(entries) != 3 || entries[2].Reason != "left" {
		t.Errorf("%d entries: %v", len(entries), err)
	}
}

// TestNetworks: a token and a principal come back with the networks that they were put
// with, the owner's beside the token's own, and what is no network is refused.
func TestNetworks(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.serve()
	with := func(networks ...string) *adminv1.Grant { return &adminv1.Grant{Subject: "bot", Networks: networks} }
	owner := call(s, c.PutPrincipal, &adminv1.PutPrincipalRequest{Principal: &adminv1.Principal{Kind: "machine", Name: "bot", Login: "token", Grant: with("2001:db8::/32")}}).GetPrincipal()
	token := call(s, c.MintToken, &adminv1.MintTokenRequest{Prefix: "mbz_", Owner: owner.GetId(), Grant: with("203.0.113.0/24", "192.0.2.9")}).GetToken()
	if diff := cmp.Diff(token.GetGrant().GetNetworks(), []string{"203.0.113.0/24", "192.0.2.9/32"}); diff != "" {
		t.Errorf("the token's (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(token.GetOwnerNetworks(), []string{"2001:db8::/32"}); diff != "" {
		t.Errorf("the owner's (-got +want):\n%s", diff)
	}
	for name, ask := range map[string]func() error{
		"mint": func() error {
			_, err := c.MintToken(t.Context(), &adminv1.MintTokenRequest{Prefix: "mbz_", Grant: with("203.0.113.9/24")})
			return err
		},
		"import": func() error {
			_, err := c.ImportToken(t.Context(), &adminv1.ImportTokenRequest{Scheme: "sha256", Grant: with("localhost")})
			return err
		},
		"put": func() error {
			_, err := c.PutPrincipal(t.Context(), &adminv1.PutPrincipalRequest{Principal: &adminv1.Principal{Kind: "machine", Name: "bot", Login: "token", Grant: with("")}})
			return err
		},
		"update": func() error {
			_, err := c.UpdatePrincipal(t.Context(), &adminv1.UpdatePrincipalRequest{Principal: &adminv1.Principal{Kind: "machine", Name: "bot", Grant: with("*")}, UpdateMask: mask("grant.networks")})
			return err
		},
	} {
		if err := ask(); !errors.Is(err, authz.ErrInvalid) || !strings.Contains(err.Error(), "networks: ") {
			t.Errorf("%s: got %v, want what is wrong with the networks", name, err)
		}
	}
}
