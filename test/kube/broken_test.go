package kube_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// broken is a change to one file and a part of what must be said of it.
type broken struct{ name, file, from, to, want string }

// brokens: each row is refused by the guard that its group names, and by no other
// row's.
func brokens() []broken {
	return []broken{
		// newJudge: kinds.
		{"unknown kind", "istio/mtls.yaml", "kind: PeerAuthentication", "kind: PeerAuthentications", "unknown kind security.istio.io/v1/PeerAuthentications"},
		{"unknown version", "envoy-gateway/tls.yaml", "gateway.networking.k8s.io/v1\n", "gateway.networking.k8s.io/v1alpha3\n", "unknown kind gateway.networking.k8s.io/v1alpha3/BackendTLSPolicy"},
		{"no name", "istio/namespace.yaml", "name: authz-system", "generateName: authz", "no metadata.name"},
		{"no namespace", "istio/service.yaml", "  namespace: authz-system\nspec:\n  # A", "spec:\n  # A", "metadata.namespace is left to chance"},
		// split.
		{"key twice", "istio/service.yaml", "type: ClusterIP", "type: ClusterIP\n  type: ClusterIP", `key "type" already set`},
		{"no content", "istio/service.yaml", "---\n", "---\n# nothing\n---\n", "document without content"},
		// resource: strictness, in each family of types.
		{"misspelt field", "istio/workload.yaml", "readOnlyRootFilesystem:", "readOnlyRootFileSystem:", `unknown field "spec.template.spec.containers[0].securityContext.readOnlyRootFileSystem"`},
		{"misspelt in the budget", "istio/workload.yaml", "minAvailable:", "minAvailble:", `unknown field "spec.minAvailble"`},
		{"misspelt in Envoy Gateway", "envoy-gateway/securitypolicy.yaml", "failOpen:", "failopen:", `unknown field "spec.extAuth.failopen"`},
		{"misspelt in Gateway API", "envoy-gateway/route.yaml", "hostnames:", "hosts:", `unknown field "spec.hosts"`},
		{"type", "istio/workload.yaml", "replicas: 2", `replicas: "2"`, "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas"},
		{"type in Envoy Gateway", "envoy-gateway/securitypolicy.yaml", "statusOnError: 503", `statusOnError: "503"`, "json: cannot unmarshal string"},
		// istio: protojson's strictness, and the envelope's.
		{"misspelt in Istio", "istio/service.yaml", "outlierDetection:", "outlierDetections:", `unknown field "outlierDetections"`},
		{"enum in Istio", "istio/ask.yaml", "action: CUSTOM", "action: CUSTOMS", `invalid value for enum field action: "CUSTOMS"`},
		{"type in Istio", "istio/mtls.yaml", "paths: [/envoy", "paths: /envoy", "syntax error"},
		{"misspelt beside the spec", "istio/mtls.yaml", "spec:\n  mtls", "specs:\n  mtls", `unknown field "specs"`},
		// refuseEnums.
		{"enum of a pod", "istio/workload.yaml", "type: RuntimeDefault", "type: RuntimeDefaults", `"RuntimeDefaults" is none of`},
		{"enum of a Service", "envoy-gateway/service.yaml", "type: ClusterIP", "type: LoadBalancer", `"LoadBalancer" is none of`},
		{"enum without a row", "istio/workload.yaml", "serviceAccountName:", "restartPolicy: Always\n      serviceAccountName:", "RestartPolicy has no row"},
		// definition.refuse: the schema.
		{"enum of Envoy Gateway", "envoy-gateway/gateway.yaml", "escapedSlashesAction: RejectRequest", "escapedSlashesAction: Reject", `Unsupported value: "Reject"`},
		{"status of Envoy Gateway", "envoy-gateway/securitypolicy.yaml", "statusOnError: 503", "statusOnError: 218", "Unsupported value: 218"},
		{"duration of Gateway API", "envoy-gateway/securitypolicy.yaml", "timeout: 500ms", "timeout: 0.5s", "should match"},
		{"name that is missing", "envoy-gateway/tls.yaml", "hostname: sallyport.authz-system.svc", `hostname: ""`, "should be at least 1 chars long"},
		{"namespace that is missing", "envoy-gateway/gateway.yaml", "  namespace: edge\nspec:\n  targetRefs", "spec:\n  targetRefs", "namespaced: true"},
		{"list key twice", "envoy-gateway/securitypolicy.yaml", `    - {name: tls, type: Value, value: "true"}`, "    - {name: tls, type: Value, value: \"true\"}\n    - {name: tls, type: Value, value: \"false\"}", "Duplicate value"},
		// definition.refuseUnknown: the type has it, an installation does not.
		{"field of the experimental channel", "envoy-gateway/route.yaml", "    backendRefs:", "    sessionPersistence: {sessionName: a}\n    backendRefs:", "unknown field spec.rules[0].sessionPersistence"},
		// definition.refuse: the rules in CEL.
		{"rule of Envoy Gateway", "envoy-gateway/securitypolicy.yaml", `type: Value, value: "true"`, `type: ValueRef, value: "true"`, "Exactly one of value or valueRef"},
		{"rule of Gateway API", "envoy-gateway/route.yaml", "backendRefs:\n    - {name: shop, port: 8080}", "backendRefs:\n    - {name: shop}", "Must have port for Service reference"},
		{"rule of Istio", "istio/ask.yaml", "  selector:", "  targetRef: {kind: Gateway, group: gateway.networking.k8s.io, name: g}\n  selector:", "only one of targetRefs or selector can be set"},
		// refuseMesh and refuseProvider.
		{"misspelt provider", "istio/meshconfig.yaml", "failOpen:", "failopen:", `unknown field "failopen"`},
		{"another provider", "istio/meshconfig.yaml", "envoyExtAuthzGrpc:", "envoyExtAuthzHttp:", "is not envoyExtAuthzGrpc"},
		{"beside meshConfig", "istio/meshconfig.yaml", "meshConfig:", "global: {}\nmeshConfig:", "want meshConfig and nothing else"},
		{"provider's name", "istio/meshconfig.yaml", "name: sallyport", "name: Sallyport", `provider name "Sallyport"`},
		{"provider's host", "istio/meshconfig.yaml", "service: authz-system/sallyport.authz-system.svc.cluster.local", "service: sallyport", "is not namespace/host"},
		{"provider's port", "istio/meshconfig.yaml", "port: 9191", "port: 0", "port 0"},
		{"provider's status", "istio/meshconfig.yaml", `statusOnError: "503"`, `statusOnError: "700"`, "is no HTTP status"},
		{"provider's status as a number", "istio/meshconfig.yaml", `statusOnError: "503"`, "statusOnError: 503", "invalid value for string field statusOnError"},
		{"provider's timeout", "istio/meshconfig.yaml", "timeout: 0.5s", "timeout: 500ms", "invalid google.protobuf.Duration"},
	}
}

func TestBroken(t *testing.T) {
	judge := newJudge(t)
	for _, c := range brokens() {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join("../../examples", c.file)
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), c.from) {
				t.Fatalf("%s does not say %q", file, c.from)
			}
			found := judge.refuseFile(file, strings.Replace(string(text), c.from, c.to, 1))
			if !strings.Contains(found, c.want) {
				t.Errorf("got %q, want %q", found, c.want)
			}
		})
	}
}

// refuseFile says what is wrong with any document of a file.
func (j judge) refuseFile(file, text string) string {
	all, err := split(file, []byte(text))
	if err != nil {
		return err.Error()
	}
	var found strings.Builder
	for _, d := range all {
		if err := j.refuse(d); err != nil {
			found.WriteString(err.Error() + "\n")
		}
	}
	return found.String()
}

// The guard is refuseMesh's first look: no provider at all is no error of a type.
func TestNoProviders(t *testing.T) {
	if err := refuseMesh([]byte(`{"meshConfig":{}}`)); err == nil || err.Error() != "no extensionProviders" {
		t.Errorf("got %v", err)
	}
}
