package rego

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/tester"
)

// longestTest bounds one test of an operator.
const longestTest = 5 * time.Second

// selftest runs the operator's tests together with all policies, as `opa test`
// does but with errors in builtins counted as errors. Modules of tests are part
// of no later evaluation.
func (w *world) selftest(ctx context.Context, s *sources, decisive map[string]*ast.Module) error {
	if len(s.tests) == 0 {
		return nil
	}
	all := maps.Clone(decisive)
	maps.Copy(all, s.tests)
	results, err := w.runner(ctx, all).RunTests(ctx, w.txn)
	if err != nil {
		return found(err)
	}
	var bad []*tester.Result
	for result := range results {
		if result.Fail || result.Error != nil {
			bad = append(bad, result)
		}
	}
	// The runner leaves tests out without a word once its context has ended.
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("run policy tests: %w", err)
	}
	return refused(bad)
}

func (w *world) runner(ctx context.Context, modules map[string]*ast.Module) *tester.Runner {
	runner := tester.NewRunner().
		SetCompiler(w.compiler(ctx).WithEnablePrintStatements(true)).
		SetStore(w.store).
		SetModules(modules).
		SetTimeout(longestTest).
		RaiseBuiltinErrors(true)
	var added []*tester.Builtin
	for _, b := range w.settings.Builtins {
		added = append(added, &tester.Builtin{Decl: b.declaration(), Func: b.option()})
	}
	return runner.AddCustomBuiltins(added)
}

// refused names every test that failed, in the order of files and lines.
func refused(bad []*tester.Result) error {
	slices.SortFunc(bad, func(a, b *tester.Result) int {
		return cmp.Or(cmp.Compare(a.Location.File, b.Location.File), cmp.Compare(a.Location.Row, b.Location.Row),
			cmp.Compare(a.Name, b.Name))
	})
	errs := make([]error, 0, len(bad))
	for _, result := range bad {
		errs = append(errs, at(result.Location, outcome(result), "mend the policy or its test"))
	}
	return errors.Join(errs...)
}

func outcome(result *tester.Result) string {
	text := fmt.Sprintf("test %s.%s failed", result.Package, result.Name)
	if result.Error != nil {
		text += ": " + result.Error.Error()
	}
	if printed := strings.TrimSpace(string(result.Output)); printed != "" {
		text += fmt.Sprintf(" (printed %q)", printed)
	}
	return text
}
