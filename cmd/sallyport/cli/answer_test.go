package cli_test

import (
	"encoding/json"
	"errors"
	"testing"

	"google.golang.org/protobuf/proto"

	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// What people read of an answer. A secret stands alone on standard output, so that it
// can be piped, and nothing else is told there.
func TestAnswers(t *testing.T) {
	t.Parallel()
	revoked := deploy()
	revoked.Revoked, revoked.Reason, revoked.Expires, revoked.LastUsed = at(3), "lost", nil, nil
	disabled := deploy()
	disabled.Disabled = true
	expired := deploy()
	expired.Expires = at(0)
	for _, c := range []struct {
		words, stdin string
		answer       proto.Message
		out, notes   string
	}{
		{
			"token mint --prefix mbz_", "", &adminv1.MintTokenResponse{Token: deploy(), Secret: "mbz_1a2b3c4d_s3cret"},
			"mbz_1a2b3c4d_s3cret\n", "token mbz_1a2b3c4d, id T1; its secret is shown this once:\n",
		},
		{
			"token rotate T1", "", &adminv1.RotateTokenResponse{Token: deploy(), Secret: "mbz_1a2b3c4d_s3cret"},
			"mbz_1a2b3c4d_s3cret\n", "token mbz_1a2b3c4d, id T1; its secret is shown this once:\n",
		},
		{"token import --scheme sha256", "abc", &adminv1.ImportTokenResponse{Token: deploy()}, "imported mbz_1a2b3c4d, id T1\n", ""},
		{"token revoke T1 --reason lost", "", &adminv1.RevokeTokenResponse{Token: deploy()}, "revoked mbz_1a2b3c4d, id T1\n", ""},
		{
			"token list", "", &adminv1.ListTokensResponse{Tokens: []*adminv1.Token{deploy(), revoked, disabled, expired}},
			"" +
				"ID  TOKEN         NAME    SUBJECT  TENANT  SCOPES  STATE           EXPIRES               LAST USED\n" +
				"T1  mbz_1a2b3c4d  deploy  bot      acme    a,b     active          2030-01-31T01:00:00Z  2030-01-31T02:00:00Z\n" +
				"T1  mbz_1a2b3c4d  deploy  bot      acme    a,b     revoked: lost   -                     -\n" +
				"T1  mbz_1a2b3c4d  deploy  bot      acme    a,b     owner disabled  2030-01-31T01:00:00Z  2030-01-31T02:00:00Z\n" +
				"T1  mbz_1a2b3c4d  deploy  bot      acme    a,b     expired         2030-01-31T00:00:00Z  2030-01-31T02:00:00Z\n", "",
		},
		{
			"token show T1", "", &adminv1.GetTokenResponse{Token: revoked},
			"" +
				"ID  TOKEN         NAME    SUBJECT  TENANT  SCOPES  STATE          EXPIRES  LAST USED\n" +
				"T1  mbz_1a2b3c4d  deploy  bot      acme    a,b     revoked: lost  -        -\n", "",
		},
		{
			"machine put svc1", "", &adminv1.UpdatePrincipalResponse{Principal: &adminv1.Principal{Id: "P1", Kind: "machine", Name: "svc1"}},
			"machine svc1, enabled, id P1\n", "",
		},
		{
			"machine put svc1 --role owner", "", &adminv1.UpdatePrincipalResponse{Principal: &adminv1.Principal{Id: "P1", Kind: "machine", Name: "svc1", Disabled: true}},
			"machine svc1, disabled, id P1\n", "",
		},
		{
			"machine remove svc1 --reason gone", "", &adminv1.RemovePrincipalResponse{Principal: &adminv1.Principal{Id: "P1", Kind: "machine", Name: "svc1"}},
			"removed machine svc1\n", "",
		},
		{
			"principal list", "", &adminv1.ListPrincipalsResponse{Principals: []*adminv1.Principal{
				{Id: "P1", Kind: "machine", Name: "svc1", Login: "password", Disabled: true},
			}},
			"ID  KIND     NAME  LOGIN     TENANT  SCOPES  STATE\nP1  machine  svc1  password  -       -       disabled\n", "",
		},
		{"org put acme", "", &adminv1.PutOrganizationResponse{Seq: 1}, "put\n", ""},
		{"org list", "", &adminv1.ListOrganizationsResponse{Organizations: []*adminv1.Organization{{Id: "acme"}}}, "ID    NAME\nacme  -\n", ""},
		{
			"member list", "", &adminv1.ListMembersResponse{Memberships: []*adminv1.Membership{{Organization: "acme", Subject: "ada", Role: "owner", Scopes: []string{"a", "b"}}}},
			"ORG   SUBJECT  ROLE   SCOPES\nacme  ada      owner  a,b\n", "",
		},
		{
			"domain list", "", &adminv1.ListDomainsResponse{Domains: []*adminv1.Domain{{Name: "shop.example", Organization: "acme", Verified: true}}},
			"NAME          ORG   VERIFIED\nshop.example  acme  true\n", "",
		},
		{"keys", "", &adminv1.ListServerKeysResponse{ServerKeys: []*adminv1.ServerKey{{Id: "k0"}, {Id: "k1", Tokens: 12}}}, "ID  TOKENS\nk0  0\nk1  12\n", ""},
		{
			"audit", "", &adminv1.ListAuditResponse{Entries: []*adminv1.AuditEntry{{Seq: 7, At: at(1), Actor: "uid:0 (root)", Origin: "cli", Action: "mint_token", Object: "token T1"}}},
			"SEQ  AT                    ACTOR         ORIGIN  ACTION      OBJECT    REASON\n7    2030-01-31T01:00:00Z  uid:0 (root)  cli     mint_token  token T1  -\n", "",
		},
	} {
		t.Run(c.words, func(t *testing.T) {
			t.Parallel()
			s := &service{answers: []proto.Message{c.answer}}
			if got := s.run(t, c.words, c.stdin); got.err != nil || got.out != c.out || got.notes != c.notes {
				t.Errorf("got %v\n%s%s\nwant\n%s%s", got.err, got.out, got.notes, c.out, c.notes)
			}
		})
	}
}

// With --json a command prints the service's answer, one object, whole: an absent
// field is there too, and all pages of a list are one.
func TestJSON(t *testing.T) {
	t.Parallel()
	s := &service{answers: []proto.Message{
		&adminv1.ListTokensResponse{Tokens: []*adminv1.Token{deploy()}, NextPageToken: "next"},
		&adminv1.ListTokensResponse{Tokens: []*adminv1.Token{{Id: "T2"}}},
	}}
	got := s.run(t, "token list --json --tenant acme", "")
	var told struct {
		Tokens []struct {
			ID       string  `json:"id"`
			LastUsed *string `json:"last_used"`
			Disabled *bool   `json:"disabled"`
		} `json:"tokens"`
	}
	if err := errors.Join(got.err, json.Unmarshal([]byte(got.out), &told)); err != nil || got.notes != "" {
		t.Fatalf("got %s%s: %v", got.out, got.notes, err)
	}
	if len(told.Tokens) != 2 || told.Tokens[0].ID != "T1" || told.Tokens[1].ID != "T2" || told.Tokens[0].LastUsed == nil || told.Tokens[1].Disabled == nil {
		t.Errorf("got %s", got.out)
	}
	second, ok := s.asked[1].(*adminv1.ListTokensRequest)
	if !ok || second.GetPageToken() != "next" || second.GetTenant() != "acme" {
		t.Errorf("asked for %v", s.asked)
	}

	minting := &service{answers: []proto.Message{&adminv1.MintTokenResponse{Token: deploy(), Secret: "mbz_1a2b3c4d_s3cret", Seq: 7}}}
	got = minting.run(t, "token mint --prefix mbz_ --json", "")
	var minted struct {
		Secret string `json:"secret"`
		Seq    string `json:"seq"`
	}
	if err := errors.Join(got.err, json.Unmarshal([]byte(got.out), &minted)); err != nil || minted.Secret != "mbz_1a2b3c4d_s3cret" || minted.Seq != "7" || got.notes != "" {
		t.Errorf("got %s%s: %v", got.out, got.notes, err)
	}
}

// An error of the service is the command's, in its own words; nothing is printed beside,
// and the connection is ended.
func TestErrors(t *testing.T) {
	t.Parallel()
	for _, words := range []string{
		"token mint --prefix mbz_", "token list", "token list --json", "token show T1", "token revoke T1 --reason lost",
		"machine put svc1", "principal list", "org list", "member list", "domain list", "audit", "keys",
	} {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			s := &service{err: errors.New("not found: there is no such token")}
			got := s.run(t, words, "")
			if !errors.Is(got.err, s.err) || got.out != "" || got.notes != "" || s.done != 1 {
				t.Errorf("got %v, %q, %q, ended %d times", got.err, got.out, got.notes, s.done)
			}
		})
	}
}
