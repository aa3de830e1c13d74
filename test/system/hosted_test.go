package system_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/test/issuer"
)

const (
	hostedStore  = "hosted.mbz.test" // also the audience of its tokens
	nodeStore    = "node.mbz.test"
	mcpAudience  = "mcify-server"
	unauthStore  = `{"error":{"code":"UNAUTHORIZED","message":"Invalid or expired token"}}`
	invalidToken = `Bearer error="invalid_token"`
)

// hostedWorld is the stores and the MCP server, and who issues for them.
type hostedWorld struct {
	*world
	issuer *issuer.Issuer
}

func TestHosted(t *testing.T) {
	i := provider(t)
	w := hostedWorld{beginWith(t, hosted, wireEnvoy, nobodysIssuer, i.URL(), nobodysIssuer, i.URL()), i}
	t.Run("M01", w.testProfiles)
	t.Run("M05", w.testOwner)
	t.Run("M33", func(t *testing.T) {
		internal := bearer(w.token(t, "acme", mcpAudience))
		refused(t, w.ask(t, "raw", get(hostedStore, "/v1/listings", internal)), 401, unauthStore)
		refused(t, w.ask(t, "raw", get(nodeStore, "/v1/listings", internal)), 401, unauthStore)
	})
	t.Run("C10", w.testUsers)
	t.Run("C12", w.testAudience)
	t.Run("C13", w.testClaims)
	t.Run("S06", w.testNotPassedOn)
}

func (w hostedWorld) token(t *testing.T, client, audience string) string {
	t.Helper()
	return issue(t, w.issuer, issuer.Order{Client: client, Audience: audience})
}

// mcp posts to the MCP server.
func (w hostedWorld) mcp(t *testing.T, path, token string) reply {
	t.Helper()
	return w.ask(t, "raw", post(mcp, path, bearer(token)))
}

// testProfiles: a host block's authenticators are the only ones it has. The
// guard is that an unclaimed credential is refused, and not passed over.
func (w hostedWorld) testProfiles(t *testing.T) {
	own := bearer(w.token(t, "acme", hostedStore))
	local := bearer("mbz_example")
	refused(t, w.ask(t, "raw", get(nodeStore, "/v1/listings", own)), 401, unauthStore)
	refused(t, w.ask(t, "raw", get(hostedStore, "/v1/listings", local)), 401, unauthStore)
	passes(t, w.ask(t, "raw", get(hostedStore, "/v1/listings", own)))
	passes(t, w.ask(t, "raw", get(nodeStore, "/v1/listings", local)))
}

func (w hostedWorld) testOwner(t *testing.T) {
	own, other := w.token(t, "acme", hostedStore), w.token(t, "acme-staff", hostedStore)
	ask := func(token string) reply { return w.ask(t, "raw", get(hostedStore, "/v1/orders", bearer(token))) }
	got := ask(own)
	passes(t, got)
	if got.upstream("x-authz-tenant") != "acme" || got.upstream("x-authz-kind") != "jwt" {
		t.Errorf("upstream saw tenant %q, kind %q", got.upstream("x-authz-tenant"), got.upstream("x-authz-kind"))
	}
	refused(t, ask(other), 403, `{"error":{"code":"FORBIDDEN","message":"not the owner of this store"}}`)
	passes(t, w.ask(t, "raw", get(hostedStore, "/v1/listings", bearer(other))))
	for name, e := range map[string]edit{
		"expired":              {claims: map[string]any{"exp": time.Now().Add(-2 * time.Minute).Unix()}},
		"no algorithm":         {header: map[string]any{"alg": "none"}},
		"public key as secret": {header: map[string]any{"alg": "HS256"}, secret: "pem"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, ask(forge(t, w.issuer, own, e)), 401, unauthStore) })
	}
	t.Run("unknown key", func(t *testing.T) {
		time.Sleep(leastInterval) // a fetch may begin
		before := fetched(t, w.issuer)
		began := time.Now()
		refused(t, ask(named(t, own, "nobody")), 401, unauthStore)
		refused(t, ask(named(t, own, "nobody either")), 401, unauthStore)
		if got := fetched(t, w.issuer) - before; got != 1 && time.Since(began) < leastInterval {
			t.Errorf("two unknown keys led to %d fetches, want one", got)
		}
	})
}

