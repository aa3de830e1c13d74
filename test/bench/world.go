package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// What is asked: everything that 256 callers ask of 16 operations, out of 128
// that are declared.
const (
	callers  = 256
	paths    = 16
	declared = 128
)

// askedPath is one of the paths that are asked for.
func askedPath(i int) string {
	return fmt.Sprintf("/v1/shops/acme/resource%d/%d?page=2&limit=50", i, 1000+i)
}

// makeFrames encodes every request.
func makeFrames(all []caller, raw bool) ([]*frame, error) {
	var frames []*frame
	for _, c := range all {
		for i := range paths {
			f, err := newFrame(c.subject, c.token, askedPath(i), raw)
			if err != nil {
				return nil, err
			}
			frames = append(frames, f)
		}
	}
	return frames, nil
}

// world is what is asked, and what a Sallyport is configured with.
type world struct {
	callers []caller
	keys    []byte
	cached  bool
}

func newWorld() (world, error) {
	s, err := newSigner()
	if err != nil {
		return world{}, err
	}
	all, err := s.callers()
	if err != nil {
		return world{}, err
	}
	keys, err := s.keySet()
	return world{callers: all, keys: keys, cached: true}, err
}

// cold is the world without the cache.
func (w world) cold() world {
	w.cached = false
	return w
}

// configHead has times that a busy machine does not reach: a denial for want of
// time would end the run.
const configHead = `server:
  listeners: [{address: "127.0.0.1:0"}]
  drain: 0s
  max_connection_age: 1h
  max_connection_age_grace: 1m
  check_timeout: 30s
  stop_timeout: 40s
policies: {timeout: 30s}
ops: {address: "127.0.0.1:0"}
scopes: ["orders:read"]
`

// write writes the configuration into a folder, and gives its path.
func (w world) write(dir string) (string, error) {
	keys := filepath.Join(dir, "keys.json")
	if err := os.WriteFile(keys, w.keys, 0o600); err != nil {
		return "", fmt.Errorf("write keys: %w", err)
	}
	var b strings.Builder
	b.WriteString(configHead)
	fmt.Fprintf(&b, "authenticators:\n- name: token\n  jwt: {issuer: %q, audiences: [%q], jwks_file: %q, claims: {tenant: tenant}}\n", issuer, audience, "file:"+keys)
	fmt.Fprintf(&b, "decision_log: {to: %q}\n", "file:"+filepath.Join(dir, "decisions.log"))
	if !w.cached {
		b.WriteString("cache: {off: true}\n")
	}
	fmt.Fprintf(&b, "hosts:\n- name: shop\n  match: [%q]\n  routes:\n", host)
	for i := range declared {
		fmt.Fprintf(&b, "  - {methods: [GET], path: \"/v1/shops/{shop}/resource%d/{id}\", scopes: [\"orders:read\"]}\n", i)
	}
	path := filepath.Join(dir, "sallyport.yaml")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		return "", fmt.Errorf("write configuration: %w", err)
	}
	return path, nil
}
