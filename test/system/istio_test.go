package system_test

import (
	"encoding/json"
	"maps"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authzv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_authz/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/sallyport-authz/sallyport/test/echo"
	"github.com/sallyport-authz/sallyport/test/mesh"
)

const (
	istioEnvoy = "testdata/istio/envoy.yaml"
	shopHost   = "shop.example.com"
)

// cluster is Istio's name for a Service's endpoints.
func cluster(port, host string) string { return "outbound|" + port + "||" + host }

const sallyportHost = "sallyport.authz-system.svc.cluster.local"

// beginIstio starts the example: Sallyport as its pod is, and an Envoy as istiod
// configures the gateway, one with early.yaml and a workload's sidecar.
func beginIstio(t *testing.T) (*world, *authority) {
	t.Helper()
	w, made := &world{}, newAuthority(t)
	var err error
	if w.echo, err = echo.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, w.echo.Close()) })
	w.sallyport = startPod(t, istioExample, map[string]map[string]string{"sallyport-keys": keys()}, "127.0.0.1:9191", "127.0.0.1:0", "127.0.0.1:9192", "127.0.0.1:0")
	bootstrap, err := mesh.Bootstrap(istioEnvoy, mesh.Places{Clusters: map[string]string{
		cluster("9191", sallyportHost):                 w.sallyport.TCP(),
		cluster("8080", "shop.shop.svc.cluster.local"): w.echo.Web(),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if w.envoy, err = mesh.StartEnvoy(t.Context(), complete(t, bootstrap, made), short(t)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, w.envoy.Stop()) })
	return w, made
}

// complete adds to the bootstrap what stands elsewhere: the patch of early.yaml to
// listeners early and unasked, and mutual TLS to listener inbound.
func complete(t *testing.T, bootstrap []byte, made *authority) []byte {
	t.Helper()
	var whole map[string]any
	if err := yaml.Unmarshal(bootstrap, &whole); err != nil {
		t.Fatal(err)
	}
	for _, listener := range []string{"early", "unasked"} {
		merge(chain(t, whole, listener)["filters"].([]any)[0].(map[string]any), earlyPatch(t))
	}
	server := made.issue(t, "", "spiffe://cluster.local/ns/shop/sa/shop")
	chain(t, whole, "inbound")["transport_socket"] = socket("Downstream", server, map[string]any{"require_client_certificate": true}, map[string]any{
		"trusted_ca": map[string]any{"inline_string": made.certificate},
	})
	text, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	return strict(t, text)
}

// socket is TLS with a certificate, in one of the two directions.
func socket(direction string, own identity, settings, validation map[string]any) map[string]any {
	settings["@type"] = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3." + direction + "TlsContext"
	settings["common_tls_context"] = map[string]any{
		"tls_certificates": []any{map[string]any{
			"certificate_chain": map[string]any{"inline_string": own.certificate},
			"private_key":       map[string]any{"inline_string": own.key},
		}},
		"validation_context": validation,
	}
	return map[string]any{"name": "envoy.transport_sockets.tls", "typed_config": settings}
}

// chain is the one filter chain of a listener.
func chain(t *testing.T, bootstrap map[string]any, listener string) map[string]any {
	t.Helper()
	for _, l := range bootstrap["static_resources"].(map[string]any)["listeners"].([]any) {
		if l := l.(map[string]any); l["name"] == listener {
			return l["filter_chains"].([]any)[0].(map[string]any)
		}
	}
	t.Fatalf("no listener %s", listener)
	return nil
}

// earlyPatch is what the example's EnvoyFilter merges into the connection manager.
func earlyPatch(t *testing.T) map[string]any {
	t.Helper()
	for _, m := range manifests(t, istioExample) {
		if m.Kind == "EnvoyFilter" {
			return m.Spec.ConfigPatches[0].Patch.Value
		}
	}
	t.Fatal("no EnvoyFilter")
	return nil
}

