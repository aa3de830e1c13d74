package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
)

// folder holds one file of each sort that a reference may point at.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range []struct {
		name, text string
		mode       os.FileMode
	}{
		{"good", "s3cret\n", 0o600},
		{"windows", "s3cret\r\n", 0o400},
		{"two-lines", "s3cret\n\n", 0o600},
		{"empty", "\n", 0o600},
		{"group", "s3cret", 0o620},
		{"others", "s3cret", 0o602},
		{"readable", "s3cret", 0o644},
	} {
		if err := os.WriteFile(filepath.Join(dir, file.name), []byte(file.text), 0o600); err != nil {
			t.Fatal(err)
		}
		// WriteFile's mode is cut by the umask.
		if err := os.Chmod(filepath.Join(dir, file.name), file.mode); err != nil {
			t.Fatal(err)
		}
	}
	link(t, dir, "good", "link")
	link(t, dir, "group", "link-to-group")
	return dir
}

func link(t *testing.T, dir, target, name string) {
	t.Helper()
	if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

// TestSecrets: the rows that want an error go red when the case of
// fromEnvironment, fromFile or private that words it is taken out.
func TestSecrets(t *testing.T) {
	dir := folder(t)
	set := map[string]string{"SET": "s3cret", "EMPTY": "", "BLANK": " \n"}
	lookup := func(name string) (string, bool) { value, ok := set[name]; return value, ok }
	for _, c := range []struct{ name, reference, want, wantErr string }{
		{"variable", "env:SET", "s3cret", ""},
		{"variable not set", "env:UNSET", "", "variable UNSET is not set"},
		{"empty variable", "env:EMPTY", "", "variable EMPTY is empty"},
		{"blank variable", "env:BLANK", "", "variable BLANK is empty"},
		{"variable without name", "env:", "", "env: names no variable"},
		{"file", "file:good", "s3cret", ""},
		{"file by its whole path", "file:" + filepath.Join(dir, "good"), "s3cret", ""},
		{"file with a Windows line end", "file:windows", "s3cret", ""},
		{"one line end is cut, not two", "file:two-lines", "s3cret\n", ""},
		{"file that all may read", "file:readable", "s3cret", ""},
		{"link", "file:link", "s3cret", ""},
		{"file without name", "file:", "", "file: names no file"},
		{"file that is not there", "file:nowhere", "", "no such file"},
		{"empty file", "file:empty", "", "is empty"},
		{"folder", "file:.", "", "is not a regular file"},
		{"device", "file:/dev/null", "", "is not a regular file"},
		{"file that the group can write", "file:group", "", "has mode 0620: group or others can write it"},
		{"file that others can write", "file:others", "", "has mode 0602: group or others can write it"},
		{"link to a file that the group can write", "file:link-to-group", "", "has mode 0620: group or others can write it"},
		{"inline", "hunter2", "", "inline secrets are refused"},
		{"unknown kind", "vault:x", "", "inline secrets are refused"},
		{"nothing", "", "", "inline secrets are refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := secrets{dir, newInventory(), lookup}.resolve(c.reference)
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			switch {
			case c.wantErr == "" && err != nil:
				t.Errorf("got error %v, want none", err)
			case c.wantErr != "" && (err == nil || !strings.Contains(err.Error(), c.wantErr)):
				t.Errorf("got error %v, want %q", err, c.wantErr)
			}
		})
	}
}

const testDigest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

// TestKeysFile: the file says who may call, so it is held to the rules of the
// configuration and of secrets, and its problems stand at its own lines.
func TestKeysFile(t *testing.T) {
	for _, c := range []struct {
		name, keys string
		mode       os.FileMode
		want       string
	}{
		{"good", "- id: x\n  sha256: " + strings.Repeat("ab", 32) + "\n  scopes: [read]\n", 0o600, ""},
		{"that the group can write", "- id: x\n", 0o660, "sallyport.yaml:11:18: authenticators[0].apikey.keys_file: "},
		{"mapping", "id: x\n", 0o600, "keys.yaml:1:1: the document is no list; expected a list of keys; mend: "},
		{"duplicate key", "- id: x\n  id: y\n", 0o600, `keys.yaml:2:3: [0]: duplicate key "id", first on line 1`},
		{"unknown field", "- id: x\n  key: y\n", 0o600, `keys.yaml:2:3: keys[0]: unknown field "key"; expected one of [id sha256 secret `},
		{"unknown scope", "- id: x\n  scopes: [raed]\n  sha256: " + strings.Repeat("ab", 32) + "\n", 0o600, `keys.yaml:2:12: keys[0].scopes[0]: unknown scope "raed"`},
		{"bad type", "- id: x\n  disabled: maybe\n", 0o600, `keys.yaml:2:13: expected bool, got "maybe"`},
		{"id of the other list", "- id: ci\n  sha256: " + strings.Repeat("ab", 32) + "\n", 0o600, `keys.yaml:1:7: keys[0].id: "ci" is already the name of authenticators[0].apikey.keys[0].id`},
		{"key of the other list", "- id: x\n  sha256: " + testDigest + "\n", 0o600, "keys.yaml:1:3: keys[0]: the same key as authenticators[0].apikey.keys[0]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := write(t, strings.Replace(sound, "header: x-api-key", "keys_file: file:keys.yaml", 1))
			keys := filepath.Join(filepath.Dir(file), "keys.yaml")
			if err := os.WriteFile(keys, []byte(c.keys), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(keys, c.mode); err != nil {
				t.Fatal(err)
			}
			_, err := load(t.Context(), file, time.Now)
			checkOne(t, filepath.Dir(file), err, c.want)
		})
	}
}

// checkOne wants one problem that begins with a place below dir, or none.
func checkOne(t *testing.T, dir string, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("got %v, want no problem", err)
	case want == "":
		return
	case err == nil || !strings.HasPrefix(err.Error(), filepath.Join(dir, want)):
		t.Errorf("got %v, want %s", err, want)
	case strings.Contains(err.Error(), "\n"):
		t.Errorf("got several problems, want one:\n%v", err)
	}
}

// TestPolicyProblems: what is wrong in Rego is told where it stands in Rego.
func TestPolicyProblems(t *testing.T) {
	for _, c := range []struct{ name, rego, want string }{
		{"good", "package custom\n\ndeny contains \"closed\" if input.request.method == \"PURGE\"\n", ""},
		{"syntax", "package custom\n\nallow if {\n", "rules.rego:4:"},
		{"misspelt input", "package custom\n\nallow if input.calller.role == \"admin\"\n", "rules.rego:3:"},
		{"rule under a shipped name", "package sallyport\n\nverdict.ok := true\n", "rules.rego:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := write(t, strings.Replace(sound, "decision_log:", "policies: {paths: [rules.rego]}\ndecision_log:", 1))
			if err := os.WriteFile(filepath.Join(filepath.Dir(file), "rules.rego"), []byte(c.rego), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := load(t.Context(), file, time.Now)
			if err != nil && c.want != "" && !strings.Contains(err.Error(), "; mend: ") {
				t.Errorf("%v does not say how to mend it", err)
			}
			first := err
			if r, ok := errors.AsType[document.RefusalError](err); ok {
				first = r[:1]
			}
			checkOne(t, filepath.Dir(file), first, c.want)
		})
	}
}
