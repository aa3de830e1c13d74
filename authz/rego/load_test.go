package rego_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz/rego"
)

func TestRefusedAtLoad(t *testing.T) {
	tests := []struct {
		name     string
		files    map[string]string
		settings rego.Settings
		want     string
	}{
		{"syntax", map[string]string{"p.rego": "package a\n\np if {"}, rego.Settings{}, "p.rego:3:"},
		{"Rego v0", map[string]string{"p.rego": "package a\n\np { true }"}, rego.Settings{}, "p.rego:3:1: rego_parse_error"},
		{"empty module", map[string]string{"p.rego": "\n"}, rego.Settings{}, "p.rego"},
		{"unused variable", map[string]string{"p.rego": "package a\n\np if x := 1"}, rego.Settings{}, "p.rego:3:6: rego_compile_error"},
		{"misspelt member", map[string]string{"p.rego": "package custom\n\nallow if input.calller.subject == \"ann\""}, rego.Settings{}, "p.rego:3:10"},
		{"misspelt inner member", map[string]string{"p.rego": "package custom\n\nallow if input.caller.knd == \"x\""}, rego.Settings{}, "p.rego:3:10"},
		{"misspelt member by alias", map[string]string{"p.rego": "package custom\n\nimport input.caller as c\n\nallow if c.knd == \"x\""}, rego.Settings{}, "p.rego:5:10"},
		{"number for a boolean", map[string]string{"p.rego": "package custom\n\nallow if input.request.secure == 1"}, rego.Settings{}, "match error"},
		{"JSON", map[string]string{"d.json": "{\n\"a\": 1,\n}"}, rego.Settings{}, "d.json:3:1: data:"},
		{"data that is no object", map[string]string{"d.json": "[1]"}, rego.Settings{}, "write one object"},
		{"YAML", map[string]string{"d.yaml": "a: [1"}, rego.Settings{}, "d.yaml: data:"},
		{"two files, one member", map[string]string{"a.json": `{"x": 1}`, "b.yaml": "x: 2"}, rego.Settings{}, "data.x is defined in"},
		{"data in the place of a rule", map[string]string{"p.rego": "package roles\n\nadmin := 1", "d.json": `{"roles": {"admin": 2}}`}, rego.Settings{}, "conflict"},
		{"empty folder", map[string]string{"README.md": "x"}, rego.Settings{}, "folder holds neither"},
		{"recursion", map[string]string{"p.rego": "package custom\n\nallow if data.sallyport.verdict.answer.allow"}, rego.Settings{}, "rego_recursion_error"},
		{"replaced without entrypoint", nil, rego.Settings{Replace: true}, "no entrypoint"},
		{"entrypoint nobody defines", map[string]string{"p.rego": "package a\n\np := 1"}, rego.Settings{Replace: true, Entrypoint: "data.a.q"}, "defined in no policy"},
		{"entrypoint is a set", map[string]string{"p.rego": "package a\n\np contains 1"}, rego.Settings{Replace: true, Entrypoint: "data.a.p"}, "no complete rule"},
		{"entrypoint is a function", map[string]string{"p.rego": "package a\n\np(x) := x"}, rego.Settings{Replace: true, Entrypoint: "data.a.p"}, "no complete rule"},
		{"entrypoint is a package", map[string]string{"p.rego": "package a.b\n\np := true"}, rego.Settings{Replace: true, Entrypoint: "data.a.b"}, "defined in no policy"},
		{"entrypoint is base data", map[string]string{"d.json": `{"a": {"p": true}}`}, rego.Settings{Replace: true, Entrypoint: "data.a.p"}, "defined in no policy"},
		{"entrypoint is no path", map[string]string{"p.rego": "package a\n\np := 1"}, rego.Settings{Replace: true, Entrypoint: "data.a[x]"}, "no path of a rule"},
		{"entrypoint outside data", map[string]string{"p.rego": "package a\n\np := 1"}, rego.Settings{Replace: true, Entrypoint: "input.tenant.x"}, "no path of a rule"},
		{"entrypoint beside the shipped policy", map[string]string{"p.rego": "package a\n\np := true"}, rego.Settings{Entrypoint: "data.a.p"}, "goes around"},
		{"timeout below zero", nil, rego.Settings{Timeout: -1}, "below zero"},
		{"grant of an unknown builtin", nil, rego.Settings{Grant: []string{"count"}}, "cannot grant"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.files != nil {
				test.settings.Paths = []string{folder(t, test.files)}
			}
			_, err := rego.New(t.Context(), test.settings)
			refusedWith(t, err, "", test.want)
		})
	}
}

