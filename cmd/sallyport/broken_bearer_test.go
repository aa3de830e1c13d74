package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// brokenBearer are faults of a list of fixed tokens. Each row goes red when its check in
// compiler.keys or staticbearer.New is out.
func brokenBearer() []broken {
	with := func(name, settings, want string) broken {
		return broken{name, "    anonymous: {}\n", "    staticbearer: {" + settings + "}\n", ":17:" + want}
	}
	return []broken{
		with("no tokens", "", "5: authenticators[1].staticbearer: there are no keys; expected 1 to 64 tokens"),
		with("a token without its secret", "tokens: [{id: desk}]", `29: authenticators[1].staticbearer.tokens[0]: key "desk" has neither sha256 nor secret`),
		with("a variable that is not set", "tokens: [{id: desk, secret: 'env:NOWHERE'}]", "48: authenticators[1].staticbearer.tokens[0].secret: variable NOWHERE is not set"),
		with("an empty variable", "tokens: [{id: desk, secret: 'env:SALLYPORT_TEST_EMPTY'}]", "48: authenticators[1].staticbearer.tokens[0].secret: variable SALLYPORT_TEST_EMPTY is"),
		with("a token that no header holds", "tokens: [{id: desk, secret: 'file:sallyport.yaml'}]", "48: authenticators[1].staticbearer.tokens[0].secret: a secret that no header can carry"),
		with("a token in the configuration", "tokens: [{id: desk, secret: hunter2}]", "48: authenticators[1].staticbearer.tokens[0].secret: inline secrets are refused"),
		with("one token twice", "tokens: [{id: a, sha256: "+strings.Repeat("ab", 32)+"}, {id: b, sha256: "+strings.Repeat("ab", 32)+"}]", "112: authenticators[1].staticbearer.tokens[1]: the same key as authenticators[1].staticbearer.tokens[0]"),
		with("one id twice", "tokens: [{id: a, sha256: "+strings.Repeat("ab", 32)+"}, {id: a, sha256: "+strings.Repeat("cd", 32)+"}]", `117: authenticators[1].staticbearer.tokens[1].id: "a" is already the name of authenticators[1].staticbearer.tokens[0].id`),
		with("a digest of nothing", "tokens: [{id: a, sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}]", `5: authenticators[1].staticbearer: key 1: "a" has no digest`),
	}
}

// TestShortToken (C06): a secret that could be guessed is warned of, and one of openssl
// rand -hex 32 is not. The guard is shortestKey in compiler.digestOf.
func TestShortToken(t *testing.T) {
	for secret, want := range map[string]string{
		"8charact": "authenticators[0].staticbearer.tokens[0].secret: a secret of 8 characters; expected 32 or more",
		"5f1d7a842b60c39e5f1d7a842b60c39e5f1d7a842b60c39e5f1d7a842b60c39e": "",
	} {
		file := write(t, strings.NewReplacer(
			"    apikey:\n      header: x-api-key\n      keys:", "    staticbearer:\n      tokens:",
			"sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "secret: file:token.secret",
		).Replace(sound))
		if err := os.WriteFile(filepath.Join(filepath.Dir(file), "token.secret"), []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := load(t.Context(), file, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		told := ""
		for _, warning := range p.warnings {
			told += warning.String() + "\n"
		}
		if (want == "") != !strings.Contains(told, "characters") || !strings.Contains(told, want) {
			t.Errorf("%d characters: got %q, want %q", len(secret), told, want)
		}
	}
}
