package system_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authzv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_authz/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/sallyport-authz/sallyport/test/echo"
	"github.com/sallyport-authz/sallyport/test/mesh"
)

const (
	gatewayEnvoy = "testdata/gateway/envoy.yaml"
	extAuth      = "securitypolicy/edge/sallyport/extauth/0"
	// The names that tls.yaml, gateway.yaml and the configuration agree on.
	serverName  = "sallyport.authz-system.svc"
	gatewayName = "spiffe://example.com/ns/edge/gateway/edge"
)

// beginGateway starts the example with a server's certificate for one name, and a
// gateway whose certificate is for another.
func beginGateway(t *testing.T, server, client string) *world {
	t.Helper()
	w, made := &world{}, newAuthority(t)
	var err error
	if w.echo, err = echo.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, w.echo.Close()) })
	own := made.issue(t, server, "")
	w.sallyport = startPod(t, gatewayExample, map[string]map[string]string{
		"sallyport-keys": keys(), "sallyport-tls": {"tls.crt": own.certificate, "tls.key": own.key, "ca.crt": made.certificate},
	}, "0.0.0.0:9191", "127.0.0.1:0", "0.0.0.0:9192", "127.0.0.1:0")
	text, err := mesh.Bootstrap(gatewayEnvoy, mesh.Places{Clusters: map[string]string{
		extAuth: w.sallyport.TCP(), "httproute/shop/shop/rule/0": w.echo.Web(),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if w.envoy, err = mesh.StartEnvoy(t.Context(), secured(t, text, made, made.issue(t, "", client)), short(t)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, w.envoy.Stop()) })
	return w
}

// secured adds what Envoy Gateway makes of BackendTLSPolicy and of the Gateway's
// client certificate.
func secured(t *testing.T, bootstrap []byte, made *authority, client identity) []byte {
	t.Helper()
	var whole map[string]any
	if err := yaml.Unmarshal(bootstrap, &whole); err != nil {
		t.Fatal(err)
	}
	cluster := whole["static_resources"].(map[string]any)["clusters"].([]any)[0].(map[string]any)
	cluster["transport_socket"] = socket("Upstream", client, map[string]any{"sni": serverName}, map[string]any{
		"trusted_ca":                    map[string]any{"inline_string": made.certificate},
		"match_typed_subject_alt_names": []any{map[string]any{"san_type": "DNS", "matcher": map[string]any{"exact": serverName}}},
	})
	text, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	return strict(t, text)
}

// TestGatewayFilter: the filter of the bootstrap is the one that Envoy Gateway
// makes of securitypolicy.yaml (extAuthConfig in extauth.go), with nothing added,
// and every route sends what the policy vouches for (patchRoute there).
func TestGatewayFilter(t *testing.T) {
	auth, bootstrap := extAuthOf(t), bootstrapFile(t, gatewayEnvoy)
	want := &authzv3.ExtAuthz{
		Services: &authzv3.ExtAuthz_GrpcService{GrpcService: &corev3.GrpcService{
			TargetSpecifier: &corev3.GrpcService_EnvoyGrpc_{EnvoyGrpc: &corev3.GrpcService_EnvoyGrpc{
				ClusterName: extAuth, Authority: "sallyport.authz-system:9191",
			}},
			Timeout:     span(t, auth["timeout"]),
			RetryPolicy: retryOf(t, auth),
		}},
		TransportApiVersion:            corev3.ApiVersion_V3,
		FailureModeAllow:               auth["failOpen"].(bool),
		StatusOnError:                  &typev3.HttpStatus{Code: typev3.StatusCode(auth["statusOnError"].(int))},
		RouteMetadataContextNamespaces: []string{"envoy-gateway"},
	}
	if diff := cmp.Diff(authzFilter(t, bootstrap, "edge"), want, protocmp.Transform()); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	vouched := map[string]any{}
	for _, one := range auth["contextExtensions"].([]any) {
		vouched[one.(map[string]any)["name"].(string)] = one.(map[string]any)["value"]
	}
	for _, sent := range extensions(t, bootstrap) {
		if diff := cmp.Diff(sent, vouched); diff != "" {
			t.Errorf("context extensions (-got +want):\n%s", diff)
		}
	}
	if auth["includeRouteMetadata"] != true || len(auth) != 6 {
		t.Errorf("the policy says more than the bootstrap: %v", auth)
	}
}

// extAuthOf is what the example's SecurityPolicy says.
func extAuthOf(t *testing.T) map[string]any {
	t.Helper()
	for _, m := range manifests(t, gatewayExample) {
		if m.Kind == "SecurityPolicy" {
			return m.Spec.ExtAuth
		}
	}
	t.Fatal("the example has no SecurityPolicy")
	return nil
}

