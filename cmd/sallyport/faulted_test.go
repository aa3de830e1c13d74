package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
)

// TestFaulted: whoever runs the service hears of a store that cannot be read any more,
// here because somebody has cut its file, and nobody is told that a token is unknown.
// The guard is vault.faulted, for which live waits.
func TestFaulted(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "store")
	v, end := mustOpen(t, folder, "k1")
	long := func(authz.Secret) string { return strings.Repeat("v", 1000) }
	var refs []authz.TokenRef
	for range 300 {
		_, token := v.add(t, long)
		refs = append(refs, token.Ref)
	}
	end() // what stands in the log goes into the file
	if v.faulted() != nil {
		t.Error("a store that is closed cannot fault")
	}
	v, end = mustOpen(t, folder, "k1")
	defer end()
	v.add(t, long) // what stands in the log tells how long the file is: nobody looks
	for range 16 { // each connection reads once
		if _, err := v.Token(t.Context(), refs[0]); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(filepath.Join(folder, databaseName), 4<<10); err != nil {
		t.Fatal(err)
	}
	for _, ref := range refs {
		if _, err := v.Token(t.Context(), ref); errors.Is(err, authz.ErrNotFound) {
			t.Error("a token is called unknown")
		}
	}
	select {
	case <-v.faulted():
	default:
		t.Error("nobody hears of it")
	}
}
