package system_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz/tokenform"
	"github.com/sallyport-authz/sallyport/test/canary"
)

const mobazha = "../../examples/mobazha"

// The node's bodies, byte for byte.
const (
	badAPIToken = `{"error":{"code":"UNAUTHORIZED","message":"Invalid or expired API token"}}`
	badPassword = `{"error":{"code":"UNAUTHORIZED","message":"Invalid credentials"}}`
	noAPIToken  = `{"error":{"code":"UNAUTHORIZED","message":"API tokens are not accepted for this operation; use Basic Auth or Bearer JWT"}}`
	noAPIRoute  = `{"error":{"code":"FORBIDDEN","message":"this route is not accessible to API tokens"}}`
	noMCP       = `{"error":{"code":"UNAUTHORIZED","message":"authentication required for /v1/mcp"}}`
)

func missing(scope string) string {
	return fmt.Sprintf(`{"error":{"code":"FORBIDDEN","message":"missing required scope: %s"}}`, scope)
}

func TestMobazha(t *testing.T) {
	w := beginSeeded(t, mobazha)
	t.Run("M03", w.testAdministrator)
	t.Run("M06", w.testScopedToken)
	t.Run("M07", w.testForm)
	t.Run("M08", w.testAcceptedKinds)
	t.Run("M09", w.testRoutes)
	t.Run("M17", w.testDocumentedNode)
	t.Run("M18", w.testHierarchy)
	t.Run("M19", w.testTransport)
	t.Run("no secret is left", func(t *testing.T) {
		w.secrets["PASSWORD"] = canary.New("password").Value
		w.done(t, w.secrets["PASSWORD"]+"\n", "principal", "put", "administrator", "auditor", "--password-stdin")
		passes(t, w.asked(t, get(nodeStore, "/v1/auth/tokens", basicAuth("auditor", w.secrets["PASSWORD"]))))
		refused(t, w.asked(t, get(nodeStore, "/v1/auth/tokens", basicAuth("auditor", w.secrets["PASSWORD"]+"!"))), 401, badPassword)
		w.leavesNoSecret(t, reference(w.secrets["MBZ_API_TOKEN"])[len("mbz_"):])
	})
}

// testAdministrator: no challenge is sent, which would open a browser's own dialog.
// The guard is the example's challenge: "off".
func (w seeded) testAdministrator(t *testing.T) {
	ask := func(password string) reply {
		return w.asked(t, get(nodeStore, "/v1/auth/tokens", basicAuth("admin", password)))
	}
	got := ask("s3cret")
	passes(t, got)
	if got.upstream("x-authz-kind") != "admin" || got.upstream("x-authz-subject") != "admin" || got.upstream("x-authz-role") != "admin" || got.upstream("authorization") != "" {
		t.Errorf("upstream saw %v", got.seen.Headers)
	}
	for _, path := range []string{"/v1/webhooks", "/v1/wallet", "/v1/mcp", "/v1/wallet/xmr/secrets/mnemonic"} {
		passes(t, w.asked(t, get(nodeStore, path, basicAuth("admin", "s3cret"))))
	}
	for name, refusal := range map[string]reply{
		"wrong":   ask("bad"),
		"empty":   ask(""),
		"unknown": w.asked(t, get(nodeStore, "/v1/auth/tokens", basicAuth("nobody", "s3cret"))),
	} {
		refused(t, refusal, 401, badPassword)
		if challenge := refusal.header.Values("WWW-Authenticate"); challenge != nil {
			t.Errorf("%s: challenged with %q", name, challenge)
		}
	}
	w.testImports(t)
	put := []string{"principal", "put", "administrator", "admin", "--role", "admin", "--password-stdin"}
	w.done(t, "an0ther\n", put...)
	refused(t, ask("s3cret"), 401, badPassword) // though it was remembered
	passes(t, ask("an0ther"))
	w.done(t, "s3cret\n", put...)
	refused(t, ask("an0ther"), 401, badPassword)
	passes(t, ask("s3cret"))
}