// merge does what Istio's MERGE does: messages are merged, lists appended, and
// everything else is replaced.
func merge(into, patch map[string]any) {
	for name, value := range patch {
		switch value := value.(type) {
		case map[string]any:
			if inner, ok := into[name].(map[string]any); ok {
				merge(inner, value)
				continue
			}
			into[name] = value
		case []any:
			before, _ := into[name].([]any)
			into[name] = append(before, value...)
		default:
			into[name] = value
		}
	}
}

// TestIstioFilter: the filter of the bootstrap is the one that istiod makes of
// meshconfig.yaml (generateGRPCConfig in extauthz.go), with nothing added.
func TestIstioFilter(t *testing.T) {
	whole := bootstrapFile(t, istioEnvoy)
	for _, listener := range []string{"gateway", "early", "inbound"} {
		got := authzFilter(t, whole, listener)
		if diff := cmp.Diff(got, generated(t), protocmp.Transform()); diff != "" {
			t.Errorf("%s (-got +want):\n%s", listener, diff)
		}
	}
}

func bootstrapFile(t *testing.T, file string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var whole map[string]any
	if err := json.Unmarshal(strict(t, text), &whole); err != nil {
		t.Fatal(err)
	}
	return whole
}

// authzFilter is the ext_authz filter of a listener, in Envoy's own type.
func authzFilter(t *testing.T, bootstrap map[string]any, listener string) *authzv3.ExtAuthz {
	t.Helper()
	manager := chain(t, bootstrap, listener)["filters"].([]any)[0].(map[string]any)["typed_config"].(map[string]any)
	for _, one := range manager["http_filters"].([]any) {
		config := maps.Clone(one.(map[string]any)["typed_config"].(map[string]any))
		if config["@type"] != "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz" {
			continue
		}
		delete(config, "@type")
		plain, err := json.Marshal(config)
		if err != nil {
			t.Fatal(err)
		}
		var filter authzv3.ExtAuthz
		if err := protojson.Unmarshal(plain, &filter); err != nil {
			t.Fatal(err)
		}
		return &filter
	}
	t.Fatalf("listener %s asks nobody", listener)
	return nil
}