func TestFilesOfFolders(t *testing.T) {
	root := folder(t, map[string]string{
		"a/p.rego":        "package custom\n\ndeny contains \"from a\"",
		".old/p.rego":     "package custom\n\ndeny contains \"from the hidden folder\"",
		".hidden.rego":    "package sallyport",
		"notes.txt":       "package sallyport",
		"d/data.json":     `{"limits": {"a": 1}}`,
		"d/more.yml":      "roles: [x]\n",
		"elsewhere/q.txt": "package custom\n\ndeny contains data.roles[0] if data.limits.a == 1",
	})
	// Kubernetes mounts files as links into a folder that starts with a dot.
	if err := os.Symlink(filepath.Join(root, "elsewhere/q.txt"), filepath.Join(root, "a/q.rego")); err != nil {
		t.Fatal(err)
	}
	policy, err := rego.New(t.Context(), rego.Settings{Paths: []string{root}})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := policy.Decide(t.Context(), ann())
	if got, want := answer.Message, "from a; x"; got != want || err != nil {
		t.Errorf("got %q and error %v, want %q", got, err, want)
	}
}

// Guard: filesIn, the case of a link to a folder.
func TestLinkToFolderIsRefused(t *testing.T) {
	other := folder(t, map[string]string{"deny.rego": "package custom\n\ndeny contains \"x\""})
	root := folder(t, map[string]string{"p.rego": "package custom"})
	if err := os.Symlink(other, filepath.Join(root, "more")); err != nil {
		t.Fatal(err)
	}
	_, err := rego.New(t.Context(), rego.Settings{Paths: []string{root}})
	refusedWith(t, err, "more", "link to a folder")
}

func TestFolderMayItselfBeALink(t *testing.T) {
	root := folder(t, map[string]string{"v1/p.rego": "package custom\n\ndeny contains \"x\""})
	link := filepath.Join(root, "current")
	if err := os.Symlink(filepath.Join(root, "v1"), link); err != nil {
		t.Fatal(err)
	}
	policy, err := rego.New(t.Context(), rego.Settings{Paths: []string{link}})
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := policy.Decide(t.Context(), ann()); answer.Message != "x" || err != nil {
		t.Errorf("got %+v and error %v, want the denial of the linked folder", answer, err)
	}
}

func TestPathsThatCannotBeRead(t *testing.T) {
	root := folder(t, map[string]string{"p.txt": "package a", "p.rego": "package a\n\np := 1"})
	_, err := rego.New(t.Context(), rego.Settings{Paths: []string{filepath.Join(root, "none.rego")}})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want that the file does not exist", err)
	}
	_, err = rego.New(t.Context(), rego.Settings{Paths: []string{filepath.Join(root, "p.txt")}})
	refusedWith(t, err, "p.txt", "neither .rego")
	_, err = rego.New(t.Context(), rego.Settings{Paths: []string{root, filepath.Join(root, "p.rego")}})
	refusedWith(t, err, "p.rego", "named twice")
}