// testImports: an administrator's password goes on that another system kept by bcrypt
// or argon2id.
func (w seeded) testImports(t *testing.T) {
	t.Helper()
	for password, kept := range map[string]string{
		"kept by bcrypt":   "$2a$10$M1zJqyXKusAEhaEk2VAnIOmXaxnsN4ERgbvmT6rbkRx4sCWcJs6w2",
		"kept by argon2id": "$argon2id$v=19$m=19456,t=2,p=1$YSBzYWx0IG9mIHRoZSBvbA$pxZGmVC9YaUjiCgkN9v51xSZ9kZylDFlEIC0Aikyktc",
	} {
		name := strings.ReplaceAll(password, " ", "-")
		w.done(t, kept+"\n", "principal", "put", "administrator", name, "--hash-stdin")
		passes(t, w.asked(t, get(nodeStore, "/v1/auth/tokens", basicAuth(name, password))))
		refused(t, w.asked(t, get(nodeStore, "/v1/auth/tokens", basicAuth(name, kept))), 401, badPassword)
	}
}

// testScopedToken: scopes are exactly those of the store. The guards are the claims by
// prefix, and that the secret is proven.
func (w seeded) testScopedToken(t *testing.T) {
	hook := w.secrets["MBZ_API_TOKEN"]
	for range 2 { // the second one is remembered
		got := w.ask(t, api, get(nodeStore, "/v1/webhooks", bearer(hook)))
		passes(t, got)
		onlyIdentity(t, got, map[string]string{
			"x-authz-kind": "api_token", "x-authz-subject": "order-hook", "x-authz-scopes": "webhooks:manage",
			"x-authz-token-id": got.upstream("x-authz-token-id"),
		})
		if got.upstream("authorization") != "" {
			t.Error("the token reached the upstream")
		}
	}
	for _, at := range []int{len(hook) - 1, len(hook) - 40, len("mbz_")} {
		refused(t, w.ask(t, api, get(nodeStore, "/v1/webhooks", bearer(otherDigit(hook, at)))), 401, badAPIToken)
	}
	refused(t, w.ask(t, api, get(nodeStore, "/v1/webhooks", w.bearer(t, "REVOKED_TOKEN"))), 401, badAPIToken)
	jwtLike := "eyJhbGciOiJFUzI1NiJ9." + hook + ".c2ln"
	refused(t, w.ask(t, api, get(nodeStore, "/v1/webhooks", bearer(jwtLike))), 401, unauthStore)
}

// otherDigit changes one hex digit.
func otherDigit(token string, at int) string {
	digit := "a"
	if token[at] == 'a' {
		digit = "b"
	}
	return token[:at] + digit + token[at+1:]
}

// testForm: what has not the form is refused without a look into the store, and nobody
// has more than twenty tokens. The guards are tokenform.Parse and change.room.
func (w seeded) testForm(t *testing.T) {
	hook := w.secrets["MBZ_API_TOKEN"]
	if len(hook) != 77 {
		t.Errorf("%d characters, want 77", len(hook))
	}
	for name, token := range map[string]string{
		"13 characters": "mbz_0123456789abc", "76": hook[:76], "78": hook + "0", "upper case": strings.ToUpper(hook[:75]) + "zz",
		"upper hex": "mbz_" + strings.ToUpper(hook[4:]), "no hex": otherDigit(hook, 30)[:76] + "g", "two": hook + hook,
	} {
		got := w.ask(t, api, get(nodeStore, "/v1/webhooks", bearer(token)))
		if got.status != 401 || got.seen != nil {
			t.Errorf("%s: got %d %s, want 401", name, got.status, got.body)
		}
		record, err := w.sallyport.Record(t.Context(), got.header.Get("X-Request-Id"))
		if must(t, err); record.Reason != "malformed" {
			t.Errorf("%s: reason %s for %q, want malformed: the store was asked", name, record.Reason, record.Cause)
		}
	}
	owner := w.tokens(t)[0].Owner
	mint := []string{"--prefix", "mbz_", "--owner", owner, "--subject", "many", "--scope", "listings:read", "--most", "20"}
	last := ""
	for active(w.tokens(t, "--owner", owner)) < 20 {
		last = w.mint(t, fmt.Sprint("MANY", len(w.secrets)), mint...)
	}
	if out, err := w.admin(t, "", append([]string{"token", "mint"}, mint...)...); err == nil || out != "" {
		t.Error("a twenty-first token was minted")
	}
	w.done(t, "", "token", "revoke", reference(last), "--reason", "room for another")
	w.mint(t, "TWENTIETH", mint...)
	w.testImportedToken(t)
}

