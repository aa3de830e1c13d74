package system_test

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/sallyport-authz/sallyport/test/echo"
	"github.com/sallyport-authz/sallyport/test/mesh"
)

const mtlsFolder = "testdata/mtls"

// beginMTLS starts a world whose listeners ask for certificates of made.
func beginMTLS(t *testing.T, made *authority) *world {
	t.Helper()
	w := &world{}
	var err error
	if w.echo, err = echo.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, w.echo.Close()) })
	config := configure(t, mtlsFolder)
	must(t, os.WriteFile(filepath.Join(filepath.Dir(config), "roots.pem"), []byte(made.certificate), 0o600))
	w.sallyport = serveOn(t, config)
	bootstrap, err := mesh.Bootstrap(filepath.Join(mtlsFolder, "envoy.yaml"), mesh.Places{Clusters: map[string]string{
		"authz_tcp": w.sallyport.TCP(), "echo": w.echo.Web(),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if w.envoy, err = mesh.StartEnvoy(t.Context(), withTLS(t, bootstrap, made), short(t)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, w.envoy.Stop()) })
	return w
}

// withTLS adds TLS to the listeners: untrusted takes certificates of any authority.
func withTLS(t *testing.T, bootstrap []byte, made *authority) []byte {
	t.Helper()
	var whole map[string]any
	must(t, yaml.Unmarshal(bootstrap, &whole))
	for _, listener := range []string{"verified", "untrusted", "silent"} {
		validation := map[string]any{"trusted_ca": map[string]any{"inline_string": made.certificate}}
		if listener == "untrusted" {
			validation["trust_chain_verification"] = "ACCEPT_UNTRUSTED"
		}
		chain(t, whole, listener)["transport_socket"] = socket("Downstream", made.issue(t, host, ""), map[string]any{}, validation)
	}
	text, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	return strict(t, text)
}

// TestMTLS: who calls is what a certificate of ours says, and nothing that can be
// said without one.
func TestMTLS(t *testing.T) {
	made, foreign := newAuthority(t), newAuthority(t)
	w := beginMTLS(t, made)
	const (
		web     = "spiffe://shop.example/ns/shop/sa/web"
		cart    = "spiffe://shop.example/ns/shop/sa/cart"
		gateway = "spiffe://shop.example/ns/edge/sa/gateway"
	)
	ask := func(t *testing.T, listener, path string, client identity, headers ...field) reply {
		t.Helper()
		return sendTLS(t, w.envoy.Address(listener), client, get(host, path, headers...))
	}
	xfcc := func(certificate string) field {
		return field{"x-forwarded-client-cert", `By=spiffe://x/y;Cert="` + url.PathEscape(certificate) + `";URI="` + web + `"`}
	}
	called := func(t *testing.T, got reply, subject string) {
		t.Helper()
		passes(t, got)
		onlyIdentity(t, got, map[string]string{"x-authz-kind": "workload", "x-authz-subject": subject, "x-authz-scopes": "read"})
	}
	for _, c := range []struct {
		name, listener, path string
		client               identity
		headers              []field
		subject              string
		status               int
		body                 string
	}{
		{"listed", "verified", "/key", made.issue(t, "", web), nil, "web", 200, ""},
		{"of the trust domain", "verified", "/key", made.issue(t, "", cart), nil, cart, 200, ""},
		{"principal of a validated peer", "verified", "/validated", made.issue(t, "", cart), nil, cart, 200, ""},
		{"another trust domain", "verified", "/key", made.issue(t, "", "spiffe://evil.example/web"), nil, "", 401, `{"code":"rejected"}`},
		{"no name", "verified", "/key", made.issue(t, "", ""), nil, "", 401, `{"code":"rejected"}`},
		{"another authority", "untrusted", "/key", foreign.issue(t, "", web), nil, "", 401, `{"code":"rejected"}`},
		{"ours, where all are taken", "untrusted", "/key", made.issue(t, "", web), nil, "web", 200, ""},
		{"no certificate told", "silent", "/key", made.issue(t, "", web), nil, "", 503, `{"code":"unavailable"}`},
		{"T-C20", "verified", "/key", made.issue(t, "", cart), []field{xfcc(made.issue(t, "", web).certificate)}, cart, 200, ""},
		{"from a hop", "verified", "/key", made.issue(t, "", gateway), []field{xfcc(made.issue(t, "", web).certificate)}, "web", 200, ""},
		{"from a hop, of another authority", "verified", "/key", made.issue(t, "", gateway), []field{xfcc(foreign.issue(t, "", web).certificate)}, "", 401, `{"code":"rejected"}`},
		{"from a hop, nothing", "verified", "/key", made.issue(t, "", gateway), nil, "", 401, `{"code":"unauthenticated"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 2 { // the second time remembered
				if c.status == 200 {
					called(t, ask(t, c.listener, c.path, c.client, c.headers...), c.subject)
					continue
				}
				refused(t, ask(t, c.listener, c.path, c.client, c.headers...), c.status, c.body)
			}
		})
	}
	t.Run("nobody", func(t *testing.T) {
		got := sendTLSWithout(t, w.envoy.Address("verified"), get(host, "/key", xfcc(made.issue(t, "", web).certificate)))
		refused(t, got, 401, `{"code":"unauthenticated"}`)
	})
	t.Run("the record says why", func(t *testing.T) {
		r := w.recordOf(t, ask(t, "silent", "/key", made.issue(t, "", web)))
		if !strings.Contains(r.Cause, "include_peer_certificate") {
			t.Errorf("got cause %q", r.Cause)
		}
	})
}
