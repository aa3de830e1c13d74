package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
)

// What the configuration looks up in one way is not taken over to be found in the
// other. The guard is storedForms.check; that both rows of taken are, is why it asks
// about both.
func TestImportsAreLookedUpAsConfigured(t *testing.T) {
	t.Parallel()
	w := openStored(t, strings.Replace(storedCallers, "token: {prefixes: [pfy_]}", "token: {prefixes: [pfy_, pat_]}", 1), map[string]string{"rules/custom.rego": "package custom\n\nallow if true\n"})
	forms := w.plan.store.forms
	if !slices.Equal(forms.own, []string{"pfy_", "pfy_", "pat_"}) || !slices.Equal(forms.whole, []string{"", "pk_"}) {
		t.Fatalf("got %+v", forms)
	}
	i := importer{w.vault.opened.Load().forms.Load}
	digest := sha256.Sum256([]byte("a token"))
	kept := authz.NewSecret(hex.EncodeToString(digest[:]))
	const id = "0123456789ab"
	for _, ref := range []authz.TokenRef{{}, {Prefix: "pk_"}, {Prefix: "later_"}, {Prefix: "later_", Lookup: id}, {Prefix: "pfy_", Lookup: id}, {Prefix: "pat_", Lookup: id}} {
		if _, _, err := i.Token("sha256", ref, kept); err != nil {
			t.Errorf("%v: %v", ref, err)
		}
	}
	for _, c := range []struct {
		ref  authz.TokenRef
		says string
	}{
		{authz.TokenRef{Prefix: "pfy_"}, "give it (--lookup ID)"},
		{authz.TokenRef{Prefix: "pat_"}, "give it (--lookup ID)"},
		{authz.TokenRef{Prefix: "pk_", Lookup: id}, "leave it out"},
	} {
		if _, text, err := i.Token("sha256", c.ref, kept); !errors.Is(err, authz.ErrInvalid) || !strings.Contains(err.Error(), c.says) || text != "" {
			t.Errorf("%v: got %v", c.ref, err)
		}
	}
	// A new plan is taken over with its forms.
	w.vault.know(storedForms{whole: []string{"pfy_"}})
	if _, _, err := i.Token("sha256", authz.TokenRef{Prefix: "pfy_"}, kept); err != nil {
		t.Errorf("after a reload: %v", err)
	}
}
