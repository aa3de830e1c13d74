package sqlite_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/store/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var act = authz.Act{Actor: "ada", Origin: "cli"}

// settings are those of a store in a folder that nobody else may enter.
func settings(t testing.TB, path string) sqlite.Settings {
	t.Helper()
	if path == "" {
		path = filepath.Join(t.TempDir(), "data", "store.db")
	}
	return sqlite.Settings{Path: path, Now: time.Now}
}

func open(t testing.TB, s sqlite.Settings) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func apply(t testing.TB, store *sqlite.Store, change authz.Mutation) authz.Applied {
	t.Helper()
	applied, err := store.Apply(context.Background(), act, change)
	if err != nil {
		t.Fatal(err)
	}
	return applied
}

func mint(lookup string) authz.MintToken {
	return authz.MintToken{Token: authz.Token{
		Ref: ref(lookup), Verifier: "v-" + lookup, Name: "ci",
		Grant: authz.Grant{Subject: "s", Tenant: "acme", Scopes: []string{"a:b", "c"}, Claims: map[string]any{"level": 3.0}},
	}}
}

func ref(lookup string) authz.TokenRef { return authz.TokenRef{Prefix: "mbz_", Lookup: lookup} }

// TestAgain: what was changed is there when the store is opened again, and sound.
func TestAgain(t *testing.T) {
	s := settings(t, "")
	store, err := sqlite.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := store.Migrated(), (sqlite.Migration{From: 0, To: newest}); got != want {
		t.Errorf("made anew: migrated %+v, want %+v", got, want)
	}
	minted := apply(t, store, mint("one")).Token
	revoked := apply(t, store, mint("two")).Token
	revoked = apply(t, store, authz.RevokeToken{ID: revoked.ID, Reason: "lost"}).Token
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}

	store = open(t, s)
	if got, want := store.Migrated(), (sqlite.Migration{From: newest, To: newest}); got != want {
		t.Errorf("opened again: migrated %+v, want %+v", got, want)
	}
	for _, want := range []authz.Token{minted, revoked} {
		got, err := store.Token(t.Context(), want.Ref)
		if diff := cmp.Diff(got, want); diff != "" || err != nil {
			t.Errorf("%v (-got +want):\n%s", err, diff)
		}
	}
	if err := store.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// newest is how many steps the schema has.
const newest = 2

// TestFirstSchema: what was written before there were networks may come from
// everywhere, as before, and networks can be had from now on.
func TestFirstSchema(t *testing.T) {
	s := settings(t, "")
	first, err := os.ReadFile("schema/0001_first.sql")
	if err != nil {
		t.Fatal(err)
	}
	prepared(t, s.Path, string(first)+`
		INSERT INTO principal (id, kind, name, login, verifier, subject, tenant, role, user, scopes, claims, disabled)
			VALUES ('p1', 'user', 'ada', 'token', '', 'ada', '', '', '', '', '', 0);
		INSERT INTO token (id, prefix, lookup, verifier, name, owner, subject, tenant, role, user, scopes, claims, created, reason)
			VALUES ('t1', 'mbz_', 'one', 'v', '', 'p1', 'ada', '', '', '', '["a"]', '', 0, '');
		PRAGMA application_id = 1398893689; PRAGMA user_version = 1`)
	store := open(t, s)
	if got, want := store.Migrated(), (sqlite.Migration{From: 1, To: newest}); got != want {
		t.Errorf("migrated %+v, want %+v", got, want)
	}
	token := func(lookup string) authz.Token {
		t.Helper()
		got, err := store.Token(t.Context(), ref(lookup))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := token("one"); got.ID != "t1" || len(got.Networks)+len(got.OwnerNetworks) > 0 {
		t.Errorf("got %+v, want a token from everywhere", got)
	}
	ada, err := store.Principal(t.Context(), authz.User, "ada")
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := authz.ParseNetworks([]string{"203.0.113.0/24", "2001:db8::/32"})
	if err != nil {
		t.Fatal(err)
	}
	ada.Networks = blocks
	apply(t, store, authz.PutPrincipal{Principal: ada})
	two := mint("two")
	two.Token.Networks = blocks
	apply(t, store, two)
	if one, two := token("one"), token("two"); !one.OwnerNetworks.Equal(blocks) || !two.Networks.Equal(blocks) {
		t.Errorf("networks are %v and %v", one.OwnerNetworks, two.Networks)
	}
	if err := store.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestClosed: a store that is closed can tell nothing, and certainly not that
// something is not there.
func TestClosed(t *testing.T) {
	store, err := sqlite.Open(t.Context(), settings(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	_, looked := store.Token(t.Context(), ref("one"))
	_, applied := store.Apply(t.Context(), act, mint("one"))
	_, listed := store.List(t.Context(), authz.Query{Of: authz.Tokens, Most: 1})
	for _, err := range []error{looked, applied, listed, store.Used(t.Context(), map[string]time.Time{"a": time.Now()})} {
		if !couldNotTell(err) {
			t.Errorf("got %v, want could-not-tell", err)
		}
	}
}

// TestCloseKeepsNothingOpen: whoever closes the last connection of all puts the log into
// the database and takes it away, which SQLite does only where no statement is left.
func TestCloseKeepsNothingOpen(t *testing.T) {
	s := settings(t, "")
	store, err := sqlite.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	apply(t, store, mint("one"))
	if _, err := store.Token(t.Context(), ref("one")); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(s.Path + suffix); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("store.db%s is left: %v", suffix, err)
		}
	}
}

func couldNotTell(err error) bool {
	return err != nil && !errors.Is(err, authz.ErrNotFound) && !errors.Is(err, authz.ErrExists) && !errors.Is(err, authz.ErrInvalid)
}
