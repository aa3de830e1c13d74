package admin_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sallyport-authz/sallyport/authz"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// importer takes what begins with "good", and looks tokens up by what follows.
type importer struct{}

func (importer) Token(scheme string, ref authz.TokenRef, kept authz.Secret) (authz.TokenRef, string, error) {
	lookup, ok := strings.CutPrefix(kept.Reveal(), "good ")
	if !ok {
		return authz.TokenRef{}, "", authz.ErrInvalid
	}
	return authz.TokenRef{Prefix: ref.Prefix, Lookup: lookup}, verifierWord + scheme, nil
}

func (importer) Password(kept authz.Secret) (string, error) {
	if !strings.HasPrefix(kept.Reveal(), "good ") {
		return "", authz.ErrInvalid
	}
	return verifierWord + kept.Reveal(), nil
}

// A token that is taken over is as it was asked for, proven by what the importer read;
// what the importer refuses, a second one by the same reference and one too many are
// refused, each in its own words.
func TestImportToken(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.serve()
	expires := timestamppb.New(time.Now().Add(time.Hour).Truncate(time.Microsecond))
	q := &adminv1.ImportTokenRequest{
		Ref: &adminv1.TokenRef{Prefix: "mbz_"}, Scheme: "sha256", Kept: "good 1", Name: "deploy", Expires: expires,
		Grant: &adminv1.Grant{Subject: "bot", Tenant: "acme", Scopes: []string{"b", "a"}},
	}
	want := &adminv1.Token{Ref: &adminv1.TokenRef{Prefix: "mbz_", Lookup: "1"}, Name: "deploy", Grant: q.GetGrant(), Expires: expires}
	same(s, "imported", call(s, c.ImportToken, q), &adminv1.ImportTokenResponse{Token: want, Seq: 1})
	stored, err := s.store.Token(t.Context(), authz.TokenRef{Prefix: "mbz_", Lookup: "1"})
	if err != nil || stored.Verifier != verifierWord+"sha256" {
		t.Errorf("stored: %v, %v", stored, err)
	}
	for _, c2 := range []struct {
		name string
		edit func(*adminv1.ImportTokenRequest)
		is   error
		says string
	}{
		{"what cannot be read", func(q *adminv1.ImportTokenRequest) { q.Kept = "bad" }, authz.ErrInvalid, "invalid"},
		{"again", func(*adminv1.ImportTokenRequest) {}, authz.ErrExists, "ref:"},
		{"one too many", func(q *adminv1.ImportTokenRequest) { q.Kept, q.Most = "good 2", 1 }, authz.ErrExists, "as many tokens"},
		{"no such owner", func(q *adminv1.ImportTokenRequest) { q.Kept, q.Owner = "good 2", "nobody" }, authz.ErrNotFound, "no such owner"},
		{"expired", func(q *adminv1.ImportTokenRequest) { q.Kept, q.Expires = "good 2", timestamppb.New(time.Unix(1, 0)) }, authz.ErrInvalid, "expiry"},
		{"nobody's", func(q *adminv1.ImportTokenRequest) { q.Kept, q.Grant = "good 2", nil }, authz.ErrInvalid, "subject"},
	} {
		q := &adminv1.ImportTokenRequest{Ref: &adminv1.TokenRef{Prefix: "mbz_"}, Scheme: "sha256", Kept: "good 1", Grant: &adminv1.Grant{Subject: "bot", Tenant: "acme"}}
		c2.edit(q)
		if _, err := c.ImportToken(t.Context(), q); !errors.Is(err, c2.is) || !strings.Contains(err.Error(), c2.says) {
			t.Errorf("%s: got %v", c2.name, err)
		}
	}
	same(s, "tokens", len(call(s, c.ListTokens, &adminv1.ListTokensRequest{}).GetTokens()), 1)
}