// generated is the filter by the provider's own settings.
func generated(t *testing.T) *authzv3.ExtAuthz {
	t.Helper()
	var provider map[string]any
	for _, m := range manifests(t, istioExample) {
		if m.MeshConfig != nil {
			provider = m.MeshConfig["extensionProviders"].([]any)[0].(map[string]any)["envoyExtAuthzGrpc"].(map[string]any)
		}
	}
	timeout, err := time.ParseDuration(provider["timeout"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if provider["failOpen"] != false || provider["statusOnError"] != "503" || len(provider) != 5 {
		t.Fatalf("provider %v", provider)
	}
	_, host, _ := strings.Cut(provider["service"].(string), "/")
	return &authzv3.ExtAuthz{
		Services: &authzv3.ExtAuthz_GrpcService{GrpcService: &corev3.GrpcService{
			TargetSpecifier: &corev3.GrpcService_EnvoyGrpc_{EnvoyGrpc: &corev3.GrpcService_EnvoyGrpc{
				ClusterName: cluster(strconv.Itoa(provider["port"].(int)), host), Authority: host,
			}},
			Timeout: durationpb.New(timeout),
		}},
		TransportApiVersion: corev3.ApiVersion_V3,
		StatusOnError:       &typev3.HttpStatus{Code: typev3.StatusCode_ServiceUnavailable},
		FilterEnabledMetadata: &matcherv3.MetadataMatcher{
			Filter: "envoy.filters.http.rbac",
			Path: []*matcherv3.MetadataMatcher_PathSegment{{Segment: &matcherv3.MetadataMatcher_PathSegment_Key{
				Key: "istio_ext_authz_shadow_effective_policy_id",
			}}},
			Value: &matcherv3.ValueMatcher{MatchPattern: &matcherv3.ValueMatcher_StringMatch{StringMatch: &matcherv3.StringMatcher{
				MatchPattern: &matcherv3.StringMatcher_Prefix{Prefix: "istio-ext-authz"},
			}}},
		},
	}
}

// TestIstio: joined headers, no certificate, and still nothing is read in two
// ways.
func TestIstio(t *testing.T) {
	w, made := beginIstio(t)
	storefront, operations := key("example-storefront-key"), key("example-operations-key")
	tests := []struct {
		name   string
		call   call
		status int
		body   string
	}{
		{"open to anyone", get(shopHost, "/healthz"), 200, ""},
		{"known", get(shopHost, "/v1/products", storefront), 200, ""},
		{"known, changes", post(shopHost, "/v1/admin/products", operations), 200, ""},
		{"nobody", get(shopHost, "/v1/products"), 401, `{"code":"unauthenticated"}`},
		{"unknown", get(shopHost, "/v1/products", key("example-nobody")), 401, `{"code":"rejected"}`},
		{"out of scope", get(shopHost, "/v1/admin/products", storefront), 403, `{"code":"scope"}`},
		{"undeclared", get(shopHost, "/v2/products", storefront), 403, `{"code":"no_route"}`},
		{"another host", get("other.example.com", "/healthz"), 401, `{"code":"unauthenticated"}`},
		{"from outside what is the mesh's", get(shopHost, "/internal/stock"), 403, `{"code":"policy"}`},
		// Two lines arrive as one with a comma: Headers.Carried.
		{"key twice", get(shopHost, "/v1/products", storefront, operations), 400, `{"code":"conflict"}`},
		{"key twice, equal", get(shopHost, "/v1/products", storefront, storefront), 400, `{"code":"conflict"}`},
		{"authorization twice", get(shopHost, "/v1/products", storefront, bearer("a"), bearer("b")), 400, `{"code":"conflict"}`},
		{"authorization of nobody", get(shopHost, "/v1/products", storefront, bearer("a")), 401, `{"code":"malformed"}`},
		{"two cookie lines", get(shopHost, "/v1/products", storefront, field{"cookie", "a=1; b=2"}, field{"cookie", "c=3"}), 200, ""},
		// Bytes that are not UTF-8 arrive as "!".
		{"mangled key", get(shopHost, "/v1/products", key("example-storefront-key\xff")), 401, `{"code":"malformed"}`},
		{"key of mangled bytes", get(shopHost, "/v1/products", key("\xff\xfe")), 401, `{"code":"malformed"}`},
		{"mangled bytes elsewhere", get(shopHost, "/v1/products", storefront, field{"x-note", "\xff"}), 200, ""},
		// What the gateway's normalisation leaves.
		{"escaped slash", get(shopHost, "/v1%2Fproducts", storefront), 400, `{"code":"malformed"}`},
		{"parameter", get(shopHost, "/v1/products;a=1", storefront), 400, `{"code":"malformed"}`},
		{"dot segments", get(shopHost, "/v1/products/../admin/products", storefront), 403, `{"code":"scope"}`},
		{"slashes", get(shopHost, "//v1//admin/products", storefront), 403, `{"code":"scope"}`},
		{"key with an underscore", get(shopHost, "/v1/products", storefront, field{"x_api_key", "example-operations-key"}), 400, `{"code":"malformed"}`},
	}
	asked := int64(0)
	for _, protocol := range protocols() {
		for _, c := range tests {
			t.Run(protocol.name+"/"+c.name, func(t *testing.T) {
				got := protocol.send(t, w.envoy.Address("gateway"), c.call)
				if c.status == 200 {
					passes(t, got)
				} else {
					refused(t, got, c.status, c.body)
				}
			})
			asked++
		}
		t.Run(protocol.name+"/forged identity", func(t *testing.T) { istioForged(t, w, protocol) })
		asked++
	}
	// The mark of the RBAC filter is what makes Envoy ask.
	if got := w.stat(t, "http.gateway.ext_authz.ok") + w.stat(t, "http.gateway.ext_authz.denied"); got != asked {
		t.Errorf("%d requests were asked about, %d sent", got, asked)
	}
	t.Run("early", func(t *testing.T) { istioEarly(t, w) })
	t.Run("peer", func(t *testing.T) { istioPeer(t, w, made) })
	t.Run("probes", func(t *testing.T) { probed(t, w.sallyport, istioExample) })
	t.Run("unanswered", func(t *testing.T) { istioUnanswered(t, w) })
}
