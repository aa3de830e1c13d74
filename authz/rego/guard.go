package rego

import (
	"errors"
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/types"
)

// The names below data that mean something to the shipped policy.
const (
	reserved = "sallyport"
	custom   = "custom"
)

// guard keeps operators off the shipped rules. Rego adds up the rules of every
// module, so one more rule on a shipped path would be one more way to allow.
// What counts is the full path of a rule and not its package: in package
// sallyport the rule verdict.answer is data.sallyport.verdict.answer.
type guard struct {
	// replaced: there is no shipped policy, and custom is a name like others.
	replaced bool
}

// check looks at every operator's module, tests too, and at the data.
func (g guard) check(s *sources) error {
	var errs []error
	for _, modules := range []map[string]*ast.Module{s.policies, s.tests} {
		for _, name := range sortedKeys(modules) {
			errs = append(errs, g.module(modules[name]))
		}
	}
	return errors.Join(append(errs, g.data(s))...)
}

func (g guard) data(s *sources) error {
	var errs []error
	for _, name := range sortedKeys(s.data) {
		if name == reserved || name == custom && !g.replaced {
			errs = append(errs, &Error{
				File: s.origin[name], Detail: fmt.Sprintf("data file defines %q, which belongs to the policy", name),
				Mend: "give the member another name",
			})
		}
	}
	return errors.Join(errs...)
}

func (g guard) module(m *ast.Module) error {
	if detail, mend := g.path(m.Package.Path, true); detail != "" {
		return at(m.Package.Location, "package "+detail, mend)
	}
	var errs []error
	for _, rule := range m.Rules {
		path := rule.Ref()
		if detail, mend := g.path(path, false); detail != "" {
			errs = append(errs, at(rule.Location, fmt.Sprintf("rule %s %s", path, detail), mend))
			continue
		}
		if detail, mend := g.form(rule); detail != "" {
			errs = append(errs, at(rule.Location, fmt.Sprintf("rule %s %s", path, detail), mend))
		}
	}
	return errors.Join(errs...)
}

// path judges where a package or a rule stands. Two empty strings let it pass.
func (g guard) path(path ast.Ref, isPackage bool) (detail, mend string) {
	first, constant := element(path, 1)
	switch {
	case !constant:
		return "may define any member of data", "write its first two names as constants"
	case first == reserved:
		return "lies under data.sallyport, which is the shipped policy's", "use package custom or a name of your own"
	case first != custom || g.replaced:
		return "", ""
	}
	second, constant := element(path, 2)
	switch {
	case !isPackage && !constant:
		return "may define any member of data.custom", "write its name as a constant"
	case isPackage && (second == "allow" || second == "deny"):
		return fmt.Sprintf("stands in the place of the rule data.custom.%s", second), "use package custom"
	default:
		return "", ""
	}
}

// form judges what kind of rule custom.allow and custom.deny are: the shipped
// policy reads any other form as "no" without a word.
func (g guard) form(rule *ast.Rule) (detail, mend string) {
	path := rule.Ref()
	first, _ := element(path, 1)
	second, _ := element(path, 2)
	if g.replaced || first != custom {
		return "", ""
	}
	plain := len(path) == 3 && rule.Head.Args == nil
	switch {
	case second == "allow" && (!plain || rule.Head.DocKind() != ast.CompleteDoc):
		return "is no complete rule", "write: allow if { ... }"
	case second == "deny" && (!plain || rule.Head.DocKind() != ast.PartialSetDoc):
		return "is no partial set", "write: deny contains message if { ... }"
	default:
		return "", ""
	}
}

// types judges what the compiler knows about the values of custom.allow and
// custom.deny.
func (g guard) types(c *ast.Compiler) error {
	if g.replaced {
		return nil
	}
	allow := ruleType(c, "allow", func(t types.Type) bool { return types.Compare(t, types.B) == 0 })
	deny := ruleType(c, "deny", func(t types.Type) bool {
		set, ok := t.(*types.Set)
		return ok && mayBeString(set.Of())
	})
	return errors.Join(allow, deny)
}

// mayBeString lets the unknown pass: a message taken from claims is of any type.
// Whatever is no string denies without a message.
func mayBeString(t types.Type) bool {
	return types.Compare(t, types.S) == 0 || types.Compare(t, types.A) == 0
}

func ruleType(c *ast.Compiler, name string, fits func(types.Type) bool) error {
	ref := ast.Ref{ast.DefaultRootDocument, ast.StringTerm(custom), ast.StringTerm(name)}
	rules := c.GetRulesExact(ref)
	if len(rules) == 0 || fits(c.TypeEnv.GetByRef(ref)) {
		return nil
	}
	detail := fmt.Sprintf("rule %s is of type %s", ref, types.Sprint(c.TypeEnv.GetByRef(ref)))
	if name == "allow" {
		return at(rules[0].Location, detail+", and not certainly boolean", "write: allow if { ... }, or compare with == true")
	}
	return at(rules[0].Location, detail+", and not a set of strings", "add messages only: deny contains message if { ... }")
}

// element gives a constant name in a path. Strings are the only constants that
// name a rule.
func element(path ast.Ref, i int) (name string, constant bool) {
	if i >= len(path) {
		return "", false
	}
	text, ok := path[i].Value.(ast.String)
	return string(text), ok
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
