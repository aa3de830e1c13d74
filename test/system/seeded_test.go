package system_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/test/canary"
	"github.com/sallyport-authz/sallyport/test/mesh"
)

// seeded is an example whose store its seed.sh has filled, by the program's own
// commands while the server runs.
type seeded struct {
	storeWorld
	folder  string
	secrets mesh.Secrets
}

func beginSeeded(t *testing.T, folder string) seeded {
	t.Helper()
	return beginSeededOn(t, folder, configure(t, folder))
}

// beginSeededOn is beginSeeded on another configuration of the example.
func beginSeededOn(t *testing.T, folder, config string) seeded {
	t.Helper()
	w := seeded{storeWorld: storeWorld{beginOn(t, config, folder+"/envoy.yaml"), config}, folder: folder}
	var err error
	if w.secrets, err = w.sallyport.Seed(t.Context(), passwords(folder)); err != nil {
		t.Fatal(err)
	}
	return w
}

// passwords are what the tests of an example log in by. Its script makes others.
func passwords(folder string) mesh.Secrets {
	switch folder {
	case manager:
		return mesh.Secrets{"MACHINE_PASSWORD": "pw1"}
	case mobazha:
		return mesh.Secrets{"MBZ_ADMIN_PASSWORD": "s3cret"}
	case hanzo:
		return mesh.Secrets{"CLIENT_SECRET": clientSecret}
	default:
		return nil
	}
}

// bearer is a token that was printed under a name.
func (w seeded) bearer(t *testing.T, name string) field {
	t.Helper()
	if w.secrets[name] == "" {
		t.Fatalf("nothing was printed as %s", name)
	}
	return bearer(w.secrets[name])
}

// asked sends a call and is told to come back while a password is proven.
func (w seeded) asked(t *testing.T, c call) reply {
	t.Helper()
	return eventually(func() reply { return w.ask(t, api, c) })
}

// mint makes a token and keeps it under a name.
func (w seeded) mint(t *testing.T, name string, args ...string) string {
	t.Helper()
	w.secrets[name] = w.done(t, "", append([]string{"token", "mint"}, args...)...)
	return w.secrets[name]
}

// reference is what may be seen of a token.
func reference(token string) string { return token[:strings.LastIndexByte(token, '_')] }

// documented runs the block of the example's README in which the lines of the system's
// own documentation stand, with the secrets as variables. curl reaches Envoy wherever
// the lines think that the system is; nothing else is another than written.
func (w seeded) documented(t *testing.T, variables ...string) (string, error) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(w.folder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(text), "```bash\n")
	block, _, _ = strings.Cut(block, "```")
	if !found {
		t.Fatal("the README has no block of bash")
	}
	return w.bash(t, block, variables...)
}

// bash runs lines of shell of which each must succeed.
func (w seeded) bash(t *testing.T, lines string, variables ...string) (string, error) {
	t.Helper()
	// jq makes the answers pretty for people, and is not needed here.
	const start = "set -euo pipefail\ncommand -v jq >/dev/null || jq() { cat; }\ncurl() { command curl --silent --connect-to ::\"$ENVOY\" \"$@\"; }\n"
	command := exec.CommandContext(t.Context(), "bash", "-c", start+lines)
	command.Env = append(os.Environ(), "ENVOY="+w.envoy.Address(api))
	for name, value := range w.secrets {
		command.Env = append(command.Env, name+"="+value)
	}
	command.Env = append(command.Env, variables...)
	var out, told bytes.Buffer
	command.Stdout, command.Stderr = &out, &told
	if err := command.Run(); err != nil {
		return out.String(), fmt.Errorf("%w: %s", err, told.String())
	}
	return out.String(), nil
}

// leavesNoSecret ends the server and looks for every secret that was issued, and for
// the server key, in all that was written and told: the store's files, with their log,
// while it is open and afterwards, a backup, records, logs, operators' pages, lists and
// the audit. What may be seen of a token must be found, else nothing was looked at.
func (w seeded) leavesNoSecret(t *testing.T, seen string) {
	t.Helper()
	told := w.files(t, "open")
	told["lists"] = ""
	for _, list := range [][]string{{"token", "list"}, {"principal", "list"}, {"org", "list"}, {"audit", "--most", "1000"}} {
		told["lists"] += w.done(t, "", list...) + w.done(t, "", append(list, "--json")...)
	}
	told["operators' pages"] = pages(w.sallyport)
	must(t, w.sallyport.Stop())
	maps.Copy(told, w.files(t, "closed"))
	backup := filepath.Join(short(t), "backup.db")
	w.done(t, "", "store", "backup", backup)
	told["backup"] = contentOf(t, backup)
	for sink, text := range map[string]string{
		"the open store":   told["open/sallyport.db"] + told["open/sallyport.db-wal"],
		"the closed store": told["closed/sallyport.db"] + told["closed/sallyport.db-wal"],
		"the backup":       told["backup"],
		"the lists":        told["lists"],
	} {
		if !strings.Contains(text, seen) {
			t.Errorf("%s: %q is not found there: nothing was looked at", sink, seen)
		}
	}
	told["records and logs"] = w.sallyport.Output()
	secrets := w.issued(t)
	for name, text := range told {
		for _, found := range canary.Find(text, secrets...) {
			t.Errorf("%s: %v", name, found)
		}
	}
}

// issued are the secrets, each without what may be seen of it.
func (w seeded) issued(t *testing.T) []canary.Secret {
	t.Helper()
	key := strings.TrimSpace(contentOf(t, filepath.Join(filepath.Dir(w.config), "server.key")))
	all := []canary.Secret{{Place: "server key", Value: key}}
	for name, value := range w.secrets {
		all = append(all, canary.Secret{Place: name, Value: value[strings.LastIndexByte(value, '_')+1:]})
	}
	return all
}

// files are the files of the store's folder with what they hold.
func (w seeded) files(t *testing.T, when string) map[string]string {
	t.Helper()
	folder := filepath.Join(filepath.Dir(w.config), "data")
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, entry := range entries {
		if entry.Type().IsRegular() {
			files[when+"/"+entry.Name()] = contentOf(t, filepath.Join(folder, entry.Name()))
		}
	}
	return files
}

func contentOf(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
