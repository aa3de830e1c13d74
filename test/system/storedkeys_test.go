package system_test

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

// TestStoredKeys: API keys of another system, taken over by what it kept of them, and
// tokens that the store minted, in one header; and what becomes of them while the
// server runs. Guards: the forms of compiler.storedKeys; what the room of tokens rests on.
func TestStoredKeys(t *testing.T) {
	w := beginStore(t, "testdata/tenants")
	ask := func(value string) reply { return w.ask(t, "raw", get("api.prood.test", "/key", key(value))) }
	rejected := func(t *testing.T, value string) {
		t.Helper()
		for range 2 { // the second answer is a remembered one
			refused(t, ask(value), 401, `{"code":"rejected"}`)
		}
	}
	w.done(t, "", "org", "put", "A")
	w.done(t, "", "member", "put", "A", "ann")
	t.Run("P08", func(t *testing.T) {
		take := func(key string, flags ...string) {
			digest := sha256.Sum256([]byte(key))
			kept := base64.RawURLEncoding.EncodeToString(digest[:]) + "\n"
			w.done(t, kept, append([]string{"token", "import", "--scheme", "better-auth", "--subject", "ann", "--tenant", "A", "--scope", "storefront"}, flags...)...)
		}
		const made = "ba_WqGpZsTdKmRxYvLhNcFbJuEoAiSePlOkDjHgXwQzVnMtBrCyUfIaRsLpKwTe"
		rejected(t, made)
		take(made)
		for range 2 {
			got := ask(made)
			passes(t, got)
			onlyIdentity(t, got, map[string]string{
				"x-authz-tenant": "A", "x-authz-subject": "ann", "x-authz-scopes": "storefront", "x-authz-kind": "api-key",
				"x-authz-token-id": got.upstream("x-authz-token-id"),
			})
		}
		rejected(t, made+"x")
		rejected(t, made[:40])
		take("soon"+made, "--expires", time.Now().Add(3*time.Second).Format(time.RFC3339))
		passes(t, ask("soon"+made))
		for deadline := time.Now().Add(10 * time.Second); ask("soon"+made).status == 200; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("it does not end")
			}
		}
		rejected(t, "soon"+made)
		// In another carrier it is nobody's: there the store's own tokens are known.
		refused(t, w.ask(t, "raw", get("api.prood.test", "/key", bearer(made))), 401, `{"code":"malformed"}`)
		w.done(t, "", "member", "remove", "A", "ann")
		refused(t, ask(made), 403, `{"code":"tenant"}`)
		w.done(t, "", "member", "put", "A", "ann")
		passes(t, ask(made))
		w.done(t, "", "token", "revoke", ask(made).upstream("x-authz-token-id"), "--reason", "left")
		rejected(t, made)
	})
	t.Run("minted", func(t *testing.T) {
		minted := w.done(t, "", "token", "mint", "--prefix", "mbz_", "--subject", "ann", "--tenant", "A", "--scope", "storefront")
		for range 2 {
			got := ask(minted)
			passes(t, got)
			if got.upstream("x-authz-kind") != "minted" || got.upstream("x-api-key") != "" {
				t.Errorf("kind %q, key %q upstream", got.upstream("x-authz-kind"), got.upstream("x-api-key"))
			}
		}
		refused(t, ask(minted[:40]), 401, `{"code":"malformed"}`)
		w.done(t, "", "token", "revoke", minted[:12], "--reason", "left")
		rejected(t, minted)
	})
	t.Run("G12", func(t *testing.T) { // uses of keys are noted like those of tokens
		must(t, w.sallyport.Stop())
		if list := w.done(t, "", "token", "list", "--offline", "--json"); strings.Count(strings.ReplaceAll(list, " ", ""), `"last_used":"20`) != 3 {
			t.Errorf("all three were used, and the list has\n%s", list)
		}
	})
}
