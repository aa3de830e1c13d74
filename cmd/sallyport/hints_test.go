package main

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// everywhere is a configuration that reads every sort of file, each from a folder
// of its own, and the keys through a link to a folder.
func everywhere(t *testing.T) (dir string, files *inventory) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"conf", "keys/..1", "secrets", "tls", "ca", "rules/deep", "rules/empty"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	text := strings.Replace(sound, "127.0.0.1:9001", `127.0.0.1:9001
      tls: {certificate: file:../tls/a.pem, key: file:../tls/a.key, client_ca: file:../ca/b.pem, peers: [p]}`, 1)
	text = strings.Replace(text, "      keys:\n", "      keys_file: file:../keys/keys.yaml\n      keys:\n", 1)
	text, _, _ = strings.Cut(text, "      keys:\n")
	_, rest, _ := strings.Cut(sound, "          scopes: [read]\n")
	certify(t, filepath.Join(dir, "tls"), "a")
	certify(t, filepath.Join(dir, "ca"), "b")
	for name, text := range map[string]string{
		"conf/sallyport.yaml": text + rest + "policies: {paths: [../rules]}\n", "keys/..1/keys.yaml": "- {id: ci, secret: file:../secrets/ci, scopes: [read]}\n",
		"secrets/ci": "a-secret-of-some-length", "rules/deep/a.rego": "package custom\n\nallow if false\n", "rules/data.yaml": "a: 1\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := firstError(os.Symlink("..1", filepath.Join(dir, "keys/..data")), os.Symlink("..data/keys.yaml", filepath.Join(dir, "keys/keys.yaml"))); err != nil {
		t.Fatal(err)
	}
	p, err := load(t.Context(), filepath.Join(dir, "conf/sallyport.yaml"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return dir, p.files
}

// TestHints: whatever file is changed, by whatever means, a hint comes, long
// before the interval is over. The guards are follow, watched.add and watched.path.
func TestHints(t *testing.T) {
	write := func(path string) error { return os.WriteFile(path, []byte("x"), 0o600) }
	replace := func(path string) error { return firstError(write(path+"~"), os.Rename(path+"~", path)) }
	swap := func(path string) error { // as Kubernetes does
		link, next := filepath.Dir(path)+"/..data", filepath.Dir(path)+"/..data_tmp"
		return firstError(os.Mkdir(filepath.Dir(path)+"/..2", 0o700), os.Symlink("..2", next), os.Rename(next, link))
	}
	for _, c := range []struct {
		name, file string
		change     func(path string) error
	}{
		{"configuration", "conf/sallyport.yaml", write},
		{"configuration, as editors do", "conf/sallyport.yaml", replace},
		{"keys behind links", "keys/..1/keys.yaml", write},
		{"keys, all files at once", "keys/keys.yaml", swap},
		{"secret", "secrets/ci", replace},
		{"secret that goes", "secrets/ci", os.Remove},
		{"mode of a secret", "secrets/ci", func(path string) error { return os.Chmod(path, 0o666) }},
		{"certificate", "tls/a.pem", replace},
		{"key of a certificate", "tls/a.key", write},
		{"authority", "ca/b.pem", replace},
		{"rule", "rules/deep/a.rego", write},
		{"rule that comes", "rules/deep/b.rego", write},
		{"first rule of a folder", "rules/empty/b.rego", write},
		{"data", "rules/data.yaml", replace},
		{"folder of rules that goes", "rules/deep", os.RemoveAll},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, files := everywhere(t)
			h := newHints(slog.New(slog.NewTextHandler(io.Discard, nil)))
			defer h.close()
			h.follow(files)
			if err := c.change(filepath.Join(dir, c.file)); err != nil {
				t.Fatal(err)
			}
			select {
			case <-h.changed:
			case <-time.After(time.Minute):
				t.Error("no hint came")
			}
			if files.fresh() {
				t.Error("and whoever looks finds nothing")
			}
		})
	}
}
