package mesh_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

// What a script printed is read with its quotes and without.
func TestSecretsAreReadAsByAShell(t *testing.T) {
	t.Parallel()
	got := mesh.Secrets{}
	got.Add("PLAIN=mbz_1=2\nQUOTED='a b'\nQUOTE='it'\\''s'\nEMPTY=''\nHALF='a\nno variable\n")
	want := mesh.Secrets{"PLAIN": "mbz_1=2", "QUOTED": "a b", "QUOTE": "it's", "EMPTY": "", "HALF": "'a"}
	if !maps.Equal(got, want) {
		t.Errorf("got %v", map[string]string(got))
	}
}

// asked stands for the program: it keeps the password that it was given.
const asked = `#!/bin/sh
case "$*" in *--password-stdin*) cat > password ;; esac
echo "somebody, enabled, id I_d"
`

// seeded runs the script of an example with a program that does nothing, and gives the
// password that this was told, what a shell reads of what the script printed, and what
// Secrets do.
func seeded(t *testing.T, example, variable string, environment ...string) (told, shell, secrets string) {
	t.Helper()
	folder := t.TempDir()
	script, err := os.ReadFile(filepath.Join("../../examples", example, mesh.SeedName))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"sallyport": asked, mesh.SeedName: string(script)} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	run := func(line string) string {
		command := exec.CommandContext(t.Context(), "sh", "-c", line)
		command.Dir = folder
		command.Env = append([]string{"PATH=" + folder + ":" + os.Getenv("PATH")}, environment...)
		command.Stderr = t.Output()
		out, err := command.Output()
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		return string(out)
	}
	printed := mesh.Secrets{}
	printed.Add(run("sh ./" + mesh.SeedName + " | tee secrets.env"))
	return run("cat password"), run(`unset ` + variable + `; set -a; . ./secrets.env; printf '%s\n' "$` + variable + `"`), printed[variable] + "\n"
}

// A password reaches the program and whoever reads the script's output as it is,
// whatever a shell would make of it, and is made where none was said. The guards are
// printf in the scripts, in place of echo, and the quotes of say.
func TestSeedsKeepPasswords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ example, variable string }{{"manager", "MACHINE_PASSWORD"}, {"mobazha", "MBZ_ADMIN_PASSWORD"}} {
		for _, password := range []string{`a\tb\c`, `it's "$HOME" $(id) #& \'`, "s3cret"} {
			told, shell, secrets := seeded(t, c.example, c.variable, c.variable+"="+password)
			if got, want := []string{told, shell, secrets}, password+"\n"; !slices.Equal(got, []string{want, want, want}) {
				t.Errorf("%s: got %q of %q", c.example, got, password)
			}
		}
		first, shell, secrets := seeded(t, c.example, c.variable)
		second, _, _ := seeded(t, c.example, c.variable)
		if len(first) < 32 || first == second || shell != first || secrets != first {
			t.Errorf("%s: made %q, %q, told as %q and %q", c.example, first, second, shell, secrets)
		}
	}
}

// The secrets that a configuration names as files are made, wherever they stand; one
// that is there is left alone, and other files are nobody's secret.
func TestConfigureMakesSecrets(t *testing.T) {
	t.Parallel()
	example, dir := t.TempDir(), filepath.Join(t.TempDir(), "c")
	write(t, filepath.Join(example, "sallyport.yaml"), `server: {listeners: [{address: "127.0.0.1:1"}]}
store: {keys: [{id: k1, secret: "file:store"}]}
records: [{bearer_token: "file:records"}]
authenticators:
- {session: {better_auth: {secrets: ["file:old", "file:new", env:OTHER]}}}
- {apikey: {keys_file: "file:keys"}}
`, 0o600)
	write(t, filepath.Join(example, "old"), "kept", 0o600)
	if _, err := mesh.Configure(example, dir); err != nil {
		t.Fatal(err)
	}
	for name, length := range map[string]int{"store": 65, "records": 65, "new": 65, "old": 4, "keys": 0} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if len(text) != length || (err == nil) != (length > 0) {
			t.Errorf("%s: %d bytes, %v; want %d", name, len(text), err, length)
		}
	}
}

// What listens elsewhere than the example says is found there.
func TestMoves(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "sallyport.yaml")
	write(t, config, "records: [{endpoint: 'http://127.0.0.1:3011/records'}, {endpoint: 'http://127.0.0.1:3012/records'}]\n", 0o600)
	moves := mesh.Moves{"127.0.0.1:3010": "127.0.0.1:41", "127.0.0.1:3011": "127.0.0.1:42"}
	if err := moves.Configure(config); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(config)
	if want := "records: [{endpoint: 'http://127.0.0.1:42/records'}, {endpoint: 'http://127.0.0.1:3012/records'}]\n"; err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	names, err := mesh.BootstrapNames("../../examples/prood/envoy.yaml")
	if err != nil || names.Addresses["better_auth"] != "127.0.0.1:3010" || names.Addresses["authz_socket"] != "" {
		t.Errorf("got %v, %v", names.Addresses, err)
	}
}
