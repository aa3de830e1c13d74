package rego

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/sallyport-authz/sallyport/policies"
)

// readSchema gives the schema of the input as plain values.
func readSchema() (map[string]any, error) {
	var schema map[string]any
	if err := json.Unmarshal(policies.InputSchema, &schema); err != nil {
		return nil, fmt.Errorf("read input schema: %w", err)
	}
	return schema, nil
}

// checkLiterals looks at what modules write in place of the input. The type
// checker does not: a test with a misspelt member would pass for no reason.
func checkLiterals(schema map[string]any, modules map[string]*ast.Module) error {
	var errs []error
	for _, name := range sortedKeys(modules) {
		ast.WalkWiths(modules[name], func(with *ast.With) bool {
			path, ok := inputPath(with.Target)
			if !ok {
				return false
			}
			if strange := strangeMember(schema, path, with.Value); strange != "" {
				errs = append(errs, at(with.Location, fmt.Sprintf("input has no member %s", strange),
					"write a member that the schema of the input has"))
			}
			return false
		})
	}
	return errors.Join(errs...)
}

// inputPath gives what follows input in the target of a with.
func inputPath(target *ast.Term) ([]*ast.Term, bool) {
	switch value := target.Value.(type) {
	case ast.Var:
		return nil, value.Equal(ast.InputRootDocument.Value)
	case ast.Ref:
		return value[1:], value[0].Equal(ast.InputRootDocument)
	default:
		return nil, false
	}
}

// strangeMember follows path into the schema and then the literal, and gives the
// first member that the schema closes out. Only what is written as a constant
// is looked at.
func strangeMember(schema map[string]any, path []*ast.Term, value *ast.Term) string {
	for _, step := range path {
		name, ok := step.Value.(ast.String)
		if !ok {
			return ""
		}
		child, known := member(schema, string(name))
		if !known {
			return string(name)
		}
		schema = child
	}
	literal, ok := value.Value.(ast.Object)
	if !ok {
		return ""
	}
	strange := ""
	literal.Foreach(func(key, inner *ast.Term) {
		if strange == "" {
			strange = strangeMember(schema, []*ast.Term{key}, inner)
		}
	})
	return strange
}

// member gives the schema of a member; below an open object there is none, and
// everything is known.
func member(schema map[string]any, name string) (map[string]any, bool) {
	properties, _ := schema["properties"].(map[string]any)
	child, ok := properties[name].(map[string]any)
	if ok {
		return child, true
	}
	return map[string]any{}, schema["additionalProperties"] != false
}
