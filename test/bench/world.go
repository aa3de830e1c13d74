package main

import (
	"crypto/sha256"
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
	cached  bool
}

func newWorld() (world, error) {
	s, err := newSigner()
	if err != nil {
		return world{}, err
	}
	all, err := s.callers()
	return world{callers: all, cached: true}, err
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
	var b strings.Builder
	b.WriteString(configHead)
	b.WriteString("authenticators:\n- name: token\n  apikey:\n    header: authorization\n    keys:\n")
	for _, c := range w.callers {
		fmt.Fprintf(&b, "    - {id: %s, sha256: %x, tenant: acme, scopes: [\"orders:read\"]}\n", c.subject, sha256.Sum256([]byte(c.token)))
	}
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
