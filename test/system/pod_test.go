package system_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

const (
	istioExample   = "../../examples/istio"
	gatewayExample = "../../examples/envoy-gateway"
)

// manifest is the part of a Kubernetes document that says what a container finds
// at its start. test/kube decodes the whole strictly.
type manifest struct {
	Kind     string `yaml:"kind"`
	Metadata struct {
		Name string `yaml:"name"`
	} `yaml:"metadata"`
	Data map[string]string `yaml:"data"`
	Spec struct {
		Template struct {
			Spec podSpec `yaml:"spec"`
		} `yaml:"template"`
		ConfigPatches []struct {
			Patch struct {
				Value map[string]any `yaml:"value"`
			} `yaml:"patch"`
		} `yaml:"configPatches"`
		ExtAuth map[string]any `yaml:"extAuth"`
	} `yaml:"spec"`
	MeshConfig map[string]any `yaml:"meshConfig"`
}

type podSpec struct {
	Containers []container `yaml:"containers"`
	Volumes    []volume    `yaml:"volumes"`
}

type container struct {
	Args           []string `yaml:"args"`
	StartupProbe   probe    `yaml:"startupProbe"`
	ReadinessProbe probe    `yaml:"readinessProbe"`
	LivenessProbe  probe    `yaml:"livenessProbe"`
	VolumeMounts   []struct {
		Name      string `yaml:"name"`
		MountPath string `yaml:"mountPath"`
	} `yaml:"volumeMounts"`
}

type probe struct {
	HTTPGet struct {
		Path string `yaml:"path"`
	} `yaml:"httpGet"`
}

type volume struct {
	Name      string `yaml:"name"`
	ConfigMap struct {
		Name string `yaml:"name"`
	} `yaml:"configMap"`
	Secret struct {
		Name string `yaml:"secretName"`
	} `yaml:"secret"`
}

func manifests(t *testing.T, folder string) []manifest {
	t.Helper()
	files, err := filepath.Glob(folder + "/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no manifests: %v", folder, err)
	}
	var all []manifest
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for decoder := yaml.NewDecoder(bytes.NewReader(text)); ; {
			var m manifest
			if err := decoder.Decode(&m); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			all = append(all, m)
		}
	}
	return all
}

// pod lays out what the example's container finds, below dir in place of the
// root, and gives the path of the configuration that it is started with. A
// Secret, which is not part of the example, comes from others. Pairs of texts
// change the configuration: what must be another on one machine's loopback.
func pod(t *testing.T, folder string, others map[string]map[string]string, pairs ...string) string {
	t.Helper()
	dir, data := short(t), maps.Clone(others)
	var spec podSpec
	for _, m := range manifests(t, folder) {
		switch m.Kind {
		case "ConfigMap":
			data[m.Metadata.Name] = changed(t, m.Data, pairs)
		case "Deployment":
			spec = m.Spec.Template.Spec
		default:
		}
	}
	for _, v := range spec.Volumes {
		name := v.ConfigMap.Name + v.Secret.Name
		if data[name] == nil {
			t.Fatalf("volume %s: nothing is called %q", v.Name, name)
		}
		mount(t, filepath.Join(dir, spec.path(v.Name)), data[name])
	}
	args := spec.Containers[0].Args
	if len(args) != 3 || args[0] != "serve" || args[1] != "--config" {
		t.Fatalf("the container is started with %v", args)
	}
	return filepath.Join(dir, args[2])
}

// startPod starts the program as the example's container is, but for the ports
// and a drain that nobody here waits for.
func startPod(t *testing.T, folder string, others map[string]map[string]string, pairs ...string) *mesh.Sallyport {
	t.Helper()
	config := pod(t, folder, others, append(pairs, "drain: 15s", "drain: 0s")...)
	s, err := mesh.StartSallyport(t.Context(), os.Getenv("SALLYPORT"), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, s.Stop()) })
	return s
}

// probed asks what kubelet would ask of the example's container.
func probed(t *testing.T, s *mesh.Sallyport, folder string) {
	t.Helper()
	for _, m := range manifests(t, folder) {
		for _, c := range m.Spec.Template.Spec.Containers {
			for _, p := range []probe{c.StartupProbe, c.ReadinessProbe, c.LivenessProbe} {
				if got := sendHTTP1(t, s.Ops(), get("192.0.2.10:9192", p.HTTPGet.Path)); got.status != 200 {
					t.Errorf("%s: got %d %s, want 200", p.HTTPGet.Path, got.status, got.body)
				}
			}
		}
	}
}

// changed replaces texts in the configuration, if the data hold it.
func changed(t *testing.T, data map[string]string, pairs []string) map[string]string {
	t.Helper()
	text, ok := data["sallyport.yaml"]
	for i := 0; ok && i+1 < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the configuration does not say %q", pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
		data["sallyport.yaml"] = text
	}
	return data
}

// path is where the container finds a volume.
func (s podSpec) path(volume string) string {
	for _, m := range s.Containers[0].VolumeMounts {
		if m.Name == volume {
			return m.MountPath
		}
	}
	return ""
}

// mount writes a volume as kubelet does: the files lie in a folder with a date,
// a link says which folder counts, and every name is a link through that one.
func mount(t *testing.T, folder string, data map[string]string) {
	t.Helper()
	const version = "..2026_11_25_10_00_00.1"
	must(t, os.MkdirAll(filepath.Join(folder, version), 0o700))
	must(t, os.Symlink(version, filepath.Join(folder, "..data")))
	for name, text := range data {
		must(t, os.WriteFile(filepath.Join(folder, version, name), []byte(text), 0o440))
		must(t, os.Symlink(filepath.Join("..data", name), filepath.Join(folder, name)))
	}
}

// keys are the example's API keys.
func keys() map[string]string {
	return map[string]string{"storefront": "example-storefront-key\n", "operations": "example-operations-key\n"}
}

// Every example's configuration is one that the program takes, from the files
// and with the modes that its Deployment gives it.
func TestPods(t *testing.T) {
	t.Run("istio", func(t *testing.T) {
		config := pod(t, istioExample, map[string]map[string]string{"sallyport-keys": keys()})
		must(t, mesh.Validate(t.Context(), os.Getenv("SALLYPORT"), config))
	})
	t.Run("envoy-gateway", func(t *testing.T) {
		made := newAuthority(t)
		server := made.issue(t, "sallyport.authz-system.svc", "")
		config := pod(t, gatewayExample, map[string]map[string]string{
			"sallyport-keys": keys(), "sallyport-tls": {"tls.crt": server.certificate, "tls.key": server.key, "ca.crt": made.certificate},
		})
		must(t, mesh.Validate(t.Context(), os.Getenv("SALLYPORT"), config))
	})
}

// Without a secret that the example names, the program refuses to start and says
// which. The guard is that a missing file is a problem, and no absent key.
func TestPodWithoutKey(t *testing.T) {
	some := keys()
	delete(some, "operations")
	config := pod(t, istioExample, map[string]map[string]string{"sallyport-keys": some})
	err := mesh.Validate(t.Context(), os.Getenv("SALLYPORT"), config)
	if err == nil || !strings.Contains(err.Error(), "keys/operations") {
		t.Errorf("got %v, want a refusal that names keys/operations", err)
	}
}
