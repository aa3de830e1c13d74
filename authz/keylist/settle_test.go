package keylist_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/keylist"
)

// TestSettleRefuses: lists that would know the wrong caller, or none. Each row names in
// want what its own guard says.
func TestSettleRefuses(t *testing.T) {
	one := keylist.Digest("pk_one")
	calling := func(c authz.Caller) []keylist.Key { return []keylist.Key{{ID: "k1", Digest: one, Caller: c}} }
	for _, test := range []struct {
		name string
		keys []keylist.Key
		want string
	}{
		{"no keys", nil, "no keys"},
		{"id twice", []keylist.Key{{ID: "k1", Digest: one}, {ID: "k1", Digest: keylist.Digest("pk_two")}}, "stands twice"},
		{"digest twice", []keylist.Key{{ID: "k1", Digest: one}, {ID: "k2", Digest: one}}, "has the digest of"},
		{"no id", []keylist.Key{{Digest: one}}, "id \"\""},
		{"id with a line break", []keylist.Key{{ID: "k\r\n1", Digest: one}}, "visible"},
		{"no digest", []keylist.Key{{ID: "k1"}}, "no digest"},
		{"digest of the empty key", []keylist.Key{{ID: "k1", Digest: keylist.Digest("")}}, "no digest"},
		{"subject with a line break", calling(authz.Caller{Subject: "a\nb"}), "no header can hold"},
		{"tenant that is not UTF-8", calling(authz.Caller{Tenant: "\xff"}), "no header can hold"},
		{"scope with a space", calling(authz.Caller{Scopes: []string{"a b"}}), "scope"},
		{"empty scope", calling(authz.Caller{Scopes: []string{""}}), "scope"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, err := keylist.Settle(test.keys); err == nil || got != nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error about %q", err, test.want)
			}
		})
	}
}

// TestSettleCompletes: a key's id stands in for its subject, is its token id whatever
// the caller says, and what the flow fills in is left to the flow.
func TestSettleCompletes(t *testing.T) {
	got, err := keylist.Settle([]keylist.Key{
		{ID: "k1", Digest: keylist.Digest("one"), Caller: authz.Caller{Authenticator: "x", Kind: "x", Downgraded: true, TokenID: "x"}},
		{ID: "k2", Digest: keylist.Digest("two"), Caller: authz.Caller{Subject: "ann"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []keylist.Key{
		{ID: "k1", Digest: keylist.Digest("one"), Caller: authz.Caller{Subject: "k1", TokenID: "k1"}},
		{ID: "k2", Digest: keylist.Digest("two"), Caller: authz.Caller{Subject: "ann", TokenID: "k2"}},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}