// Guard: world.selftest. Without it a policy whose own tests fail goes live.
func TestOperatorsTestsRunAtLoad(t *testing.T) {
	policy := "package custom\n\nallow if input.caller.role == \"admin\"\n\nratio := 1 / input.request.query.n"
	tests := []struct{ name, test, want string }{
		{
			"fails", "package custom_test\n\ntest_admin if data.custom.allow with input as {\"caller\": {\"role\": \"guest\"}}",
			"p_test.rego:3:1: test data.custom_test.test_admin failed",
		},
		{"is undefined", "package custom_test\n\ntest_admin := data.custom.nothing", "test data.custom_test.test_admin failed"},
		{"errs in a builtin", "package custom_test\n\ntest_admin if not to_number(input.tenant) == 1 with input as {\"tenant\": \"x\"}", "eval_builtin_error"},
		{"passes for an error", "package custom_test\n\nlate if to_number(input.tenant) == 1\n\ntest_admin if not late with input as {\"tenant\": \"x\"}", "eval_builtin_error"},
		{"has two values", "package custom_test\n\np := 1 if input.tenant\n\np := 2 if input.tenant\n\ntest_admin if data.custom_test.p == 1 with input as {\"tenant\": \"x\"}", "eval_conflict_error"},
		{"prints", "package custom_test\n\ntest_admin if {\n\tprint(\"seen\", input.tenant)\n\tfalse\n}", `printed "seen`},
		{"does not compile", "package custom_test\n\ntest_admin if data.custom.allow with input.caller.role as x", "p_test.rego:3"},
		{"reaches out", "package custom_test\n\ntest_admin if http.send({\"url\": \"http://x\", \"method\": \"get\"}).status_code == 200", "off unless granted"},
		{"misspells input", "package custom_test\n\ntest_admin if not data.custom.allow with input as {\"calller\": {}}", "input has no member calller"},
		{"misspells an inner member", "package custom_test\n\ntest_admin if not data.custom.allow with input as {\"caller\": {\"rol\": \"x\"}}", "input has no member rol"},
		{"misspells a target", "package custom_test\n\ntest_admin if not data.custom.allow with input.caller.rol as \"x\"", "input has no member rol"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root := folder(t, map[string]string{"p.rego": policy, "p_test.rego": test.test})
			_, err := rego.New(t.Context(), rego.Settings{Paths: []string{root}})
			refusedWith(t, err, "p_test.rego", test.want)
		})
	}
}

func TestPassingTestsAreAcceptedAndDecideNothing(t *testing.T) {
	root := folder(t, map[string]string{
		"p.rego": "package custom\n\nallow if input.caller.role == \"admin\"\n\ntrace := input.caller.claims.anything",
		"p_test.rego": `package custom

deny contains "only in tests"

test_admin if allow with input as {"caller": {"role": "admin", "claims": {"anything": 1}}, "envoy": {"metadata": {"x": {}}}}

test_claim if trace == 2 with input.caller.claims.anything as 2

test_whole if trace == 3 with input as object.union({}, {"caller": {"claims": {"anything": 3}}})

test_scopes if data.sallyport.scopes == ["a", "b"]
`,
	})
	policy, err := rego.New(t.Context(), rego.Settings{Paths: []string{root}, Scopes: []string{"b", "a", "b"}})
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := policy.Decide(t.Context(), ann()); !answer.Allow || err != nil {
		t.Errorf("got %+v and error %v, want an allow", answer, err)
	}
}

// Guard: world.selftest looks at its context: the runner leaves tests out when
// it has ended, and would then report none that failed.
func TestTestsThatDidNotRunAreNoSuccess(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	root := folder(t, map[string]string{"p_test.rego": "package a\n\ntest_long if count(numbers.range(1, 1000000000)) > 1"})
	start := time.Now()
	_, err := rego.New(ctx, rego.Settings{Paths: []string{root}})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v after %s, want the deadline", err, time.Since(start))
	}
}

func TestErrorText(t *testing.T) {
	tests := []struct {
		name string
		err  rego.Error
		want string
	}{
		{"everything", rego.Error{File: "a.rego", Line: 3, Column: 2, Detail: "x", Mend: "do y"}, "a.rego:3:2: x; do y"},
		{"no line", rego.Error{File: "a.json", Detail: "x"}, "a.json: x"},
		{"no file", rego.Error{Detail: "x", Mend: "do y"}, "x; do y"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.err.Error(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if strings.Contains(test.err.Error(), "\n") {
				t.Error("text has more than one line")
			}
		})
	}
}
