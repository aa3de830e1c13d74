package sqlite_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/store/sqlite"
)

// TestFaultsAreNoAnswer: of a file whose pages cannot be read any more, here because
// somebody has cut it, nobody can tell: no token is called unknown, and the process
// goes on. Without ask's SetPanicOnFault it ends.
func TestFaultsAreNoAnswer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "sallyport.db")
	open := func() *sqlite.Store {
		store, err := sqlite.Open(t.Context(), sqlite.Settings{Path: path, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		return store
	}
	ref := func(i int) authz.TokenRef {
		return authz.TokenRef{Prefix: "mbz_", Lookup: fmt.Sprintf("%08x", i)}
	}
	const tokens = 300
	store := open()
	mint := func(i int) {
		minted := authz.MintToken{Token: authz.Token{Ref: ref(i), Verifier: "v" + strings.Repeat("x", 1000), Grant: authz.Grant{Subject: "ann"}}}
		if _, err := store.Apply(t.Context(), authz.Act{Actor: "test", Origin: "test"}, minted); err != nil {
			t.Fatal(err)
		}
	}
	for i := range tokens {
		mint(i)
	}
	if err := store.Close(); err != nil { // what stands in the log goes into the file
		t.Fatal(err)
	}
	store = open()
	mint(tokens) // what stands in the log tells how long the file is: nobody looks
	if _, err := store.Token(t.Context(), ref(0)); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 4<<10); err != nil {
		t.Fatal(err)
	}
	select {
	case <-store.Faulted():
		t.Fatal("a fault before there was one")
	default:
	}
	faults := 0
	for i := range tokens {
		if _, err := store.Token(t.Context(), ref(i)); errors.Is(err, authz.ErrNotFound) {
			t.Errorf("token %d is called unknown", i)
		} else if err != nil {
			faults++
		}
	}
	if faults == 0 {
		t.Error("everything was read: the test shows nothing")
	}
	select {
	case <-store.Faulted():
	default:
		t.Error("nobody is told of the fault")
	}
	_ = store.Close() // what it says of a file that was cut does not matter here
}
