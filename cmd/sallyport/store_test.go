package main

import (
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/admin"
)

// storedWorld is a compiled configuration with its open store, as a process has it.
type storedWorld struct {
	plan    *plan
	vault   *vault
	changes *authz.Changes
	applier *admin.Applier
}

// openStored compiles a configuration, whose files lie beside it, and opens its store.
// Server key k1 is in server.key.
func openStored(t testing.TB, text string, files map[string]string) *storedWorld {
	t.Helper()
	file := write(t, text)
	beside := map[string]string{"server.key": strings.Repeat("0123456789abcdef", 4)}
	maps.Copy(beside, files)
	for name, content := range beside {
		at := filepath.Join(filepath.Dir(file), name)
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	from := newSource(file, time.Now)
	p, err := from.load(t.Context(), newInventory(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := from.vault.open(t.Context(), p.store, time.Now, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := from.vault.close(); err != nil {
			t.Error(err)
		}
	})
	applier := admin.NewApplier(from.vault.opened.Load().store, from.changes)
	return &storedWorld{p, from.vault, from.changes, applier}
}

// apply makes changes as the admin service does.
func (w *storedWorld) apply(t testing.TB, changes ...authz.Mutation) {
	t.Helper()
	for _, change := range changes {
		if _, err := w.applier.Apply(t.Context(), authz.Act{Actor: "test", Origin: "cli"}, change); err != nil {
			t.Fatalf("%#v: %v", change, err)
		}
	}
}

// mint gives a token of the subject.
func (w *storedWorld) mint(t testing.TB, prefix string, grant authz.Grant) string {
	t.Helper()
	secret, ref, verifier, err := minter{verifier: w.vault.opened.Load().verifier}.Mint(t.Context(), prefix)
	if err != nil {
		t.Fatal(err)
	}
	w.apply(t, authz.MintToken{Token: authz.Token{Ref: ref, Verifier: verifier, Name: ref.Lookup, Grant: grant}})
	return secret.Reveal()
}

// authorizer remembers, until the test ends.
func (w *storedWorld) authorizer(t testing.TB) *authz.Authorizer {
	t.Helper()
	a, err := authz.NewAuthorizer(authz.Limits{InFlight: 64, Timeout: time.Minute, Margin: time.Millisecond}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	shelves, err := newShelves(16<<20, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shelves.close)
	if err := a.Remembering(shelves, w.changes); err != nil {
		t.Fatal(err)
	}
	a.Swap(w.plan.snapshot)
	return a
}