// A password may come as what another system kept of it, which is read and not hashed.
func TestImportPassword(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.serve()
	svc := &adminv1.Principal{Kind: "machine", Name: "svc1", Login: "password", Grant: grant("svc1")}
	put := call(s, c.PutPrincipal, &adminv1.PutPrincipalRequest{Principal: svc, PasswordHash: "good hash"})
	if got := s.verifier(); got != verifierWord+"good hash" || s.hasher.made.Load() != 0 || put.GetSeq() != 1 {
		t.Errorf("verifier %s after %d hashes, change %d", got, s.hasher.made.Load(), put.GetSeq())
	}
	byToken := &adminv1.Principal{Kind: "machine", Name: "svc2", Login: "token", Grant: grant("svc2")}
	for _, q := range []*adminv1.PutPrincipalRequest{
		{Principal: svc, PasswordHash: "bad"},
		{Principal: svc, PasswordHash: "good other", Password: passwordWord},
		{Principal: byToken, PasswordHash: "good hash"},
	} {
		_, err := c.PutPrincipal(t.Context(), q)
		if !errors.Is(err, authz.ErrInvalid) || q.GetPasswordHash() != "bad" && !strings.Contains(err.Error(), "password_hash: ") {
			t.Errorf("got %v", err)
		}
	}
	if got := s.verifier(); got != verifierWord+"good hash" {
		t.Errorf("verifier after refusals: %s", got)
	}
}

// Of a key that was taken over whole, a token of another form would be no successor:
// nobody would find it, and the key would have ended. The guard is Makes in RotateToken.
func TestRotateKeepsTheForm(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.serve()
	whole := strings.Repeat("a", 64)
	minted := authz.MintToken{Token: authz.Token{Ref: authz.TokenRef{Prefix: "sk_", Lookup: whole}, Verifier: "v", Grant: authz.Grant{Subject: "bot"}}}
	applied, err := s.store.Apply(t.Context(), authz.Act{Actor: "test", Origin: "test"}, minted)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.RotateToken(t.Context(), &adminv1.RotateTokenRequest{Id: applied.Token.ID})
	if !errors.Is(err, authz.ErrInvalid) || !strings.Contains(err.Error(), "mint one, and revoke it") {
		t.Errorf("got %v", err)
	}
	if got := call(s, c.GetToken, &adminv1.GetTokenRequest{Id: applied.Token.ID}).GetToken(); got.GetExpires() != nil {
		t.Errorf("it ends: %v", got)
	}
}

// A token is found by its id or by what it shows of itself, by every call that means
// one, and by exactly one of them.
func TestFindToken(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.serve()
	first := call(s, c.MintToken, &adminv1.MintTokenRequest{Prefix: "mbz_", Grant: grant("bot")}).GetToken()
	other := call(s, c.MintToken, &adminv1.MintTokenRequest{Prefix: "pfy_", Grant: grant("other")}).GetToken()
	same(s, "by id", call(s, c.GetToken, &adminv1.GetTokenRequest{Id: first.GetId()}).GetToken(), first)
	same(s, "by ref", call(s, c.GetToken, &adminv1.GetTokenRequest{Ref: other.GetRef()}).GetToken(), other)
	next := call(s, c.RotateToken, &adminv1.RotateTokenRequest{Id: other.GetId()}).GetToken()
	if next.GetRef().GetPrefix() != "pfy_" || next.GetGrant().GetSubject() != "other" {
		t.Errorf("the successor of another: %v", next)
	}
	for _, q := range []struct {
		id  string
		ref *adminv1.TokenRef
		is  error
	}{
		{"", nil, authz.ErrInvalid},
		{first.GetId(), first.GetRef(), authz.ErrInvalid},
		{"nobody", nil, authz.ErrNotFound},
		{"", &adminv1.TokenRef{Prefix: "mbz_", Lookup: "nobody"}, authz.ErrNotFound},
	} {
		_, getting := c.GetToken(t.Context(), &adminv1.GetTokenRequest{Id: q.id, Ref: q.ref})
		_, rotating := c.RotateToken(t.Context(), &adminv1.RotateTokenRequest{Id: q.id, Ref: q.ref})
		_, revoking := c.RevokeToken(t.Context(), &adminv1.RevokeTokenRequest{Id: q.id, Ref: q.ref})
		for _, err := range []error{getting, rotating, revoking} {
			if !errors.Is(err, q.is) {
				t.Errorf("%q, %v: got %v, want %v", q.id, q.ref, err, q.is)
			}
		}
	}
	same(s, "the first one", call(s, c.GetToken, &adminv1.GetTokenRequest{Id: first.GetId()}).GetToken(), first)
}