// testUsers: who a token is for is who the upstream sees and the record names.
func (w hostedWorld) testUsers(t *testing.T) {
	for _, user := range []string{"acme", "globex", "acme"} {
		got := w.mcp(t, "/mcp", w.token(t, user, mcpAudience))
		passes(t, got)
		record, err := w.sallyport.Record(t.Context(), got.header.Get("X-Request-Id"))
		if err != nil {
			t.Fatal(err)
		}
		if got.upstream("x-authz-subject") != user || got.upstream("x-authz-kind") != "oauth" || record.Caller.Subject != user {
			t.Errorf("upstream saw %q of kind %q and the record names %q, want %s",
				got.upstream("x-authz-subject"), got.upstream("x-authz-kind"), record.Caller.Subject, user)
		}
	}
}

func (w hostedWorld) testAudience(t *testing.T) {
	plain := w.token(t, "acme", mcpAudience)
	claim := func(name string, value any) string {
		return forge(t, w.issuer, plain, edit{claims: map[string]any{name: value}})
	}
	passes(t, w.mcp(t, "/mcp", plain))
	passes(t, w.mcp(t, "/mcp", claim("aud", []string{"other", mcpAudience})))
	for name, token := range map[string]string{
		"other":        w.token(t, "acme", hostedStore),
		"longer":       claim("aud", mcpAudience+"-2"),
		"list of none": claim("aud", []string{"other", "third"}),
		"missing":      claim("aud", nil),
		"issuer":       claim("iss", w.issuer.URL()+"/"),
	} {
		t.Run(name, func(t *testing.T) {
			got := w.mcp(t, "/mcp", token)
			if challenge := got.header.Get("WWW-Authenticate"); got.status != 401 || got.seen != nil || challenge != invalidToken {
				t.Errorf("got %d with challenge %q, want 401 with %q", got.status, challenge, invalidToken)
			}
		})
	}
	if got := w.ask(t, "raw", post(mcp, "/mcp")); got.status != 401 || got.header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("without a token: got %d with challenge %q, want 401 with Bearer alone", got.status, got.header.Get("WWW-Authenticate"))
	}
}

// testClaims: upstream and policy see the claims that pass lists, however many
// others there are.
func (w hostedWorld) testClaims(t *testing.T) {
	plain := w.token(t, "acme", mcpAudience)
	large := forge(t, w.issuer, plain, edit{claims: map[string]any{"groups": strings.Repeat("g", 20<<10)}})
	for name, token := range map[string]string{"as issued": plain, "20 KiB": large} {
		t.Run(name, func(t *testing.T) {
			got := w.mcp(t, "/mcp", token)
			passes(t, got)
			text, err := base64.RawURLEncoding.DecodeString(got.upstream("x-authz-claims"))
			if err != nil {
				t.Fatal(err)
			}
			var claims map[string]any
			if err := json.Unmarshal(text, &claims); err != nil {
				t.Fatal(err)
			}
			want := map[string]any{"iss": w.issuer.URL(), "sub": "acme", "client_id": "acme"}
			if diff := cmp.Diff(claims, want); diff != "" {
				t.Errorf("claims (-got +want):\n%s", diff)
			}
			passes(t, w.mcp(t, "/mcp/acme", token))
		})
	}
	if got := w.mcp(t, "/mcp/acme", w.token(t, "globex", mcpAudience)); got.status != 403 || got.seen != nil {
		t.Errorf("another client: got %d, want 403", got.status)
	}
}

// testNotPassedOn: a token is for this server alone, unless a route says that its
// upstream needs it.
func (w hostedWorld) testNotPassedOn(t *testing.T) {
	token := w.token(t, "acme", mcpAudience)
	for path, want := range map[string]string{"/mcp": "", "/mcp/forward": "Bearer " + token} {
		got := w.mcp(t, path, token)
		passes(t, got)
		if got.upstream("authorization") != want {
			t.Errorf("%s: upstream saw authorization %q, want %q", path, got.upstream("authorization"), want)
		}
	}
	if got := w.mcp(t, "/mcp", w.token(t, "acme", hostedStore)); got.status != 401 || got.seen != nil {
		t.Errorf("token for another server: got %d, want 401", got.status)
	}
}
