package system_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/issuer"
)

func TestJWT(t *testing.T) {
	i := provider(t)
	w := beginShop(t, i)
	t.Run("accepted", func(t *testing.T) { testJWTAccepted(t, w, i) })
	t.Run("scopes and tenants", func(t *testing.T) { testJWTScopes(t, w, i) })
	t.Run("claims", func(t *testing.T) { testJWTClaims(t, w, i) })
	t.Run("text", func(t *testing.T) { testJWTText(t, w, i) })
}

func testJWTAccepted(t *testing.T, w *world, i *issuer.Issuer) {
	t.Helper()
	person, err := i.Login(t.Context(), "alice", shopAudience)
	if err != nil {
		t.Fatal(err)
	}
	service := map[string]string{
		"x-authz-kind": "jwt", "x-authz-subject": "acme", "x-authz-tenant": "acme", "x-authz-role": "service", "x-authz-scopes": "read write",
	}
	plain := issue(t, i, issuer.Order{Scopes: []string{"read", "write"}})
	tests := []struct {
		name, path, token string
		want              map[string]string
	}{
		{"ES256", "/orders", plain, service},
		{"RS256", "/orders", issue(t, i, issuer.Order{Scopes: []string{"read", "write"}, Algorithm: "RS256"}), service},
		{"several audiences", "/orders", forge(t, i, plain, edit{claims: map[string]any{"aud": []string{"other", shopAudience}}}), service},
		{"forged without a change", "/orders", forge(t, i, plain, edit{}), service},
		{"own tenant in the path", "/tenants/acme/orders", plain, service},
		{"a person", "/profile", person.Access, map[string]string{
			"x-authz-kind": "jwt", "x-authz-subject": "alice", "x-authz-tenant": "", "x-authz-role": "member", "x-authz-scopes": "read",
		}},
		{"no tenant where none is asked for", "/profile", issue(t, i, issuer.Order{Client: "homeless"}), map[string]string{
			"x-authz-kind": "jwt", "x-authz-subject": "homeless", "x-authz-tenant": "",
		}},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			for _, listener := range asking() {
				got := w.ask(t, listener, get(tokenHost, c.path, bearer(c.token)))
				passes(t, got)
				_, claims := decoded(t, c.token)
				for name, want := range c.want {
					if got.upstream(name) != want {
						t.Errorf("%s: upstream saw %s: %q, want %q", listener, name, got.upstream(name), want)
					}
				}
				if got.upstream("x-authz-token-id") != claims["jti"] || got.upstream("authorization") != "" {
					t.Errorf("%s: upstream saw token id %q, authorization %q", listener, got.upstream("x-authz-token-id"), got.upstream("authorization"))
				}
			}
		})
	}
}

// What a token says is held against the route by the shipped policy.
func testJWTScopes(t *testing.T, w *world, i *issuer.Issuer) {
	t.Helper()
	reader := issue(t, i, issuer.Order{})
	tests := []struct {
		name string
		call call
		body string
	}{
		{"scope that the token lacks", post(tokenHost, "/orders", bearer(reader)), "scope"},
		{"tenant of somebody else", get(tokenHost, "/tenants/globex/orders", bearer(reader)), "tenant"},
		{"no tenant", get(tokenHost, "/orders", bearer(issue(t, i, issuer.Order{Client: "homeless"}))), "tenant"},
		{"no scopes", get(tokenHost, "/orders", bearer(issue(t, i, issuer.Order{Scopes: []string{}}))), "scope"},
		{"undeclared path", get(tokenHost, "/nowhere", bearer(reader)), "no_route"},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			refused(t, w.ask(t, "raw", c.call), 403, `{"code":"`+c.body+`"}`)
		})
	}
	passes(t, w.ask(t, "raw", get(tokenHost, "/tenants/globex/orders", bearer(issue(t, i, issuer.Order{Client: "globex"})))))
}

