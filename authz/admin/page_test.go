package admin_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/admin"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// pages reads a whole list, and tells how many rows each page has.
func (s *scene) pages(c *admin.Client, size int32) (ids []string, rows []int) {
	s.Helper()
	q := &adminv1.ListOrganizationsRequest{PageSize: size}
	for {
		a := call(s, c.ListOrganizations, q)
		for _, o := range a.GetOrganizations() {
			ids = append(ids, o.GetId())
		}
		rows = append(rows, len(a.GetOrganizations()))
		if q.PageToken = a.GetNextPageToken(); q.GetPageToken() == "" || len(rows) > 1000 {
			return ids, rows
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.serve()
	var want []string
	const organizations = 1005
	for i := range organizations {
		id := fmt.Sprintf("o%04d", i)
		want = append(want, id)
		if _, err := s.store.Apply(t.Context(), cli, authz.PutOrganization{Organization: authz.Organization{ID: id}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c2 := range []struct {
		size int32
		rows []int
	}{
		{335, []int{335, 335, 335, 0}},
		{1000, []int{1000, 5}},
		{2000, []int{1000, 5}},
		{0, []int{100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 5}},
	} {
		ids, rows := s.pages(c, c2.size)
		if fmt.Sprint(rows) != fmt.Sprint(c2.rows) || fmt.Sprint(ids) != fmt.Sprint(want) {
			t.Errorf("page size %d: pages of %d, want %d; %d ids", c2.size, rows, c2.rows, len(ids))
		}
	}
}

// Large rows end a page before its number does, so that every answer can be sent and
// taken. The guard is the size in pageOf.
func TestLargePages(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.serve()
	scopes := make([]string, authz.MostScopes)
	for i := range scopes {
		scopes[i] = strings.Repeat("s", authz.MostText)
	}
	const tokens = 8
	for i := range tokens {
		large := authz.Token{
			Ref: authz.TokenRef{Prefix: "mbz_", Lookup: fmt.Sprint(i)}, Verifier: verifierWord,
			Grant: authz.Grant{Subject: "bot", Scopes: scopes, Claims: map[string]any{"c": strings.Repeat("c", authz.MostClaims-100)}},
		}
		if _, err := s.store.Apply(t.Context(), cli, authz.MintToken{Token: large}); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for q := (&adminv1.ListTokensRequest{}); ; {
		a := call(s, c.ListTokens, q)
		for _, token := range a.GetTokens() {
			seen[token.GetId()] = true
		}
		if size := proto.Size(a); size > 2*admin.MostPage {
			t.Errorf("a page of %d bytes", size)
		}
		if q.PageToken = a.GetNextPageToken(); q.GetPageToken() == "" {
			break
		}
	}
	if len(seen) != tokens {
		t.Errorf("saw %d tokens, want %d", len(seen), tokens)
	}
}
