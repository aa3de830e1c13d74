package system_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

// The bodies of rows P44 and P45, byte for byte, and those of their kin.
const (
	unauthorized = `{"error":"Unauthorized","code":"UNAUTHORIZED","status":401}`
	forbidden    = `{"error":"Insufficient scope","code":"FORBIDDEN","status":403}`
	badRequest   = `{"error":"Bad Request","code":"BAD_REQUEST","status":400}`
)

// The example's keys, as the fixtures of the requirements name them.
const (
	keyAdmin      = "pk_example_acme_admin"
	keyStorefront = "pk_example_acme_storefront"
)

const (
	api     = "api" // the example's listener
	apiHost = "api.prood.test"
	shop    = "shop.acme.test"
)

func TestProod(t *testing.T) {
	w := beginCommerce(t)
	ask := func(t *testing.T, c call) reply { t.Helper(); return w.ask(t, api, c) }

	// The guard is authz.ParseHost: without its lower case, port or dot the
	// host is nobody's.
	t.Run("P14", func(t *testing.T) {
		for _, host := range []string{shop, "SHOP.acme.test:443", "shop.acme.test.", "acme.prood.app:8443"} {
			got := ask(t, get(host, "/v1/products"))
			passes(t, got)
			acmeIs(t, got, "host")
		}
		spoofed := ask(t, get("unknown.test", "/v1/products", field{"x-storefront-host", shop}))
		refused(t, spoofed, 401, unauthorized)
	})
	// The guard is the host authenticator's scopes: they hold no admin.
	t.Run("P16", func(t *testing.T) {
		passes(t, ask(t, get(shop, "/v1/products")))
		for _, path := range []string{"/v1/admin/products", "/v1/admin/stats", "/v1/admin/nowhere"} {
			refused(t, ask(t, get(shop, path)), 403, forbidden)
		}
	})
	// The guard is search.identify's last line: nobody found is ErrAbsent.
	t.Run("P17", func(t *testing.T) {
		for _, host := range []string{"unknown.test", apiHost, "prood.app", "www.prood.app", "a.b.prood.app", "new.acme.test"} {
			refused(t, ask(t, get(host, "/v1/products")), 401, unauthorized)
		}
	})
	t.Run("P23", func(t *testing.T) {
		got := ask(t, get(shop, "/v1/products"))
		passes(t, got)
		acmeIs(t, got, "host")
	})
	t.Run("P24", func(t *testing.T) {
		refused(t, ask(t, post(shop, "/v1/admin/products")), 403, forbidden)
		refused(t, ask(t, post("unknown.test", "/v1/admin/products")), 401, unauthorized)
	})
	t.Run("P33", func(t *testing.T) { testDocumentedCurl(t, ask) })
	// The guard is the rule for 401 in the example's denial format.
	t.Run("P44", func(t *testing.T) {
		for _, c := range []call{get(apiHost, "/v1/products"), get(apiHost, "/v1/admin/stats", key("pk_wrong")), get(apiHost, "/nowhere")} {
			got := ask(t, c)
			refused(t, got, 401, unauthorized)
			isJSON(t, got)
		}
	})
	t.Run("P45", func(t *testing.T) {
		for _, c := range []call{get(shop, "/v1/admin/stats"), get(apiHost, "/v1/products", key(keyAdmin)), get(shop, "/nowhere")} {
			got := ask(t, c)
			refused(t, got, 403, forbidden)
			isJSON(t, got)
		}
	})
}

// testDocumentedCurl sends the documentation's own command line. The guard for
// the last case is authz.isToken.
func testDocumentedCurl(t *testing.T, ask func(*testing.T, call) reply) {
	t.Helper()
	for name, value := range map[string]string{"as written": "pk_xxx", "spaces around": "  pk_xxx \t"} {
		got := ask(t, get("localhost:3005", "/v1/admin/products", key(value)))
		passes(t, got)
		acmeIs(t, got, "api-key")
		if got.upstream("x-api-key") != "" {
			t.Errorf("%s: the key reached the upstream", name)
		}
	}
	for _, value := range []string{"pk_ xxx", "xxx", "pk_xxx pk_xxx"} {
		refused(t, ask(t, get("localhost:3005", "/v1/admin/products", key(value))), 401, unauthorized)
	}
}

// The guard is the check of a route's scopes against the list of them.
func TestProodRefusesScope(t *testing.T) {
	t.Run("P19", func(t *testing.T) {
		config := configure(t, prood)
		must(t, mesh.Validate(t.Context(), os.Getenv("SALLYPORT"), config))
		text, err := os.ReadFile(filepath.Join(prood, "sallyport.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		route := "path: /v1/products, scopes: [storefront]"
		broken := strings.Replace(string(text), route, "path: /v1/products, scopes: [warehouse]", 1)
		if err := os.WriteFile(config, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		err = mesh.Validate(t.Context(), os.Getenv("SALLYPORT"), config)
		if err == nil || !strings.Contains(err.Error(), `"warehouse"`) || !strings.Contains(err.Error(), "sallyport.yaml:") {
			t.Errorf("got %v, want a refusal that names the scope and the place", err)
		}
		if _, err := mesh.StartSallyport(t.Context(), os.Getenv("SALLYPORT"), config); err == nil {
			t.Error("the server started")
		}
	})
}

// callerIs checks the whole caller as the upstream reads it.
func callerIs(t *testing.T, got reply, want string) {
	t.Helper()
	claims, err := base64.RawURLEncoding.DecodeString(got.upstream("x-authz-claims"))
	if err != nil || string(claims) != want {
		t.Errorf("got %d, the upstream saw %s, %v; want %s", got.status, claims, err, want)
	}
}

// acmeIs checks that the upstream saw tenant A, known in this way.
func acmeIs(t *testing.T, got reply, kind string) {
	t.Helper()
	if got.upstream("x-authz-tenant") != "A" || got.upstream("x-authz-kind") != kind {
		t.Errorf("upstream saw tenant %q, kind %q; want A, %q", got.upstream("x-authz-tenant"), got.upstream("x-authz-kind"), kind)
	}
}

func isJSON(t *testing.T, got reply) {
	t.Helper()
	if content := got.header.Get("Content-Type"); content != "application/json" {
		t.Errorf("content-type = %q, want application/json", content)
	}
}