// testImportedToken: the node's old tokens go on, by the SHA-256 that it kept of them and
// the id that it looked them up by, which no second one may have.
func (w seeded) testImportedToken(t *testing.T) {
	t.Helper()
	w.secrets["OLD"] = "mbz_01d70c3e_" + strings.Repeat("5ca1ab1e", 8)
	kept := sha256.Sum256([]byte(w.secrets["OLD"]))
	take := []string{"token", "import", "--scheme", "sha256", "--prefix", "mbz_", "--lookup", "01d70c3e", "--subject", "old", "--scope", "webhooks:manage"}
	w.done(t, hex.EncodeToString(kept[:])+"\n", take...)
	got := w.ask(t, api, get(nodeStore, "/v1/webhooks", bearer(w.secrets["OLD"])))
	passes(t, got)
	if got.upstream("x-authz-scopes") != "webhooks:manage" || got.upstream("x-authz-subject") != "old" {
		t.Errorf("upstream saw %v", got.seen.Headers)
	}
	refused(t, w.ask(t, api, get(nodeStore, "/v1/webhooks", bearer(otherDigit(w.secrets["OLD"], 76)))), 401, badAPIToken)
	if _, err := w.admin(t, hex.EncodeToString(kept[:])+"\n", take...); err == nil {
		t.Error("two tokens have one id")
	}
}

// listed is what a list tells of a token.
type listed struct {
	ID, Owner string
	Ref       struct{ Prefix, Lookup string }
	Revoked   *string
	LastUsed  *string `json:"last_used"`
}

func (w storeWorld) tokens(t *testing.T, which ...string) []listed {
	t.Helper()
	var answer struct{ Tokens []listed }
	must(t, json.Unmarshal([]byte(w.done(t, "", append([]string{"token", "list", "--json"}, which...)...)), &answer))
	return answer.Tokens
}

func active(all []listed) int {
	n := 0
	for _, token := range all {
		if token.Revoked == nil {
			n++
		}
	}
	return n
}

// testAcceptedKinds: what an operation does not accept is refused before the store is
// asked, so that a token that it does not have is answered like one that it has; a
// public operation asks for nothing. The guard is the unaccepted credential in
// search.refuseStrangers. The import of OpenAPI is a later part of the row.
func (w seeded) testAcceptedKinds(t *testing.T) {
	unknown, _, err := tokenform.Mint("mbz_")
	must(t, err)
	last := func() map[string]*string {
		uses := map[string]*string{}
		for _, token := range w.tokens(t) {
			uses[token.ID] = token.LastUsed
		}
		return uses
	}
	before := last()
	for name, credential := range map[string]field{
		"known": w.bearer(t, "MBZ_API_TOKEN"), "revoked": w.bearer(t, "REVOKED_TOKEN"), "unknown": bearer(unknown.Reveal()),
	} {
		for _, path := range []string{"/v1/auth/tokens", "/v1/auth/tokens/1"} {
			got := w.ask(t, api, get(nodeStore, path, credential))
			refused(t, got, 401, noAPIToken)
			if r := w.recordOf(t, got); r.Reason != "rejected" || !strings.Contains(r.Cause, "not accepted by this route") {
				t.Errorf("%s: got record %+v", name, r)
			}
		}
	}
	if diff := cmp.Diff(last(), before); diff != "" {
		t.Errorf("uses of tokens that nobody looked at (-got +want):\n%s", diff)
	}
	for _, headers := range [][]field{nil, {w.bearer(t, "MBZ_API_TOKEN")}, {bearer(unknown.Reveal())}} {
		got := w.ask(t, api, get(nodeStore, "/v1/runtime-config", headers...))
		passes(t, got)
		if got.upstream("x-authz-kind") != "anonymous" || got.upstream("authorization") != "" {
			t.Errorf("upstream saw %v", got.seen.Headers)
		}
	}
}

