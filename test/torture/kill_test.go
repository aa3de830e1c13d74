package main

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/store/sqlite"
)

// killScene is a store after six changes of which the fifth was not acknowledged, and
// the ledger of them, which knows of one more that was sent and not made.
type killScene struct {
	path   string
	ledger *ledger
	store  *sqlite.Store
}

func newKillScene(t *testing.T) *killScene {
	t.Helper()
	s := &killScene{path: filepath.Join(t.TempDir(), "data", "sallyport.db"), ledger: newLedger()}
	var err error
	if s.store, err = sqlite.Open(t.Context(), sqlite.Settings{Path: s.path, Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	s.apply(t, authz.PutServerKey{ServerKey: authz.ServerKey{ID: "k1", Check: "c"}})
	first := s.mint(t, "1", true)
	second := s.mint(t, "2", true)
	d := s.ledger.send(rotated, first)
	s.made(t, d, authz.RotateToken{ID: first, Successor: authz.Token{Ref: authz.TokenRef{Prefix: "mbz_", Lookup: "3"}, Verifier: "v", Expires: d.expires()}, Overlap: overlap}, true)
	s.mint(t, "4", false)
	d = s.ledger.send(revoked, second)
	s.made(t, d, authz.RevokeToken{ID: second, Reason: d.mark()}, true)
	s.ledger.send(minted, "")
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *killScene) mint(t *testing.T, lookup string, acknowledged bool) (id string) {
	t.Helper()
	d := s.ledger.send(minted, "")
	token := authz.Token{Ref: authz.TokenRef{Prefix: "mbz_", Lookup: lookup}, Verifier: "v", Name: d.mark(), Grant: deedGrant()}
	return s.made(t, d, authz.MintToken{Token: token}, acknowledged)
}

func (s *killScene) made(t *testing.T, d *deed, change authz.Mutation, acknowledged bool) (id string) {
	t.Helper()
	applied := s.apply(t, change)
	if !acknowledged {
		return applied.Token.ID
	}
	if err := s.ledger.acknowledged(d, applied.Token.ID, "secret", applied.Seq); err != nil {
		t.Fatal(err)
	}
	return applied.Token.ID
}

func (s *killScene) apply(t *testing.T, change authz.Mutation) authz.Applied {
	t.Helper()
	applied, err := s.store.Apply(t.Context(), authz.Act{Actor: "torture", Origin: "cli"}, change)
	if err != nil {
		t.Fatal(err)
	}
	return applied
}

// plant does something to the file that no store does.
func (s *killScene) plant(t *testing.T, statements string) {
	t.Helper()
	file, err := sql.Open("sqlite", s.path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if _, err := file.ExecContext(t.Context(), statements); err != nil {
		t.Fatal(err)
	}
}

// A campaign that finds no planted loss proves nothing. Each row goes green without
// the guard in its comment.
func TestKillFindsWhatIsLost(t *testing.T) {
	for _, c := range []struct{ name, plant, want string }{
		{"nothing", "", ""},
		// replay.add: found.
		{"an acknowledged mint", `DELETE FROM token WHERE name = 'deed 1' AND expires < 4102444800000000`, "is lost"},
		{"a successor", `DELETE FROM token WHERE expires >= 4102444800000000`, "is lost"},
		// replay.whole: known.
		{
			"the last change as if it had never been",
			`UPDATE token SET revoked = NULL, reason = ''; DELETE FROM audit WHERE seq = 6; DELETE FROM feed WHERE seq = 6; UPDATE head SET seq = 5`,
			"was acknowledged and is lost",
		},
		// replay.whole: DeepEqual.
		{"a revocation", `UPDATE token SET revoked = NULL, reason = ''`, "want {ID:"},
		{"a revocation's reason", `UPDATE token SET reason = 'another' WHERE revoked IS NOT NULL`, "want {ID:"},
		{"the end of a rotated token", `UPDATE token SET expires = NULL WHERE expires < 4102444800000000`, "want {ID:"},
		{"where it may come from", `UPDATE token SET networks = '["192.0.2.0/24"]' WHERE name = 'deed 2'`, "want {ID:"},
		{"a scope", `UPDATE token SET scopes = '' WHERE name = 'deed 2'`, "want {ID:"},
		// The store's own check, of which readRemains gives the error.
		{"the last row of the audit", `DELETE FROM audit WHERE seq = 6`, "audit has 5 rows"},
		{"a row of the audit", `DELETE FROM audit WHERE seq = 3`, "audit has 5 rows"},
		{"a row of the feed", `DELETE FROM feed WHERE seq = 6`, "feed has 5 rows"},
		{"who did it", `UPDATE audit SET actor = 'nobody' WHERE seq = 3`, "broken hash chain"},
		{"an index", `PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'token_created'`, "damaged"},
		// doing.touched.
		{"what the feed told", `UPDATE feed SET touched = '[]' WHERE seq = 6`, "the feed tells of"},
		// replay.deed: unknown.
		{"half a mint that was not acknowledged", `DELETE FROM token WHERE name = 'deed 4'`, "nobody asked for mint_token"},
		{"whom it was for", `UPDATE token SET name = 'deed 99' WHERE name = 'deed 4'`, "nobody asked for mint_token"},
		// replay.whole: found.
		{
			"the rows of a token that is there",
			`INSERT INTO token (id, prefix, lookup, verifier, name, owner, subject, tenant, role, user, scopes, claims, created, expires, revoked, reason)
				SELECT 'X', prefix, 'x', verifier, 'deed 6', owner, subject, tenant, role, user, scopes, claims, created, expires, revoked, reason FROM token WHERE name = 'deed 2'`,
			"nobody made token X",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newKillScene(t)
			s.plant(t, c.plant)
			found, err := readRemains(t.Context(), s.path)
			if err == nil {
				err = s.ledger.judge(found)
			}
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// Of what was not acknowledged the ledger learns what was made.
func TestLedgerLearns(t *testing.T) {
	s := newKillScene(t)
	found, err := readRemains(t.Context(), s.path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ledger.judge(found); err != nil {
		t.Fatal(err)
	}
	if made := s.ledger.known[5]; made == nil || made.number != 4 || len(s.ledger.unknown) != 0 || len(s.ledger.tokens) != 4 {
		t.Errorf("change 5 is %+v, %d are unknown, %d tokens", made, len(s.ledger.unknown), len(s.ledger.tokens))
	}
	// And it holds a change to be made only once, and a number to be one change's.
	if err := s.ledger.judge(found); err != nil {
		t.Error(err)
	}
	for name, seq := range map[string]uint64{"another's number": 5, "no number": 0} {
		if err := s.ledger.acknowledged(s.ledger.send(minted, ""), "x", "", seq); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
