package system_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

// storeWorld is a world whose Sallyport has a store.
type storeWorld struct {
	*world
	config string
}

func beginStore(t *testing.T, folder string) storeWorld {
	t.Helper()
	config, err := mesh.Configure(folder, filepath.Join(short(t), "c"))
	if err != nil {
		t.Fatal(err)
	}
	key := strings.Repeat("0123456789abcdef", 4) + "\n"
	must(t, os.WriteFile(filepath.Join(filepath.Dir(config), "server.key"), []byte(key), 0o600))
	return storeWorld{beginOn(t, config, wireEnvoy), config}
}

// admin runs a command of the program; out is its standard output.
func (w storeWorld) admin(t *testing.T, stdin string, args ...string) (out string, err error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Getenv("SALLYPORT"), append(args, "--config", w.config)...)
	command.Stdin = strings.NewReader(stdin)
	var said, told bytes.Buffer
	command.Stdout, command.Stderr = &said, &told
	if err = command.Run(); err != nil {
		t.Logf("%v: %v: %s", args, err, told.String())
	}
	return strings.TrimSpace(said.String()), err
}

func (w storeWorld) done(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	out, err := w.admin(t, stdin, args...)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return out
}

func basicAuth(name, password string) field {
	return field{"authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+password))}
}

// TestStore: tokens are minted, used, rotated and revoked while the server runs, and
// each change acts before its command returns, remembered verdicts included.
func TestStore(t *testing.T) {
	w := beginStore(t, "testdata/store")
	ask := func(path string, headers ...field) reply { return w.ask(t, "raw", get(host, path, headers...)) }
	first := w.done(t, "", "token", "mint", "--prefix", "mbz_", "--subject", "hook", "--tenant", "acme", "--scope", "read")
	id := first[:len("mbz_")+8]
	if len(first) != 77 {
		t.Errorf("%d characters, want 77", len(first))
	}
	t.Run("M06", func(t *testing.T) {
		for range 2 {
			got := ask("/key", bearer(first))
			passes(t, got)
			onlyIdentity(t, got, map[string]string{
				"x-authz-subject": "hook", "x-authz-scopes": "read", "x-authz-kind": "token", "x-authz-token-id": got.upstream("x-authz-token-id"),
			})
		}
		digit := "a"
		if strings.HasSuffix(first, digit) {
			digit = "b"
		}
		changed := first[:len(first)-1] + digit
		refused(t, ask("/key", bearer(changed)), 401, `{"code":"rejected"}`)
		refused(t, w.ask(t, "raw", post(host, "/big", bearer(first))), 403, `{"code":"scope"}`)
	})
	t.Run("G37", func(t *testing.T) {
		second := w.done(t, "", "token", "rotate", id, "--overlap", "1h")
		passes(t, ask("/key", bearer(first)))
		passes(t, ask("/key", bearer(second)))
		w.done(t, "", "token", "revoke", id, "--reason", "rotated")
		refused(t, ask("/key", bearer(first)), 401, `{"code":"rejected"}`)
		passes(t, ask("/key", bearer(second)))
	})
	t.Run("a later mint ends a denial", func(t *testing.T) {
		pfy := w.done(t, "", "token", "mint", "--prefix", "pfy_", "--subject", "ann", "--scope", "read", "--json")
		if !strings.Contains(pfy, `"secret"`) {
			t.Errorf("got %s", pfy)
		}
	})
	t.Run("G26", func(t *testing.T) {
		refused(t, ask("/key", basicAuth("svc1", "pw1-with:colon")), 401, `{"code":"rejected"}`)
		w.done(t, "pw1-with:colon\n", "machine", "put", "svc1", "--password-stdin", "--scope", "read")
		if got := eventually(func() reply { return ask("/key", basicAuth("svc1", "pw1-with:colon")) }); got.status != 200 {
			t.Errorf("got %d %s", got.status, got.body)
		}
		if got := eventually(func() reply { return ask("/key", basicAuth("svc1", "wrong")) }); got.status != 401 {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
	t.Run("lists and audit show no secret", func(t *testing.T) {
		told := w.done(t, "", "token", "list") + w.done(t, "", "principal", "list") + w.done(t, "", "audit") + w.done(t, "", "audit", "--json")
		for _, want := range []string{id, "revoked: rotated", "svc1", "revoke_token"} {
			if !strings.Contains(strings.ToLower(told), strings.ToLower(want)) {
				t.Errorf("%q is not told in\n%s", want, told)
			}
		}
		for _, secret := range []string{first, first[len(id)+1:], "pw1-with"} {
			if strings.Contains(told, secret) {
				t.Errorf("a secret is told")
			}
		}
	})
	if _, err := w.admin(t, "", "token", "list", "--offline"); err == nil {
		t.Error("--offline worked beside the process that serves")
	}
	if _, err := w.admin(t, "", "store", "check"); err == nil {
		t.Error("store check worked beside the process that serves")
	}
	must(t, w.sallyport.Stop())
	if got := w.done(t, "", "store", "check"); got != "sound" {
		t.Errorf("got %q", got)
	}
	w.done(t, "", "token", "mint", "--prefix", "mbz_", "--subject", "later", "--offline")
	if got := w.done(t, "", "token", "list", "--offline"); !strings.Contains(got, "later") {
		t.Errorf("got %s", got)
	}
}

// eventually asks again while a slow hash outlives its request.
func eventually(ask func() reply) reply {
	for range 20 {
		if got := ask(); got.status != 503 {
			return got
		}
	}
	return ask()
}