// testRoutes: each operation asks for a scope of its own, and what is not declared is
// denied. The guard is the match of whole segments.
func (w seeded) testRoutes(t *testing.T) {
	hook := w.bearer(t, "MBZ_API_TOKEN")
	refused(t, w.ask(t, api, get(nodeStore, "/v1/orders", hook)), 403, missing("orders:read"))
	refused(t, w.ask(t, api, get(nodeStore, "/v1/unmapped", w.bearer(t, "WALLET_READ_TOKEN"))), 403, noAPIRoute)
	for _, path := range []string{"/v1/webhooksX", "/v1/webhooks/1/deliveries", "/v1", "/v2/webhooks"} {
		refused(t, w.ask(t, api, get(nodeStore, path, hook)), 403, noAPIRoute)
	}
	refused(t, w.ask(t, api, get(nodeStore, "/v1/wallet/xmr/secrets/mnemonic", w.bearer(t, "WALLET_MANAGE_TOKEN"))), 401, noAPIToken)
}

// testDocumentedNode runs the row's line, and those of the node's own documentation.
func (w seeded) testDocumentedNode(t *testing.T) {
	const line = `curl -H "Authorization: Bearer $MBZ_API_TOKEN" …/v1/webhooks`
	out, err := w.bash(t, strings.Replace(line, "…", "http://"+nodeStore, 1))
	if err != nil || !strings.Contains(out, `"x-authz-subject":["order-hook"]`) {
		t.Errorf("got %v after %s", err, out)
	}
	out, err = w.documented(t)
	if err != nil || !strings.Contains(out, `"x-authz-kind": [`) || !strings.Contains(out, `"order-hook"`) {
		t.Errorf("got %v after %s", err, out)
	}
	if out, err := w.documented(t, "MBZ_API_TOKEN="+w.secrets["LISTINGS_TOKEN"]); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("got %v after %s, want curl's word for 403", err, out)
	}
	refused(t, w.ask(t, api, get(nodeStore, "/v1/webhooks", w.bearer(t, "LISTINGS_TOKEN"))), 403, missing("webhooks:manage"))
}

// testHierarchy: the published one is all there is. The guard is data.mobazha.included,
// and that only what is needed is looked up there.
func (w seeded) testHierarchy(t *testing.T) {
	for _, c := range []struct {
		token, method, path string
		lacks               string
	}{
		{"WALLET_READ_TOKEN", "GET", "/v1/wallet", ""},
		{"WALLET_READ_TOKEN", "POST", "/v1/wallet/spend", "wallet:spend"},
		{"WALLET_SPEND_TOKEN", "GET", "/v1/wallet", "wallet:read"},
		{"WALLET_SPEND_TOKEN", "POST", "/v1/wallet/spend", ""},
		{"WALLET_MANAGE_TOKEN", "GET", "/v1/wallet", ""},
		{"WALLET_MANAGE_TOKEN", "POST", "/v1/wallet/spend", ""},
		{"LISTINGS_TOKEN", "GET", "/v1/listings", ""},
		{"LISTINGS_TOKEN", "POST", "/v1/listings", "listings:write"},
		{"LISTINGS_TOKEN", "POST", "/v1/listings/supply-summary", ""},
	} {
		got := w.ask(t, api, call{method: c.method, host: nodeStore, path: c.path, headers: []field{w.bearer(t, c.token)}})
		if c.lacks == "" {
			passes(t, got)
			continue
		}
		refused(t, got, 403, missing(c.lacks))
	}
}

// testTransport: ai:use is needed whatever the method, before a body is read: Envoy
// sends none.
func (w seeded) testTransport(t *testing.T) {
	for _, method := range []string{"GET", "POST", "DELETE"} {
		ask := func(headers ...field) reply {
			return w.ask(t, api, call{method: method, host: nodeStore, path: "/v1/mcp", headers: headers, body: `{"jsonrpc":"2.0","id":1,"method":"initialize"}`})
		}
		refused(t, ask(w.bearer(t, "LISTINGS_TOKEN")), 403, missing("ai:use"))
		refused(t, ask(), 401, noMCP)
		passes(t, ask(w.bearer(t, "AI_TOKEN")))
	}
}
