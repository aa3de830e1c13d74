package policies_test

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/format"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"

	"github.com/sallyport-authz/sallyport/policies"
)

// modules parses every shipped file, or those that decide only.
func modules(t *testing.T, tests bool) map[string]*ast.Module {
	t.Helper()
	found := map[string]*ast.Module{}
	err := fs.WalkDir(policies.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.rego") && !tests {
			return err
		}
		text, err := policies.Files.ReadFile(path)
		if err != nil {
			return err
		}
		found[path], err = ast.ParseModuleWithOpts(path, string(text), ast.ParserOptions{RegoVersion: ast.RegoV1})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestShippedTestsPassAndCoverEveryRule(t *testing.T) {
	store := inmem.New()
	txn, err := store.NewTransaction(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	coverage := cover.New()
	results, err := tester.NewRunner().SetStore(store).SetModules(modules(t, true)).
		SetCoverageQueryTracer(coverage).RaiseBuiltinErrors(true).RunTests(t.Context(), txn)
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for result := range results {
		ran++
		if !result.Pass() {
			t.Errorf("%s: %s.%s: fail %t, error %v", result.Location, result.Package, result.Name, result.Fail, result.Error)
		}
	}
	if ran < 30 {
		t.Errorf("ran %d tests of the shipped policy, want 30 at the least", ran)
	}
	report := coverage.Report(modules(t, true))
	for name := range modules(t, false) {
		file := report.Files[name]
		if file == nil || file.CoveredLines == 0 {
			t.Errorf("%s: covered by no test", name)
			continue
		}
		t.Logf("%s: %d of %d lines covered", name, file.CoveredLines, file.CoveredLines+file.NotCoveredLines)
		for _, missed := range file.NotCovered {
			t.Errorf("%s:%d-%d: covered by no test", name, missed.Start.Row, missed.End.Row)
		}
	}
}

// The type checker reads every reference to input against the schema: a rule
// that misspells a member does not compile.
func TestShippedRulesMatchTheSchema(t *testing.T) {
	var schema any
	if err := json.Unmarshal(policies.InputSchema, &schema); err != nil {
		t.Fatal(err)
	}
	set := ast.NewSchemaSet()
	set.Put(ast.SchemaRootRef, schema)
	compiler := ast.NewCompiler().WithStrict(true).WithSchemas(set)
	if compiler.Compile(modules(t, false)); compiler.Failed() {
		t.Fatal(compiler.Errors)
	}
	misspelt := modules(t, false)
	misspelt["x"] = ast.MustParseModule("package x\nimport rego.v1\np if input.caller.knd")
	compiler = ast.NewCompiler().WithStrict(true).WithSchemas(set)
	if compiler.Compile(misspelt); !compiler.Failed() {
		t.Error("input.caller.knd compiles")
	}
}

func TestSchemaDescribesEveryMember(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(policies.InputSchema, &schema); err != nil {
		t.Fatal(err)
	}
	seen := described(t, "input", schema)
	if seen < 38 {
		t.Errorf("schema has %d members, want 38 at the least", seen)
	}
}

// described walks closed objects: each names its members, requires them all and
// closes itself.
func described(t *testing.T, path string, schema map[string]any) int {
	t.Helper()
	if schema["description"] == nil || schema["type"] == nil {
		t.Errorf("%s has no description or no type", path)
	}
	properties, ok := schema["properties"].(map[string]any)
	if !ok {
		return 1
	}
	required, _ := schema["required"].([]any)
	if len(required) != len(properties) || schema["additionalProperties"] != false {
		t.Errorf("%s is not closed, or does not require all of its members", path)
	}
	count := 1
	for name, child := range properties {
		count += described(t, path+"."+name, child.(map[string]any))
	}
	return count
}

func TestShippedFilesAreFormatted(t *testing.T) {
	for path := range modules(t, true) {
		text, err := policies.Files.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := format.SourceWithOpts(path, text, format.Opts{RegoVersion: ast.RegoV1})
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(text) {
			t.Errorf("%s is not formatted:\n%s", path, got)
		}
	}
}
