package cli_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// What each command asks for: its arguments, and what stands on standard input.
func TestRequests(t *testing.T) {
	t.Parallel()
	digest := strings.Repeat("ab", 32)
	bot := &adminv1.Grant{Subject: "bot"}
	full := &adminv1.Grant{Subject: "bot", Tenant: "acme", Role: "owner", User: "ada", Scopes: []string{"a", "b"}, Networks: []string{"203.0.113.0/24", "2001:db8::/32"}}
	const grant = " --subject bot --tenant acme --role owner --user ada --scope a --scope b --network 203.0.113.0/24 --network 2001:db8::/32"
	for _, c := range []struct {
		words, stdin string
		want         proto.Message
	}{
		{"token mint --prefix mbz_ --subject bot", "", &adminv1.MintTokenRequest{Prefix: "mbz_", Grant: bot}},
		{
			"token mint --prefix mbz_ --name deploy --owner P1 --most 20 --expires 2030-01-31T01:00:00Z" + grant, "",
			&adminv1.MintTokenRequest{Prefix: "mbz_", Name: "deploy", Owner: "P1", Most: 20, Expires: at(1), Grant: full},
		},
		{
			"token import --scheme sha256 --prefix mbz_ --lookup 1a2b3c4d --name old --owner P1 --most 20 --expires 2030-01-31T01:00:00Z" + grant, digest + "\n",
			&adminv1.ImportTokenRequest{Ref: mbz(), Scheme: "sha256", Kept: digest, Name: "old", Owner: "P1", Most: 20, Expires: at(1), Grant: full},
		},
		{"token import --scheme better-auth --subject bot", "abc\r\n", &adminv1.ImportTokenRequest{Ref: &adminv1.TokenRef{}, Scheme: "better-auth", Kept: "abc", Grant: bot}},
		{"token show mbz_1a2b3c4d", "", &adminv1.GetTokenRequest{Ref: mbz()}},
		{"token show T1", "", &adminv1.GetTokenRequest{Id: "T1"}},
		{"token show " + digest, "", &adminv1.GetTokenRequest{Ref: &adminv1.TokenRef{Lookup: digest}}},
		{"token list", "", &adminv1.ListTokensRequest{}},
		{"token list --tenant acme --owner P1 --prefix mbz_", "", &adminv1.ListTokensRequest{Tenant: "acme", Owner: "P1", Prefix: "mbz_"}},
		{"token rotate mbz_1a2b3c4d", "", &adminv1.RotateTokenRequest{Ref: mbz(), Overlap: durationpb.New(0)}},
		{"token rotate T1 --overlap 24h --expires 2030-01-31T01:00:00Z", "", &adminv1.RotateTokenRequest{Id: "T1", Overlap: durationpb.New(24 * time.Hour), Expires: at(1)}},
		{"token revoke mbz_1a2b3c4d --reason lost", "", &adminv1.RevokeTokenRequest{Ref: mbz(), Reason: "lost"}},
		{"token revoke T1 --reason lost", "", &adminv1.RevokeTokenRequest{Id: "T1", Reason: "lost"}},
		{"machine put svc1", "", put(&adminv1.Principal{Kind: "machine", Name: "svc1", Login: "token", Grant: &adminv1.Grant{Subject: "svc1"}})},
		{
			"machine put svc1 --disabled" + grant, "",
			put(&adminv1.Principal{Kind: "machine", Name: "svc1", Login: "token", Disabled: true, Grant: full}, "grant.subject", "grant.tenant", "grant.role", "grant.user", "grant.scopes", "grant.networks", "disabled"),
		},
		{"machine put svc1 --disabled=false --tenant=", "", put(&adminv1.Principal{Kind: "machine", Name: "svc1", Login: "token", Grant: &adminv1.Grant{Subject: "svc1"}}, "grant.tenant", "disabled")},
		{"machine put svc1 --network=", "", put(&adminv1.Principal{Kind: "machine", Name: "svc1", Login: "token", Grant: &adminv1.Grant{Subject: "svc1"}}, "grant.networks")},
		{
			"machine put svc1 --password-stdin", "pw: 1 \n",
			&adminv1.UpdatePrincipalRequest{
				Password: "pw: 1 ", UpdateMask: &fieldmaskpb.FieldMask{}, AllowMissing: true,
				Principal: &adminv1.Principal{Kind: "machine", Name: "svc1", Login: "password", Grant: &adminv1.Grant{Subject: "svc1"}},
			},
		},
		{
			"principal put administrator admin --hash-stdin", "$2b$12$x",
			&adminv1.UpdatePrincipalRequest{
				PasswordHash: "$2b$12$x", UpdateMask: &fieldmaskpb.FieldMask{}, AllowMissing: true,
				Principal: &adminv1.Principal{Kind: "administrator", Name: "admin", Login: "password", Grant: &adminv1.Grant{Subject: "admin"}},
			},
		},
		{"machine disable svc1", "", onOff(&adminv1.Principal{Kind: "machine", Name: "svc1", Disabled: true})},
		{"machine enable svc1", "", onOff(&adminv1.Principal{Kind: "machine", Name: "svc1"})},
		{"principal disable user ada", "", onOff(&adminv1.Principal{Kind: "user", Name: "ada", Disabled: true})},
		{"principal enable user ada", "", onOff(&adminv1.Principal{Kind: "user", Name: "ada"})},
		{"machine list --tenant acme", "", &adminv1.ListPrincipalsRequest{Kind: "machine", Tenant: "acme"}},
		{"principal list", "", &adminv1.ListPrincipalsRequest{}},
		{"machine remove svc1 --reason gone", "", &adminv1.RemovePrincipalRequest{Kind: "machine", Name: "svc1", Reason: "gone"}},
		{"principal remove user ada --reason left", "", &adminv1.RemovePrincipalRequest{Kind: "user", Name: "ada", Reason: "left"}},
		{"org put acme --name Acme", "", &adminv1.PutOrganizationRequest{Organization: &adminv1.Organization{Id: "acme", Name: "Acme"}}},
		{"org list", "", &adminv1.ListOrganizationsRequest{}},
		{"org remove acme --reason closed", "", &adminv1.RemoveOrganizationRequest{Id: "acme", Reason: "closed"}},
		{"member put acme ada --role owner --scope a", "", &adminv1.PutMemberRequest{Membership: &adminv1.Membership{Organization: "acme", Subject: "ada", Role: "owner", Scopes: []string{"a"}}}},
		{"member list", "", &adminv1.ListMembersRequest{}},
		{"member list acme", "", &adminv1.ListMembersRequest{Organization: "acme"}},
		{"member remove acme ada", "", &adminv1.RemoveMemberRequest{Organization: "acme", Subject: "ada"}},
		{"domain put shop.example --org acme --verified", "", &adminv1.PutDomainRequest{Domain: &adminv1.Domain{Name: "shop.example", Organization: "acme", Verified: true}}},
		{"domain list --org acme", "", &adminv1.ListDomainsRequest{Organization: "acme"}},
		{"domain remove shop.example", "", &adminv1.RemoveDomainRequest{Name: "shop.example"}},
		{"keys", "", &adminv1.ListServerKeysRequest{}},
		{"audit", "", &adminv1.ListAuditRequest{PageSize: 100}},
		{"audit --after 7 --most 3", "", &adminv1.ListAuditRequest{After: 7, PageSize: 3}},
	} {
		t.Run(c.words, func(t *testing.T) {
			t.Parallel()
			s := &service{}
			if got := s.run(t, c.words, c.stdin); got.err != nil {
				t.Fatal(got.err)
			}
			if diff := cmp.Diff(s.asked, []proto.Message{c.want}, protocmp.Transform()); diff != "" {
				t.Errorf("asked (-got +want):\n%s", diff)
			}
			if s.done != 1 {
				t.Errorf("the connection was ended %d times", s.done)
			}
		})
	}
}

