package system_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bootstrapv3 "github.com/envoyproxy/go-control-plane/envoy/config/bootstrap/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_authz/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/listener/proxy_protocol/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/listener/tls_inspector/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/ext_authz/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/tcp_proxy/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/http/early_header_mutation/header_mutation/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/retry/host/previous_hosts/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

// bootstraps are all Envoy configurations of the tree.
func bootstraps(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, folder := range []string{"../../examples", "testdata"} {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && strings.Contains(entry.Name(), "envoy") && strings.HasSuffix(path, ".yaml") {
				found = append(found, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// Every bootstrap is one that this Envoy takes, without a field that its types
// do not have: a misspelt setting must not pass for a set one.
func TestBootstraps(t *testing.T) {
	paths := bootstraps(t)
	if len(paths) < 3 {
		t.Fatalf("found %v", paths)
	}
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			resolved := strict(t, text)
			must(t, mesh.ValidateEnvoy(t.Context(), resolved, t.TempDir()))
			if strings.Contains(path, "examples") {
				// Operators hand Envoy the file as it is.
				must(t, mesh.ValidateEnvoy(t.Context(), text, t.TempDir()))
			}
		})
	}
}

// strict decodes YAML into Envoy's own types and gives it with aliases and
// merges resolved, which Envoy does not know.
func strict(t *testing.T, text []byte) []byte {
	t.Helper()
	resolved, err := decode(text)
	if err != nil {
		t.Fatal(err)
	}
	return resolved
}

func decode(text []byte) ([]byte, error) {
	var plain any
	if err := yaml.Unmarshal(text, &plain); err != nil {
		return nil, err
	}
	resolved, err := json.Marshal(plain)
	if err != nil {
		return nil, err
	}
	var bootstrap bootstrapv3.Bootstrap
	if err := protojson.Unmarshal(resolved, &bootstrap); err != nil {
		return nil, err
	}
	return resolved, bootstrap.ValidateAll()
}

// The guard is protojson's strictness, inside an Any too.
func TestBootstrapMisspelt(t *testing.T) {
	text, err := os.ReadFile(prood + "/envoy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(string(text), "failure_mode_allow:", "failure_mode_alow:", 1)
	if _, err := decode([]byte(broken)); err == nil || !strings.Contains(err.Error(), "failure_mode_alow") {
		t.Errorf("got %v, want a refusal of failure_mode_alow", err)
	}
}

// What a shipped bootstrap must say, in the words of the file: each line is a
// hole when it is missing.
func TestShippedBootstrapsAreSafe(t *testing.T) {
	for _, path := range bootstraps(t) {
		if !strings.Contains(path, "examples") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{
			"failure_mode_allow: false",
			"status_on_error: {code: ServiceUnavailable}",
			"encode_raw_headers: true",
			"validate_mutations: true",
			"normalize_path: true",
			"path_with_escaped_slashes_action: REJECT_REQUEST",
			"headers_with_underscores_action: REJECT_REQUEST",
			"healthy_panic_threshold: {value: 0}",
			"service_name: envoy.service.auth.v3.Authorization",
			`regex: "x[-_]authz[-_].*"`,
		} {
			if !strings.Contains(string(text), line) {
				t.Errorf("%s does not say %s", path, line)
			}
		}
	}
}