func span(t *testing.T, text any) *durationpb.Duration {
	t.Helper()
	d, err := time.ParseDuration(text.(string))
	if err != nil {
		t.Fatal(err)
	}
	return durationpb.New(d)
}

// retryOf is what buildNonRouteRetryPolicy makes of the policy's retry.
func retryOf(t *testing.T, auth map[string]any) *corev3.RetryPolicy {
	t.Helper()
	retry := auth["grpc"].(map[string]any)["backendSettings"].(map[string]any)["retry"].(map[string]any)
	var triggers []string
	for _, one := range retry["retryOn"].(map[string]any)["triggers"].([]any) {
		triggers = append(triggers, one.(string))
	}
	pause := retry["perRetry"].(map[string]any)["backOff"].(map[string]any)
	return &corev3.RetryPolicy{
		RetryBackOff: &corev3.BackoffStrategy{BaseInterval: span(t, pause["baseInterval"]), MaxInterval: span(t, pause["maxInterval"])},
		NumRetries:   wrapperspb.UInt32(uint32(retry["numRetries"].(int))),
		RetryOn:      strings.Join(triggers, ","),
	}
}

// extensions are the context extensions that the routes of the bootstrap send.
func extensions(t *testing.T, bootstrap map[string]any) []map[string]any {
	t.Helper()
	manager := chain(t, bootstrap, "edge")["filters"].([]any)[0].(map[string]any)["typed_config"].(map[string]any)
	var all []map[string]any
	for _, virtual := range manager["route_config"].(map[string]any)["virtual_hosts"].([]any) {
		for _, route := range virtual.(map[string]any)["routes"].([]any) {
			own := route.(map[string]any)["typed_per_filter_config"].(map[string]any)["envoy.filters.http.ext_authz/securitypolicy/edge/sallyport"].(map[string]any)
			all = append(all, own["check_settings"].(map[string]any)["context_extensions"].(map[string]any))
		}
	}
	if len(all) != 2 {
		t.Fatalf("%d routes ask, the example has two", len(all))
	}
	return all
}

// TestGateway: the example behind a real Envoy, asked over mutual TLS.
func TestGateway(t *testing.T) {
	w := beginGateway(t, serverName, gatewayName)
	storefront, operations := key("example-storefront-key"), key("example-operations-key")
	tests := []struct {
		name   string
		call   call
		status int
		body   string
	}{
		{"open to anyone", get(shopHost, "/healthz"), 200, ""},
		{"known", get(shopHost, "/v1/products", storefront), 200, ""},
		// The policies: HTTPS by the context extension, the route by its metadata.
		{"administration by its own route", get(shopHost, "/v1/admin/products", operations), 200, ""},
		{"out of scope", get(shopHost, "/v1/admin/products", storefront), 403, `{"code":"scope"}`},
		{"nobody", get(shopHost, "/v1/products"), 401, `{"code":"unauthenticated"}`},
		{"key twice", get(shopHost, "/v1/products", storefront, operations), 400, `{"code":"conflict"}`},
		{"dot segments", get(shopHost, "/v1/products/../admin/products", storefront), 403, `{"code":"scope"}`},
		// The gateway's own.
		{"escaped slash", get(shopHost, "/v1%2Fadmin/products", operations), 400, ""},
		{"underscore", get(shopHost, "/v1/products", storefront, field{"x_authz_role", "admin"}), 400, ""},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			got := w.ask(t, "edge", c.call)
			switch {
			case c.status == 200:
				passes(t, got)
			case c.body == "":
				if got.status != c.status || got.seen != nil {
					t.Errorf("got %d %s, want the gateway's own %d", got.status, got.body, c.status)
				}
			default:
				refused(t, got, c.status, c.body)
			}
		})
	}
	t.Run("probes", func(t *testing.T) { probed(t, w.sallyport, gatewayExample) })
	t.Run("gone", func(t *testing.T) {
		must(t, w.sallyport.Kill())
		refused(t, w.ask(t, "edge", get(shopHost, "/healthz")), 503, "")
	})
}

// Neither side answers for a name that it does not know, and what is not answered
// is refused. The guards are server.listeners[].tls.peers and BackendTLSPolicy's
// hostname.
func TestGatewayStrangers(t *testing.T) {
	for name, names := range map[string][2]string{
		"another gateway": {serverName, "spiffe://example.com/ns/shop/gateway/edge"},
		"another server":  {"other.authz-system.svc", gatewayName},
	} {
		t.Run(name, func(t *testing.T) {
			w := beginGateway(t, names[0], names[1])
			refused(t, w.ask(t, "edge", get(shopHost, "/healthz")), 503, "")
			if got := w.stat(t, "http.https-10443.ext_authz.error"); got != 1 {
				t.Errorf("Envoy counted %d errors, want 1", got)
			}
		})
	}
}