// put makes who is not there, and changes what was said of who is.
func put(p *adminv1.Principal, said ...string) *adminv1.UpdatePrincipalRequest {
	return &adminv1.UpdatePrincipalRequest{Principal: p, UpdateMask: &fieldmaskpb.FieldMask{Paths: said}, AllowMissing: true}
}

// onOff makes nobody.
func onOff(p *adminv1.Principal) *adminv1.UpdatePrincipalRequest {
	return &adminv1.UpdatePrincipalRequest{Principal: p, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"disabled"}}}
}

// What no service is asked: the words say what is wrong, and repeat no secret.
func TestRefusals(t *testing.T) {
	t.Parallel()
	const whole = "mbz_1a2b3c4d_5e6f"
	for _, c := range []struct{ words, stdin, says string }{
		{"token mint --subject bot", "", `required flag(s) "prefix"`},
		{"token mint --prefix mbz_ --expires tomorrow", "", `time "tomorrow": write it as in 2030-01-31T00:00:00Z`},
		{"token mint --prefix mbz_ bot", "", "unknown command"},
		{"token import --subject bot", "", `required flag(s) "scheme"`},
		{"token import --scheme sha256 --subject bot", "", "no digest or hash on standard input"},
		{"token import --scheme sha256 --subject bot", strings.Repeat("a", 5000), "longer than 4096 bytes"},
		{"token import --scheme sha256 --expires tomorrow", "abc", "write it as in"},
		{"token show " + whole, "", "this may be a whole token"},
		{"token rotate " + whole, "", "this may be a whole token"},
		{"token revoke " + whole + " --reason lost", "", "this may be a whole token"},
		{"token revoke mbz_ --reason lost", "", "as in mbz_1a2b3c4d"},
		{"token revoke T1", "", `required flag(s) "reason"`},
		{"token rotate", "", "accepts 1 arg(s), received 0"},
		{"token rotate T1 --overlap soon", "", "invalid duration"},
		{"machine put svc1 --password-stdin", "\n", "no password on standard input"},
		{"machine put svc1 --password-stdin --hash-stdin", "x", "none of the others can be"},
		{"machine put svc1 --hash-stdin", "", "no hash on standard input"},
		{"machine put svc1 --password s3cret", "", "unknown flag: --password"},
		{"domain put shop.example", "", `required flag(s) "org"`},
		{"org remove acme", "", `required flag(s) "reason"`},
	} {
		t.Run(c.words, func(t *testing.T) {
			t.Parallel()
			s := &service{}
			got := s.run(t, c.words, c.stdin)
			if got.err == nil || !strings.Contains(got.err.Error(), c.says) || len(s.asked) != 0 {
				t.Errorf("got %v after %d calls, want %q", got.err, len(s.asked), c.says)
			}
			if got.err != nil && (strings.Contains(got.err.Error(), "5e6f") || strings.Contains(got.err.Error(), "s3cret")) {
				t.Errorf("the error repeats a secret: %v", got.err)
			}
		})
	}
}
