package system_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/canary"
	"github.com/sallyport-authz/sallyport/test/mesh"
)

// The original's words for what is no bearer token at all, and ours for a wrong one.
const (
	noBearer  = "Missing or malformed Authorization header (expected Bearer)"
	badBearer = "Invalid bearer token"
)

// mcifyWorld is one whose second token is a secret in a file.
type mcifyWorld struct {
	*world
	file, token string
}

func beginMcify(t *testing.T) mcifyWorld {
	t.Helper()
	config := configure(t, mcify)
	w := mcifyWorld{file: filepath.Join(filepath.Dir(config), "auth-token.secret"), token: canary.New("bearer").Value}
	must(t, os.WriteFile(w.file, []byte(w.token+"\n"), 0o600))
	must(t, os.WriteFile(filepath.Join(filepath.Dir(config), "hook.secret"), []byte(canary.New("hook").Value), 0o600))
	w.world = beginOn(t, config, wireEnvoy)
	return w
}

func (w mcifyWorld) present(t *testing.T, headers ...field) reply {
	t.Helper()
	return w.ask(t, "raw", post(mcp, "/bearer", headers...))
}

// testStaticBearer: any number of tokens, each with its own caller. The guards are
// those of authz/authn/staticbearer.
func (w mcifyWorld) testStaticBearer(t *testing.T) {
	for range 2 { // the second one is remembered
		got := w.present(t, bearer(w.token))
		passes(t, got)
		onlyIdentity(t, got, map[string]string{
			"x-authz-kind": "bearer", "x-authz-subject": "bearer-2",
			"x-authz-role": "agent", "x-authz-scopes": "tools", "x-authz-token-id": "desk",
		})
	}
	other := w.present(t, bearer("example-bearer"))
	passes(t, other)
	if other.upstream("x-authz-subject") != "bearer-1" || other.upstream("x-authz-scopes") != "" {
		t.Errorf("upstream saw %v", other.seen.Headers)
	}
	for name, headers := range map[string][]field{
		"none": nil, "scheme alone": {{"authorization", "Bearer "}}, "no scheme": {{"authorization", w.token}},
		"another scheme": {{"authorization", "Token " + w.token}}, "two words": {bearer("two words")},
	} {
		t.Run(name, func(t *testing.T) { refused(t, w.present(t, headers...), 401, rpcError(noBearer)) })
	}
	refused(t, w.present(t, bearer("another-token")), 401, rpcError(badBearer))
	if got := w.present(t, bearer(w.token), bearer(w.token)); got.status != 400 || got.seen != nil {
		t.Errorf("twice: got %d, want 400", got.status)
	}
	refused(t, w.ask(t, "raw", post(mcp, "/mcp", bearer(w.token))), 401, rpcError("Invalid API key"))
}

// testTokenByReference: a secret is a variable's or a file's. What is not there is no
// secret: nothing starts on it, and what runs goes on with the last one.
func (w mcifyWorld) testTokenByReference(t *testing.T) {
	t.Setenv("MCIFY_EMPTY", "")
	for reference, want := range map[string]string{
		"env:MCIFY_NOT_SET": "variable MCIFY_NOT_SET is not set", "env:MCIFY_EMPTY": "variable MCIFY_EMPTY is empty",
		"file:nothing.secret": "no such file", "file:empty.secret": "empty.secret is empty", `""`: "inline secrets are refused",
	} {
		config := configure(t, mcify, "file:auth-token.secret", reference)
		for name, text := range map[string]string{"empty.secret": "\n", "hook.secret": canary.New("hook").Value} {
			must(t, os.WriteFile(filepath.Join(filepath.Dir(config), name), []byte(text), 0o600))
		}
		err := mesh.Validate(t.Context(), os.Getenv("SALLYPORT"), config)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "tokens[1].secret") {
			t.Errorf("%s: got %v, want a refusal that says %q of tokens[1].secret", reference, err, want)
		}
	}
	s := w.at(t, mcp, "/bearer")
	remembered(t, w.world, s, w.token)
	must(t, os.WriteFile(w.file, nil, 0o600))
	told := sources{world: w.world}
	told.told(t, func(s sourcesStatus) bool { return s.Reload.Result == "refused" && len(s.Red) > 0 })
	only(t, "old token, no secret", []answer{s.send(t.Context(), w.token)}, 200)

	next := canary.New("bearer-next").Value
	only(t, "next token, too early", []answer{s.send(t.Context(), next)}, 401)
	must(t, os.WriteFile(w.file, []byte(next), 0o600))
	_, before := s.until(t, next, 200, 10*time.Second)
	onlyBefore(t, "next token, old file", before, 401)
	only(t, "old token, next file", []answer{s.send(t.Context(), w.token)}, 401)
	must(t, os.WriteFile(w.file, []byte(w.token), 0o600))
	s.until(t, w.token, 200, 10*time.Second)
}

// testNearBearer: whatever a guess shares with a token, the answer is the same. That no
// time tells it is the code's affair, and not measured: each token is compared, by its
// digest and in constant time, whatever was found.
func (w mcifyWorld) testNearBearer(t *testing.T) {
	for _, n := range []int{1, len(w.token) / 2, len(w.token) - 1} {
		for _, guess := range []string{w.token[:n], w.token[:n] + "~" + w.token[n+1:]} {
			refused(t, w.present(t, bearer(guess)), 401, rpcError(badBearer))
		}
	}
	refused(t, w.present(t, bearer(w.token+"0")), 401, rpcError(badBearer))
}
