package system_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// operation is one method on one concrete path.
type operation struct{ method, path string }

// operations reads the example's routes that need the scope, with every
// parameter filled in.
func operations(t *testing.T, scope string) []operation {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(prood, "sallyport.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Hosts []struct {
			Routes []struct {
				Methods []string
				Path    string
				Scopes  []string
			}
		}
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	parameter := regexp.MustCompile(`\{[a-z]+\}`)
	var found []operation
	for _, route := range config.Hosts[0].Routes {
		if !slices.Equal(route.Scopes, []string{scope}) {
			continue
		}
		for _, method := range route.Methods {
			found = append(found, operation{method, parameter.ReplaceAllString(route.Path, "42")})
		}
	}
	return found
}

// covers checks that each group is there with its verbs, so that a route that
// is lost from the example is missed.
func covers(t *testing.T, got []operation, want ...operation) {
	t.Helper()
	for _, operation := range want {
		if !slices.Contains(got, operation) {
			t.Errorf("the example has no %s %s", operation.method, operation.path)
		}
	}
}

func (o operation) call(host string, headers ...field) call {
	return call{method: o.method, host: host, path: o.path, headers: headers}
}

// The guard of both is the shipped rule on scopes: with it out, the other key
// passes as well.
func TestProodRoutes(t *testing.T) {
	w := beginCommerce(t)
	storefront, admin := operations(t, "storefront"), operations(t, "admin")
	t.Run("P20", func(t *testing.T) {
		covers(t, storefront,
			operation{"GET", "/v1/products"}, operation{"GET", "/v1/products/42"}, operation{"GET", "/v1/categories"},
			operation{"GET", "/v1/store"}, operation{"GET", "/v1/countries"}, operation{"POST", "/v1/carts"},
			operation{"GET", "/v1/carts/42"}, operation{"PATCH", "/v1/carts/42"}, operation{"DELETE", "/v1/carts/42"},
			operation{"POST", "/v1/carts/42/items"}, operation{"PATCH", "/v1/carts/42/items/42"},
			operation{"DELETE", "/v1/carts/42/items/42"}, operation{"POST", "/v1/carts/42/place-order"},
			operation{"GET", "/v1/orders"}, operation{"GET", "/v1/orders/42"}, operation{"GET", "/v1/me"})
		for _, o := range storefront {
			got := w.ask(t, api, o.call(apiHost, key(keyStorefront)))
			passes(t, got)
			acmeIs(t, got, "api-key")
			passes(t, w.ask(t, api, o.call(shop)))
			refused(t, w.ask(t, api, o.call(apiHost, key(keyAdmin))), 403, forbidden)
		}
	})
	t.Run("P21", func(t *testing.T) {
		for _, group := range []string{"products", "orders", "customers", "inventory"} {
			covers(t, admin,
				operation{"GET", "/v1/admin/" + group}, operation{"POST", "/v1/admin/" + group},
				operation{"GET", "/v1/admin/" + group + "/42"}, operation{"PATCH", "/v1/admin/" + group + "/42"},
				operation{"DELETE", "/v1/admin/" + group + "/42"})
		}
		covers(t, admin, operation{"GET", "/v1/admin/store"}, operation{"PATCH", "/v1/admin/store"}, operation{"GET", "/v1/admin/stats"})
		for _, o := range admin {
			passes(t, w.ask(t, api, o.call(apiHost, key(keyAdmin))))
			refused(t, w.ask(t, api, o.call(apiHost, key(keyStorefront))), 403, forbidden)
		}
	})
	t.Run("P30", func(t *testing.T) {
		for _, o := range admin {
			if !strings.HasPrefix(o.path, "/v1/admin/") {
				t.Errorf("%s needs admin and is not below /v1/admin", o.path)
			}
			refused(t, w.ask(t, api, o.call(shop)), 403, forbidden)
			refused(t, w.ask(t, api, o.call("unknown.test")), 401, unauthorized)
		}
	})
}
