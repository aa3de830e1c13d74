package system_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

// documentedLines are as the requirements quote them from the Manager's documentation.
// "…" is wherever the Manager is, and tokens that end in "..." are somebody's own.
func documentedLines() map[string]string {
	return map[string]string{
		"G09": `curl -H "Authorization: Bearer pfy_abc123..." …/graphql`,
		"G24": `curl -H "Authorization: Bearer mu_xyz789..." …/api/machine/check`,
		"G26": `curl -u "username:password" …/api/machine/check`,
	}
}

// testDocumentedManager runs a row's line, and then the README's block, in which all of
// them stand.
func (w seeded) testDocumentedManager(t *testing.T, row string) {
	t.Helper()
	line := strings.NewReplacer("…", "http://"+managerHost, "pfy_abc123...", w.secrets["PAT"], "mu_xyz789...", w.secrets["MACHINE_TOKEN"]).
		Replace(documentedLines()[row])
	out, err := w.bash(t, line)
	if err != nil || !strings.Contains(out, `"x-authz-tenant":["t1"]`) {
		t.Errorf("got %v after %s", err, out)
	}
	if out, err := w.documented(t); err != nil || strings.Count(out, `"x-authz-tenant"`) != len(documentedLines()) {
		t.Errorf("the README's lines: got %v after %s", err, out)
	}
}

// testMachineToken: both documented prefixes are known.
func (w seeded) testMachineToken(t *testing.T) {
	w.testDocumentedManager(t, "G24")
	other := w.mint(t, "OTHER_PREFIX", "--prefix", "muser_", "--subject", "backend", "--tenant", "t1", "--scope", "machine:check")
	got := w.check(t, bearer(other))
	passes(t, got)
	if got.upstream("x-authz-kind") != "machine" {
		t.Errorf("upstream saw kind %q", got.upstream("x-authz-kind"))
	}
	unknown := strings.Replace(other, "muser_", "robot_", 1)
	refused(t, w.check(t, bearer(unknown)), 401, managerUnread)
}

// testMachinePassword: an unknown name is refused like a wrong password, and costs the
// same one slow hash. The guard is the dummy of the verifier.
func (w seeded) testMachinePassword(t *testing.T) {
	w.password(t, "username", "password")
	w.testDocumentedManager(t, "G26")
	got := w.check(t, basicAuth("svc1", "pw1"))
	passes(t, got)
	if got.upstream("x-authz-subject") != "svc1" || got.upstream("x-authz-kind") != "machine" || got.upstream("x-authz-tenant") != "t1" {
		t.Errorf("upstream saw %v", got.seen.Headers)
	}
	challenges := map[string]bool{}
	for who, credential := range map[string]field{"wrong": basicAuth("svc1", "pw2"), "unknown": basicAuth("nobody", "pw1")} {
		before, tries := w.slowHashes(t), 0
		got := eventually(func() reply { tries++; return w.ask(t, api, get(managerHost, machineCheck, credential)) })
		refused(t, got, 401, managerBad)
		if n := w.slowHashes(t) - before; n < 1 || n > tries {
			t.Errorf("%s: %d slow hashes for %d tries, want one each", who, n, tries)
		}
		challenges[got.header.Get("WWW-Authenticate")] = true
	}
	if len(challenges) != 1 {
		t.Errorf("challenges %v", challenges)
	}
}

// testExampleService runs the example's service: the same token is tried, and then used.
func (w seeded) testExampleService(t *testing.T) {
	node, err := mesh.Node()
	if err != nil {
		t.Fatal(err)
	}
	run := func(token string) (out, told string, err error) {
		command := exec.CommandContext(t.Context(), node, filepath.Join(manager, "service.mjs"))
		command.Env = append(os.Environ(), "MANAGER_URL=http://"+w.envoy.Address(api), "MACHINE_TOKEN="+token)
		var said, complained bytes.Buffer
		command.Stdout, command.Stderr = &said, &complained
		err = command.Run()
		return said.String(), complained.String(), err
	}
	out, told, err := run(w.secrets["MACHINE_TOKEN"])
	if err != nil || out != "authenticated\nregistered\n" {
		t.Errorf("got %q, %v: %s", out, err, told)
	}
	token := w.mint(t, "SERVICE", "--prefix", "mu_", "--subject", "backend", "--tenant", "t1", "--scope", "machine:check")
	w.done(t, "", "token", "revoke", reference(token), "--reason", "retired")
	out, told, err = run(token)
	if ended := new(exec.ExitError); !errors.As(err, &ended) || ended.ExitCode() != 1 || out != "" || !strings.Contains(told, "401") {
		t.Errorf("with a revoked token: got %q, %v: %s", out, err, told)
	}
}
