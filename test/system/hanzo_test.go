package system_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

const (
	hanzo    = "../../examples/hanzo-iam"
	hanzoIAM = "iam.hanzo.test"
	hanzoMCP = "/api/mcp"
	hanzoApp = "/api/mcp/applications"
)

// The IAM's bodies, with the id that a body which is not read gives.
const (
	hanzoUnknown = `{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Unauthorized","data":"Unauthorized"}}`
	hanzoScope   = `{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"insufficient_scope"}}`
)

// clientSecret holds what has to be encoded (RFC 6749 section 2.3.1).
const clientSecret = "s3:cr%t+x"

// beginHanzo starts the example with its IAM, a real oidc-provider, beside it.
func beginHanzo(t *testing.T) seeded {
	t.Helper()
	config := configure(t, hanzo)
	iam, err := mesh.StartBeside(t.Context(), config, "iam.mjs")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, iam.Stop()) })
	must(t, iam.Places().Configure(config))
	w := beginSeededOn(t, hanzo, config)
	variables, err := iam.Variables()
	must(t, err)
	maps.Copy(w.secrets, variables)
	return w
}

func TestHanzoIAM(t *testing.T) {
	t.Parallel()
	w := beginHanzo(t)
	t.Run("H06", w.testPublishedMethods)
	t.Run("H08", w.testAccessToken)
	t.Run("H12", w.testClient)
	t.Run("H13", w.testSignedIn)
}

// mcp posts to the endpoint, and comes back while a secret is proven.
func (w seeded) mcp(t *testing.T, path string, headers ...field) reply {
	t.Helper()
	return w.asked(t, post(hanzoIAM, path, headers...))
}

// testPublishedMethods: credentials come in headers; in the query they are nobody's, and
// no record holds them.
func (w seeded) testPublishedMethods(t *testing.T) {
	passes(t, w.mcp(t, hanzoMCP, w.bearer(t, "TK_R")))
	passes(t, w.mcp(t, hanzoMCP, basicAuth("inventory", url.QueryEscape(clientSecret))))
	token, secret := w.secrets["TK_R"], url.QueryEscape(clientSecret)
	for _, query := range []string{
		"access_token=" + token, "accessToken=" + token, "clientId=inventory&clientSecret=" + secret, "username=inventory&password=" + secret,
	} {
		refused(t, w.mcp(t, hanzoMCP+"?"+query), 401, hanzoUnknown)
	}
	for _, record := range w.sallyport.Records() {
		if strings.Contains(record, token) || strings.Contains(record, secret) || strings.Contains(record, clientSecret) {
			t.Errorf("a record shows a credential: %s", record)
		}
	}
}

// testAccessToken: the IAM says who has a token, what for, and for how long. The guards
// are those of authz/authn/introspection.
func (w seeded) testAccessToken(t *testing.T) {
	for range 2 { // the second time by what the IAM said the first time
		got := w.mcp(t, hanzoApp, w.bearer(t, "TK_R"))
		passes(t, got)
		onlyIdentity(t, got, map[string]string{"x-authz-kind": "token", "x-authz-subject": "agent", "x-authz-scopes": "application:read"})
	}
	refused(t, w.mcp(t, hanzoApp, w.bearer(t, "TK_W")), 403, hanzoScope)
	for name, token := range map[string]string{
		"for another service": w.secrets["TK_OTHER"], "another issuer's": opaque(t, provider(t)), "cut short": w.secrets["TK_R"][1:],
	} {
		t.Run(name, func(t *testing.T) { refused(t, w.mcp(t, hanzoMCP, bearer(token)), 401, hanzoUnknown) })
	}
	passes(t, w.mcp(t, hanzoMCP, w.bearer(t, "TK_REVOKED")))
	revoked := time.Now()
	w.revoke(t, w.secrets["TK_REVOKED"])
	got := w.mcp(t, hanzoMCP, w.bearer(t, "TK_REVOKED"))
	for ; got.status == http.StatusOK && time.Since(revoked) < slack; time.Sleep(20 * time.Millisecond) {
		got = w.mcp(t, hanzoMCP, w.bearer(t, "TK_REVOKED"))
	}
	refused(t, got, 401, hanzoUnknown)
	passes(t, w.mcp(t, hanzoMCP, w.bearer(t, "TK_R")))
}

// revoke is what the token's own client does at the IAM (RFC 7009).
func (w seeded) revoke(t *testing.T, token string) {
	t.Helper()
	id, secret, _ := strings.Cut(w.secrets["IAM_AGENT"], ":")
	form := url.Values{"token": {token}}.Encode()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.secrets["IAM"]+"/api/login/oauth/revoke", strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(id, secret)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	must(t, response.Body.Close())
	if response.StatusCode != http.StatusOK {
		t.Fatalf("revoke: got %d", response.StatusCode)
	}
}

// testClient: a client's id and secret, form-urlencoded, and no other secret. The guards
// are basic's FormEncoded, and the policy that asks clients for no scope.
func (w seeded) testClient(t *testing.T) {
	for _, path := range []string{hanzoMCP, hanzoApp} {
		got := w.mcp(t, path, basicAuth("inventory", url.QueryEscape(clientSecret)))
		passes(t, got)
		if got.upstream("x-authz-kind") != "client" || got.upstream("x-authz-subject") == "" || got.upstream("authorization") != "" {
			t.Errorf("upstream saw %v", got.seen.Headers)
		}
	}
	for name, credential := range map[string]field{
		"wrong secret":   basicAuth("inventory", "guess"),
		"not encoded":    basicAuth("inventory", clientSecret),
		"unknown client": basicAuth("nobody", url.QueryEscape(clientSecret)),
		"no secret":      basicAuth("inventory", ""),
		"another case":   basicAuth("Inventory", url.QueryEscape(clientSecret)),
		"as a bearer":    bearer(clientSecret),
	} {
		t.Run(name, func(t *testing.T) { refused(t, w.mcp(t, hanzoMCP, credential), 401, hanzoUnknown) })
	}
}

// testSignedIn: the IAM knows whose a session is. Other pages may not use it, and beside a
// token it is nobody's.
func (w seeded) testSignedIn(t *testing.T) {
	session := field{"cookie", "theme=dark; casdoor_session_id=" + w.secrets["SESSION"]}
	got := w.mcp(t, hanzoApp, session, field{"origin", "https://" + hanzoIAM})
	passes(t, got)
	onlyIdentity(t, got, map[string]string{"x-authz-kind": "session", "x-authz-subject": "hanzo/admin"})
	if got.upstream("cookie") != "theme=dark" {
		t.Errorf("upstream saw the cookie %q", got.upstream("cookie"))
	}
	refused(t, w.mcp(t, hanzoMCP, field{"cookie", "casdoor_session_id=" + strings.Repeat("0", 32)}), 401, hanzoUnknown)
	if got := w.mcp(t, hanzoApp, session, field{"origin", "https://evil.test"}); got.status != 403 || got.seen != nil {
		t.Errorf("from another page: got %d", got.status)
	}
	refused(t, w.mcp(t, hanzoApp, session, w.bearer(t, "TK_W")), 403, hanzoScope)
	got = w.mcp(t, hanzoMCP, session, w.bearer(t, "TK_W"))
	passes(t, got)
	if got.upstream("x-authz-kind") != "token" || got.upstream("cookie") != "theme=dark" {
		t.Errorf("upstream saw %v", got.seen.Headers)
	}
}
