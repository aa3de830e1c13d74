package rego_test

import (
	"errors"
	"testing"

	"github.com/sallyport-authz/sallyport/authz/rego"
)

// Guard: guard.path, the case of the reserved name. Without it each of these adds
// a way to allow to the shipped policy.
func TestOperatorsCannotAddToShippedRules(t *testing.T) {
	tests := []struct{ name, module string }{
		{"package sallyport, rule below it", "package sallyport\n\nverdict.ok := true"},
		{"package sallyport, the answer", "package sallyport\n\nverdict.answer := true"},
		{"package of the verdict", "package sallyport.verdict\n\nanswer := true"},
		{"package of the scopes", "package sallyport.scope\n\nok := true"},
		{"default in a shipped package", "package sallyport.tenant\n\ndefault ok := true"},
		{"quoted package", "package sallyport[\"tenant\"]\n\nok := true"},
		{"variable below the shipped name", "package sallyport\n\nx[y] := true if some y in [\"tenant\"]"},
		{"variable deep in the path", "package sallyport\n\ntenant[x] := true if some x in [\"ok\"]"},
		{"partial set", "package sallyport.tenant\n\nok contains 1"},
		{"function", "package sallyport.tenant\n\nok(_) := true"},
		{"new name below the shipped one", "package sallyport.mine\n\np := true"},
		{"no rule at all", "package sallyport"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := load(t, test.module)
			refusedWith(t, err, "p.rego", "data.sallyport")
		})
	}
}

// Guard: guard.check looks at tests as well, and guard.module keeps its place.
func TestOperatorsTestsCannotAddToShippedRules(t *testing.T) {
	root := folder(t, map[string]string{"a_test.rego": "package a\n\ntest_a := true\n", "b_test.rego": "package sallyport\n\nverdict.answer := true\n"})
	_, err := rego.New(t.Context(), rego.Settings{Paths: []string{root}})
	refusedWith(t, err, "b_test.rego", "b_test.rego:1:1: package lies under data.sallyport")
}

// Guard: guard.path when the policy is replaced: the name stays ours.
func TestNameStaysReservedWhenReplaced(t *testing.T) {
	root := folder(t, map[string]string{"p.rego": "package sallyport.verdict\n\nanswer := true"})
	_, err := rego.New(t.Context(), rego.Settings{
		Paths: []string{root}, Replace: true, Entrypoint: "data.sallyport.verdict.answer",
	})
	refusedWith(t, err, "p.rego", "data.sallyport")
}

// Guard: guard.data. Base documents would stand beside, or in the place of, rules.
func TestDataFilesCannotDefinePolicy(t *testing.T) {
	tests := []struct{ name, file, text, want string }{
		{"shipped name in JSON", "d.json", `{"sallyport": {"verdict": {"answer": true}}}`, `"sallyport"`},
		{"shipped name in YAML", "d.yaml", "sallyport:\n  tenant: {ok: true}\n", `"sallyport"`},
		{"shipped name in a folder of its name", "sallyport/d.json", `{"sallyport": {}}`, `"sallyport"`},
		{"custom in JSON", "d.json", `{"custom": {"allow": true}}`, `"custom"`},
		{"custom in YAML", "d.yml", "custom: {deny: []}\n", `"custom"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root := folder(t, map[string]string{"p.rego": "package a\n\np := true", test.file: test.text})
			_, err := rego.New(t.Context(), rego.Settings{Paths: []string{root}})
			refusedWith(t, err, test.file, test.want)
		})
	}
}

// Guard: guard.form and guard.types. The shipped policy would read each of these
// as "no": a denial that its author believes in would not happen.
func TestFormOfCustomRules(t *testing.T) {
	tests := []struct{ name, module, want string }{
		{"allow as a function", "package custom\n\nallow(x) := true if x == 1", "complete rule"},
		{"allow as a function of nothing", "package custom\n\nallow() := true if 1 == 1", "complete rule"},
		{"allow as a set", "package custom\n\nallow contains \"x\"", "complete rule"},
		{"allow as an object", "package custom\n\nallow[x] := true if some x in [1]", "complete rule"},
		{"allow as a path", "package custom\n\nallow.ann := true", "complete rule"},
		{"allow as a package", "package custom.allow\n\nann := true", "in the place of"},
		{"allow as a string", "package custom\n\nallow := \"true\"", "boolean"},
		{"allow of unknown type", "package custom\n\nallow := input.caller.claims.ok", "boolean"},
		{"allow with a default of another type", "package custom\n\ndefault allow := \"no\"\n\nallow if input.tenant == \"acme\"", "boolean"},
		{"allow with an else of another type", "package custom\n\nallow := true if input.tenant == \"acme\"\n\nelse := \"no\"", "boolean"},
		{"deny as a complete rule", "package custom\n\ndeny if input.tenant == \"acme\"", "partial set"},
		{"deny as an object", "package custom\n\ndeny[x] := true if some x in [\"a\"]", "partial set"},
		{"deny as a set of objects", "package custom\n\ndeny contains {\"msg\": \"x\"}", "set of strings"},
		{"deny as a set of numbers", "package custom\n\ndeny contains 1", "set of strings"},
		{"deny as a function", "package custom\n\ndeny(x) := x", "partial set"},
		{"deny as a package", "package custom.deny\n\nann contains \"x\"", "in the place of"},
		{"deny below a package", "package custom.deny.more\n\nann contains \"x\"", "in the place of"},
		{"deny as a deeper set", "package custom\n\ndeny.night contains \"x\"", "partial set"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := load(t, test.module)
			if err == nil {
				t.Fatal("accepted")
			}
			refusedWith(t, err, "p.rego", test.want)
		})
	}
}

func TestAcceptedModules(t *testing.T) {
	tests := []struct{ name, module string }{
		{"allow and deny", "package custom\n\nallow if input.tenant == \"acme\"\n\ndeny contains \"x\" if input.tenant == \"evil\""},
		{"allow with a default", "package custom\n\ndefault allow := false\n\nallow if input.tenant == \"acme\""},
		{"deny with a text from claims", "package custom\n\ndeny contains input.caller.claims.why"},
		{"names beside allow and deny", "package custom\n\nnight[x] := true if some x in [1]\n\nhelp(x) := x"},
		{"only a package", "package custom"},
		{"package below custom", "package custom.roles\n\nadmin := \"ann\""},
		{"package of a name that starts alike", "package sallyports\n\nverdict.answer := true"},
		{"allow elsewhere", "package acme\n\nallow[x] := 1 if some x in [1]"},
		{"reads shipped rules", "package acme\n\np if data.sallyport.scope.ok"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := load(t, test.module); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestEveryFaultIsNamed(t *testing.T) {
	root := folder(t, map[string]string{
		"a.rego": "package sallyport\n\nverdict.answer := true",
		"b.rego": "package custom\n\nallow := 1\n\ndeny := 2",
		"d.json": `{"custom": 1}`,
	})
	_, err := rego.New(t.Context(), rego.Settings{Paths: []string{root}})
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("got %v, want several errors", err)
	}
	var files []string
	for _, one := range flatten(joined.Unwrap()) {
		if e, ok := errors.AsType[*rego.Error](one); ok {
			files = append(files, e.File)
		}
	}
	if len(files) != 3 {
		t.Errorf("got faults in %q, want one in each file", files)
	}
}

func flatten(errs []error) []error {
	var flat []error
	for _, err := range errs {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			flat = append(flat, flatten(joined.Unwrap())...)
			continue
		}
		flat = append(flat, err)
	}
	return flat
}
