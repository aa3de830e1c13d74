package system_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/test/issuer"
)

const (
	// nobodysIssuer stands in the configurations where the real one belongs.
	nobodysIssuer = "http://issuer.test"
	tokenHost     = "shop.test"
	shopAudience  = "https://shop.test/api"
)

// provider starts an issuer that ends with the test.
func provider(t *testing.T) *issuer.Issuer {
	t.Helper()
	i, err := issuer.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, i.Stop()) })
	return i
}

// beginShop starts a world that knows callers by the issuer's tokens, with its
// configuration changed by the pairs.
func beginShop(t *testing.T, i *issuer.Issuer, pairs ...string) *world {
	t.Helper()
	return beginWith(t, tokens, wireEnvoy, append([]string{nobodysIssuer, i.URL()}, pairs...)...)
}

// issue gets a token for the shop with the scope read, unless the order says
// otherwise.
func issue(t *testing.T, i *issuer.Issuer, o issuer.Order) string {
	t.Helper()
	if o.Audience == "" {
		o.Audience = shopAudience
	}
	if o.Scopes == nil {
		o.Scopes = []string{"read"}
	}
	token, err := i.Token(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// edit is how a forged token differs from one that the issuer made: the members
// of header and claims replace the issued ones, and those that are nil are left
// out.
type edit struct {
	header, claims map[string]any
	secret         string
}

// forge has the issuer sign an edited copy of a token that it made.
func forge(t *testing.T, i *issuer.Issuer, token string, e edit) string {
	t.Helper()
	header, claims := decoded(t, token)
	forged, err := i.Forge(t.Context(), issuer.Forgery{
		Header: edited(header, e.header), Claims: edited(claims, e.claims), Secret: e.secret,
	})
	if err != nil {
		t.Fatal(err)
	}
	return forged
}

func edited(members, changes map[string]any) map[string]any {
	maps.Copy(members, changes)
	maps.DeleteFunc(members, func(_ string, v any) bool { return v == nil })
	return members
}

// decoded is what a token says of itself, verified or not.
func decoded(t *testing.T, token string) (header, claims map[string]any) {
	t.Helper()
	parts := strings.Split(token, ".")
	for n, into := range []*map[string]any{&header, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[n])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatal(err)
		}
	}
	return header, claims
}

// named is a copy of the token whose header names another key. Its signature
// fits nothing.
func named(t *testing.T, token, kid string) string {
	t.Helper()
	header, _ := decoded(t, token)
	header["kid"] = kid
	text, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(token, ".")
	return base64.RawURLEncoding.EncodeToString(text) + "." + rest
}

// fetched counts how often the issuer's keys were asked for.
func fetched(t *testing.T, i *issuer.Issuer) int {
	t.Helper()
	return fetches(t, i, issuer.JWKS)
}

func fetches(t *testing.T, i *issuer.Issuer, path string) int {
	t.Helper()
	times, err := i.Fetches(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return len(times)
}
