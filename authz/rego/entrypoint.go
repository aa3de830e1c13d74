package rego

import (
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/types"
)

// shippedEntrypoint is the rule that answers unless the policy is replaced.
const shippedEntrypoint = "data.sallyport.verdict.answer"

// entrypoint reads the rule that answers. An operator's own one is taken only
// together with Replace: beside the shipped policy it would go around it.
func entrypoint(settings Settings) (ast.Ref, error) {
	name := settings.Entrypoint
	switch {
	case settings.Replace && name == "":
		return nil, &Error{Detail: "no entrypoint", Mend: "name the rule that answers, as in data.acme.answer"}
	case !settings.Replace && name != "" && name != shippedEntrypoint:
		return nil, &Error{
			Detail: fmt.Sprintf("entrypoint %s goes around the shipped policy", name),
			Mend:   "leave the entrypoint out, or replace the shipped policy",
		}
	case !settings.Replace:
		name = shippedEntrypoint
	}
	ref, err := ast.ParseRef(name)
	if err != nil || !ref.IsGround() || len(ref) < 3 || !ref[0].Equal(ast.DefaultRootDocument) {
		return nil, &Error{
			Detail: fmt.Sprintf("entrypoint %q is no path of a rule", name),
			Mend:   "write it as in data.acme.answer",
		}
	}
	return ref, nil
}

// checkEntrypoint asks for a complete rule: only that has one value.
func checkEntrypoint(c *ast.Compiler, ref ast.Ref) error {
	rules := c.GetRulesExact(ref)
	if len(rules) == 0 {
		return &Error{Detail: fmt.Sprintf("entrypoint %s is defined in no policy", ref), Mend: "define it or name another rule"}
	}
	_, function := c.TypeEnv.GetByRef(ref).(*types.Function)
	for _, rule := range rules {
		if function || rule.Head.DocKind() != ast.CompleteDoc {
			return at(rule.Location, fmt.Sprintf("entrypoint %s is no complete rule", ref), "write: answer := ... if { ... }")
		}
	}
	return nil
}
