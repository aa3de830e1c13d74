package rego

import (
	"fmt"
	"maps"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Volatile says why an answer for an input may differ from the one before, as in
// `custom.rego:7: time.now_ns`, or "" where it cannot: then the input decides.
// What reads a clock, randomness, the network or the process's environment
// counts wherever it stands, reached or not.
func (p *Policy) Volatile() string {
	if p.world == nil {
		return "no policy"
	}
	return p.volatile
}

// volatileUse looks at every reference of every module. Builtins of the embedding
// program are volatile whatever they say: nobody checked them.
func (w *world) volatileUse(modules map[string]*ast.Module) string {
	moody := map[string]bool{}
	for _, b := range w.capabilities.Builtins {
		moody[b.Name] = b.Nondeterministic || slices.Contains(withheld(), b.Name)
	}
	// Without a time of its own it looks at the clock; OPA does not say so.
	moody["io.jwt.decode_verify"] = true
	for _, b := range w.settings.Builtins {
		moody[b.Function.Name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		found := ""
		ast.WalkRefs(modules[name], func(ref ast.Ref) bool {
			if moody[ref.String()] && found == "" {
				found = ref.String()
				if len(ref) > 0 && ref[0].Location != nil {
					found = fmt.Sprintf("%s:%d: %s", name, ref[0].Location.Row, found)
				}
			}
			return found != ""
		})
		if found != "" {
			return found
		}
	}
	return ""
}
