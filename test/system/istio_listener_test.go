package system_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"testing"
	"time"
)

// istioForged: without early.yaml what keeps forged identity out is Sallyport
// alone, on what it is asked about. The guard is changes.drop.
func istioForged(t *testing.T, w *world, protocol protocol) {
	t.Helper()
	got := protocol.send(t, w.envoy.Address("gateway"), get(shopHost, "/v1/products", key("example-storefront-key"),
		field{"x-authz-subject", "root"}, field{"X-Authz-Role", "admin"}, field{"x-authz-unknown", "1"}))
	passes(t, got)
	if got.seen == nil {
		t.FailNow()
	}
	onlyIdentity(t, got, map[string]string{
		"x-authz-subject": "storefront", "x-authz-tenant": "acme", "x-authz-scopes": "storefront", "x-authz-kind": "api-key", "x-authz-token-id": "storefront",
	})
	if got.upstream("x-api-key") != "" {
		t.Error("the upstream saw the key")
	}
}

// istioEarly: the gateway with the example's EnvoyFilter refuses what is
// ambiguous itself, and lets nobody say who calls where nobody decided.
func istioEarly(t *testing.T, w *world) {
	t.Helper()
	before := w.stat(t, "http.early.ext_authz.ok") + w.stat(t, "http.early.ext_authz.denied")
	for name, c := range map[string]call{
		"escaped slash": get(shopHost, "/v1%2Fproducts", key("example-storefront-key")),
		"underscore":    get(shopHost, "/v1/products", key("example-storefront-key"), field{"x_authz_role", "admin"}),
	} {
		if got := w.ask(t, "early", c); got.status != http.StatusBadRequest {
			t.Errorf("%s: got %d %s, want 400", name, got.status, got.body)
		}
	}
	if after := w.stat(t, "http.early.ext_authz.ok") + w.stat(t, "http.early.ext_authz.denied"); after != before {
		t.Errorf("asked %d times about what the gateway refuses", after-before)
	}
	if got := w.ask(t, "early", get(shopHost, "/healthz")); got.header.Get("X-Request-Id") == "" {
		t.Error("the client cannot name the record")
	}
	// What Sallyport never hears of.
	got := w.ask(t, "unasked", get(shopHost, "/healthz", field{"x-authz-subject", "root"}, field{"X-Authz-Unknown", "1"}))
	passes(t, got)
	if got.seen != nil {
		onlyIdentity(t, got, nil)
	}
}

// istioPeer: with mutual TLS the peer's name reaches the policy, and only so: a
// client's own word for it does not.
func istioPeer(t *testing.T, w *world, made *authority) {
	t.Helper()
	tests := []struct {
		name, uri string
		status    int
	}{
		{"workload of the shop", "spiffe://cluster.local/ns/shop/sa/cart", 200},
		{"workload of another namespace", "spiffe://cluster.local/ns/shopping/sa/cart", 403},
		{"workload of another domain", "spiffe://elsewhere.example/ns/shop/sa/cart", 403},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			got := sendTLS(t, w.envoy.Address("inbound"), made.issue(t, "", c.uri),
				get(shopHost, "/internal/stock", field{"x-forwarded-client-cert", "URI=spiffe://cluster.local/ns/shop/sa/cart"}))
			if got.status != c.status {
				t.Errorf("got %d %s, want %d", got.status, got.body, c.status)
			}
		})
	}
}

// istioUnanswered: nobody who decides is 503, within the provider's timeout and
// not Istio's ten minutes. It comes last: the server does not come back.
func istioUnanswered(t *testing.T, w *world) {
	t.Helper()
	must(t, w.sallyport.Suspend())
	begun := time.Now()
	refused(t, w.ask(t, "gateway", get(shopHost, "/healthz")), http.StatusServiceUnavailable, "")
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("refused after %v, the timeout is 0.5s", took)
	}
	must(t, w.sallyport.Resume())
	must(t, w.sallyport.Kill())
	refused(t, w.ask(t, "gateway", get(shopHost, "/healthz")), http.StatusServiceUnavailable, "")
}

// sendTLS sends a call with a client certificate.
func sendTLS(t *testing.T, address string, client identity, c call) reply {
	t.Helper()
	pair, err := tls.X509KeyPair([]byte(client.certificate), []byte(client.key))
	if err != nil {
		t.Fatal(err)
	}
	return sendTLSAs(t, address, []tls.Certificate{pair}, c)
}

// sendTLSWithout sends a call without a client certificate.
func sendTLSWithout(t *testing.T, address string, c call) reply {
	t.Helper()
	return sendTLSAs(t, address, nil, c)
}

func sendTLSAs(t *testing.T, address string, shown []tls.Certificate, c call) reply {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{
		Certificates: shown, MinVersion: tls.VersionTLS12,
		// A mesh's certificates have no host name: the chain is what counts.
		InsecureSkipVerify: true,
	}}
	defer transport.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, c.method, "https://"+address+c.path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = c.host
	for _, h := range c.headers {
		request.Header.Add(h.name, h.value)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	return read(t, response)
}