// Each of these is signed by the issuer's own key, and differs from a good token
// in one thing only; testJWTAccepted lets the unchanged copy in.
func testJWTClaims(t *testing.T, w *world, i *issuer.Issuer) {
	t.Helper()
	plain := issue(t, i, issuer.Order{})
	now := time.Now().Unix()
	claims := func(name string, value any) edit { return edit{claims: map[string]any{name: value}} }
	header := func(name string, value any) edit { return edit{header: map[string]any{name: value}} }
	tests := map[string]edit{
		"another issuer":             claims("iss", "https://issuer.example"),
		"issuer with a slash":        claims("iss", i.URL()+"/"),
		"issuer in capitals":         claims("iss", strings.ToUpper(i.URL())),
		"no issuer":                  claims("iss", nil),
		"another audience":           claims("aud", "https://other.test/api"),
		"longer audience":            claims("aud", shopAudience+"/"),
		"shorter audience":           claims("aud", "https://shop.test/ap"),
		"audience in capitals":       claims("aud", strings.ToUpper(shopAudience)),
		"list of other audiences":    claims("aud", []string{"a", "b"}),
		"empty list of audiences":    claims("aud", []string{}),
		"no audience":                claims("aud", nil),
		"ended a second ago":         claims("exp", now-1),
		"end as text":                claims("exp", "9999999999"),
		"no end":                     claims("exp", nil),
		"not yet valid":              claims("nbf", now+120),
		"ID token":                   header("typ", "JWT"),
		"logout token":               header("typ", "logout+jwt"),
		"no type":                    header("typ", nil),
		"required claim missing":     claims("client_id", nil),
		"longer than tokens may be":  claims("groups", strings.Repeat("g", 8<<10)),
		"critical extension":         header("crit", []string{"exp"}),
		"key in the token":           header("jwk", map[string]any{"kty": "oct", "k": "AA"}),
		"address of keys":            header("jku", i.URL()+"/theirs"),
		"no algorithm":               {header: map[string]any{"alg": "none"}},
		"no algorithm, capitals":     {header: map[string]any{"alg": "nOnE"}},
		"public key as secret, PEM":  {header: map[string]any{"alg": "HS256"}, secret: "pem"},
		"public key as secret, DER":  {header: map[string]any{"alg": "HS256"}, secret: "der"},
		"public key as secret, JWK":  {header: map[string]any{"alg": "HS256"}, secret: "jwk"},
		"empty secret":               {header: map[string]any{"alg": "HS256"}, secret: "empty"},
		"algorithm of another key":   header("alg", "RS256"),
		"key that is not there":      header("kid", "nobody"),
		"key named like a file":      header("kid", "../../../../dev/null"),
		"key's name is not a string": header("kid", []string{"a"}),
	}
	for name, e := range tests {
		t.Run(name, func(t *testing.T) {
			got := w.ask(t, "raw", get(tokenHost, "/orders", bearer(forge(t, i, plain, e))))
			if got.status != 401 || got.seen != nil {
				t.Errorf("got %d %s, want 401", got.status, got.body)
			}
		})
	}
	if times, err := i.Fetches(t.Context(), "/theirs"); err != nil || len(times) != 0 {
		t.Errorf("the address in a token was asked for %d times, %v", len(times), err)
	}
	passes(t, w.ask(t, "raw", get(tokenHost, "/orders", bearer(plain))))
}

// A token is one text. Every other is another token.
func testJWTText(t *testing.T, w *world, i *issuer.Issuer) {
	t.Helper()
	person, err := i.Login(t.Context(), "alice", shopAudience)
	if err != nil {
		t.Fatal(err)
	}
	plain, other := issue(t, i, issuer.Order{}), issue(t, i, issuer.Order{Client: "globex"})
	part, foreign := strings.Split(plain, "."), strings.Split(other, ".")
	tests := []struct {
		name    string
		headers []field
		status  int
	}{
		{"ID token of the browser", []field{bearer(person.ID)}, 401},
		{"refresh token", []field{bearer(person.Refresh)}, 401},
		{"claims of another token", []field{bearer(part[0] + "." + foreign[1] + "." + part[2])}, 401},
		{"signature of another token", []field{bearer(part[0] + "." + part[1] + "." + foreign[2])}, 401},
		{"no signature", []field{bearer(part[0] + "." + part[1] + ".")}, 401},
		{"two parts", []field{bearer(part[0] + "." + part[1])}, 401},
		{"four parts", []field{bearer(plain + "." + part[2])}, 401},
		{"cut short", []field{bearer(plain[:len(plain)-1])}, 401},
		{"padded", []field{bearer(plain + "==")}, 401},
		{"last character's spare bits", []field{bearer(respelt(plain))}, 401},
		{"space inside", []field{bearer(part[0] + ". " + part[1] + "." + part[2])}, 401},
		{"scheme of another kind", []field{{"authorization", "Basic " + plain}}, 401},
		{"no scheme", []field{{"authorization", plain}}, 401},
		{"two header lines", []field{bearer(plain), bearer(other)}, 400},
		{"the same in two lines", []field{bearer(plain), bearer(plain)}, 400},
		{"two in one line", []field{{"authorization", "Bearer " + plain + ", Bearer " + other}}, 400},
		{"token and key", []field{bearer(plain), key("example-reader")}, 400},
		{"bad token and good key", []field{bearer(plain + "A"), key("example-reader")}, 400},
		{"token in the query", nil, 401},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			for _, listener := range []string{"raw", "joined"} {
				request := get(tokenHost, "/orders", c.headers...)
				if len(c.headers) == 0 {
					request = get(tokenHost, "/orders?access_token="+plain)
				}
				if got := w.ask(t, listener, request); got.status != c.status || got.seen != nil {
					t.Errorf("%s: got %d %s, want %d", listener, got.status, got.body, c.status)
				}
			}
		})
	}
	for _, scheme := range []string{"bearer", "BEARER"} {
		passes(t, w.ask(t, "raw", get(tokenHost, "/orders", field{"authorization", scheme + " " + plain})))
	}
}

// respelt changes only bits of the last character that no decoded byte holds:
// an ES256 signature has 64 bytes, so its last character has four such bits.
func respelt(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, token[len(token)-1])
	return token[:len(token)-1] + string(alphabet[last^1])
}

// The guard is that the respelt token of testJWTText decodes to the same
// bytes: else it would be refused for its signature.
func TestRespelt(t *testing.T) {
	token := base64.RawURLEncoding.EncodeToString(make([]byte, 64))
	got, err := base64.RawURLEncoding.DecodeString(respelt(token))
	if respelt(token) == token || err != nil || string(got) != string(make([]byte, 64)) {
		t.Errorf("got %q, %v", got, err)
	}
}
