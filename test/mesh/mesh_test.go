package mesh_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// A tree without Envoy must say how to get one, and not look like a failed test.
func TestEnvoyMissing(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module empty\n", 0o600)
	t.Setenv("ENVOY", "")
	t.Chdir(dir)
	if _, err := mesh.StartEnvoy(t.Context(), nil, dir); err == nil || !strings.Contains(err.Error(), "make tools") {
		t.Errorf("got %v, want an error that says `make tools`", err)
	}
}

// The same for the npm packages.
func TestPackagesMissing(t *testing.T) {
	dir := t.TempDir()
	lock := filepath.Join(dir, "test", "tools", "npm")
	if err := os.MkdirAll(lock, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "go.mod"), "module empty\n", 0o600)
	write(t, filepath.Join(lock, "package-lock.json"), "{}\n", 0o600)
	t.Chdir(dir)
	if _, err := mesh.StartScript(t.Context(), "script.mjs", new(any)); err == nil || !strings.Contains(err.Error(), "make tools") {
		t.Errorf("got %v, want an error that says `make tools`", err)
	}
}

// What a program printed before it ended is the only hint at why.
func TestProgramThatEnds(t *testing.T) {
	dir := t.TempDir()
	program, config := filepath.Join(dir, "program"), filepath.Join(dir, "sallyport.yaml")
	write(t, program, "#!/bin/sh\necho the reason >&2\nexit 3\n", 0o700)
	write(t, config, "server: {listeners: [{address: a}]}\n", 0o600)
	if _, err := mesh.StartSallyport(t.Context(), program, config); err == nil || !strings.Contains(err.Error(), "the reason") {
		t.Errorf("got %v, want an error with what was printed", err)
	}
}

// Ctrl-C goes to a terminal's whole process group. The program is in another one,
// so that it is ended once, and in order.
func TestProgramOfItsOwnGroup(t *testing.T) {
	dir := t.TempDir()
	program, config := filepath.Join(dir, "program"), filepath.Join(dir, "sallyport.yaml")
	write(t, program, "#!/bin/sh\necho group $(cut -d' ' -f5 /proc/$$/stat). >&2\nexit 3\n", 0o700)
	write(t, config, "server: {listeners: [{address: a}]}\n", 0o600)
	_, err := mesh.StartSallyport(t.Context(), program, config)
	if ours := fmt.Sprintf("group %d.", syscall.Getpgrp()); err == nil || !strings.Contains(err.Error(), "group ") || strings.Contains(err.Error(), ours) {
		t.Errorf("got %v, want another one than %s", err, ours)
	}
}

const bootstrap = `static_resources:
  listeners: [{name: l, address: {socket_address: {address: 0.0.0.0, port_value: 80}}}]
  clusters: [{name: tcp, load_assignment: {cluster_name: tcp}}, {name: uds}]
`

func TestBootstrap(t *testing.T) {
	path := filepath.Join(t.TempDir(), "envoy.yaml")
	write(t, path, bootstrap, 0o600)
	tests := []struct {
		name     string
		clusters map[string]string
		want     []string
		fault    string
	}{
		{"placed", map[string]string{"tcp": "127.0.0.1:81", "uds": "unix:/s"}, []string{"port_value: 81", "path: /s", "port_value: 82"}, ""},
		{"replicas", map[string]string{"tcp": "127.0.0.1:81,127.0.0.1:83", "uds": "unix:/s"}, []string{"port_value: 81", "port_value: 83"}, ""},
		{"cluster without a place", map[string]string{"tcp": "127.0.0.1:81"}, nil, "2 clusters"},
		{"cluster of another name", map[string]string{"tcp": "127.0.0.1:81", "udp": "unix:/s"}, nil, `"uds" has no place`},
		{"address without a port", map[string]string{"tcp": "127.0.0.1", "uds": "unix:/s"}, nil, "missing port"},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			got, err := mesh.Bootstrap(path, mesh.Places{Clusters: c.clusters, Ports: map[string]int{"l": 82}})
			if c.fault != "" {
				if err == nil || !strings.Contains(err.Error(), c.fault) {
					t.Errorf("got %v, want %q", err, c.fault)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(string(got), want) {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
			if strings.Contains(string(got), "0.0.0.0") {
				t.Errorf("a listener is not on loopback:\n%s", got)
			}
		})
	}
}
