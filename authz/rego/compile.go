package rego

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	opa "github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// Builtin is a function that the embedding program adds to Rego.
type Builtin struct {
	Function *opa.Function
	Run      opa.BuiltinDyn
}

// option adds the builtin to a query.
func (b Builtin) option() func(*opa.Rego) { return opa.FunctionDyn(b.Function, b.Run) }

// declaration is what the compiler knows of the builtin.
func (b Builtin) declaration() *ast.Builtin {
	return &ast.Builtin{Name: b.Function.Name, Decl: b.Function.Decl, Nondeterministic: b.Function.Nondeterministic}
}

// withheld lists the builtins that reach out of the evaluation: the network, the
// process's environment, and files, which the two of json.*_schema read for a
// "$ref" to file: whatever the hosts that are allowed.
func withheld() []string {
	return []string{"http.send", "json.match_schema", "json.verify_schema", "net.lookup_ip_addr", "opa.runtime"}
}

// newCapabilities says which builtins exist and which hosts they may reach. The
// list of hosts is never nil: to OPA nil means any.
func newCapabilities(settings Settings) (*ast.Capabilities, error) {
	for _, name := range settings.Grant {
		if !slices.Contains(withheld(), name) {
			return nil, &Error{
				Detail: fmt.Sprintf("cannot grant %q", name),
				Mend:   "grant one of " + strings.Join(withheld(), ", "),
			}
		}
	}
	c := ast.CapabilitiesForThisVersion()
	c.Builtins = slices.DeleteFunc(c.Builtins, func(b *ast.Builtin) bool {
		return slices.Contains(withheld(), b.Name) && !slices.Contains(settings.Grant, b.Name)
	})
	for _, b := range settings.Builtins {
		c.Builtins = append(c.Builtins, b.declaration())
	}
	c.AllowNet = append([]string{}, settings.AllowNet...)
	return c, nil
}

// world is what policies are compiled against and evaluated in. Nobody writes to
// its store, and its one transaction is shared by every evaluation.
type world struct {
	settings     Settings
	capabilities *ast.Capabilities
	schema       map[string]any
	store        storage.Store
	txn          storage.Transaction
}

func newWorld(ctx context.Context, settings Settings, s *sources) (*world, error) {
	schema, err := readSchema()
	if err != nil {
		return nil, err
	}
	data := map[string]any{reserved: map[string]any{"scopes": vocabulary(settings.Scopes)}}
	maps.Copy(data, s.data)
	store := inmem.NewFromObjectWithOpts(data, inmem.OptReturnASTValuesOnRead(true))
	txn, err := store.NewTransaction(ctx)
	if err != nil {
		return nil, fmt.Errorf("open policy data: %w", err)
	}
	return &world{settings: settings, capabilities: s.capabilities, schema: schema, store: store, txn: txn}, nil
}

// vocabulary is data.sallyport.scopes, so that policies and their tests can ask
// whether a scope is one that anybody can hold.
func vocabulary(scopes []string) []any {
	sorted := slices.Sorted(slices.Values(scopes))
	list := make([]any, 0, len(sorted))
	for _, scope := range slices.Compact(sorted) {
		list = append(list, scope)
	}
	return list
}

// compiler is strict, knows the schema of the input and refuses a rule where
// data has a document already.
func (w *world) compiler(ctx context.Context) *ast.Compiler {
	schemas := ast.NewSchemaSet()
	schemas.Put(ast.SchemaRootRef, w.schema)
	return ast.NewCompiler().
		WithCapabilities(w.capabilities).
		WithStrict(true).
		WithSchemas(schemas).
		WithPathConflictsCheck(storage.NonEmpty(ctx, w.store, w.txn))
}

// compile compiles what decides and judges the types of custom.allow and
// custom.deny. Where they do not fit, the shipped policy may be what fails to
// compile; the operator's modules alone then show whose fault it is.
func (w *world) compile(ctx context.Context, read *sources, modules map[string]*ast.Module) (*ast.Compiler, error) {
	g := guard{w.settings.Replace}
	c := w.compiler(ctx)
	if c.Compile(modules); !c.Failed() {
		return c, g.types(c)
	}
	alone := w.compiler(ctx)
	if alone.Compile(read.policies); !alone.Failed() {
		if err := g.types(alone); err != nil {
			return nil, err
		}
	}
	return nil, found(c.Errors)
}

// options are what every query in this world has in common.
func (w *world) options(c *ast.Compiler, query ast.Body) []func(*opa.Rego) {
	options := []func(*opa.Rego){
		opa.Compiler(c), opa.ParsedQuery(query), opa.Store(w.store), opa.Transaction(w.txn),
		opa.StrictBuiltinErrors(true), opa.Capabilities(w.capabilities),
	}
	for _, b := range w.settings.Builtins {
		options = append(options, b.option())
	}
	if slices.Contains(w.settings.Grant, "opa.runtime") {
		options = append(options, opa.Runtime(environment()))
	}
	return options
}

// environment is what opa.runtime tells where it is granted.
func environment() *ast.Term {
	variables := ast.NewObject()
	for _, variable := range os.Environ() { //nolint:forbidigo // what the operator granted is the process's own environment
		name, value, _ := strings.Cut(variable, "=")
		variables.Insert(ast.StringTerm(name), ast.StringTerm(value))
	}
	return ast.ObjectTerm(ast.Item(ast.StringTerm("env"), ast.NewTerm(variables)))
}

// prepare compiles the query for the entrypoint.
func (w *world) prepare(ctx context.Context, c *ast.Compiler, entrypoint ast.Ref) (opa.PreparedEvalQuery, error) {
	query := ast.NewBody(ast.NewExpr(ast.NewTerm(entrypoint)))
	prepared, err := opa.New(w.options(c, query)...).PrepareForEval(ctx)
	if err != nil {
		return opa.PreparedEvalQuery{}, fmt.Errorf("prepare %s: %w", entrypoint, err)
	}
	return prepared, nil
}

// evaluation is what one evaluation may take from the world. Rules are not
// indexed: the index leaves a rule out when startswith and its like are called
// on a value of another type, and an error in deny would become "not denied".
func (w *world) evaluation(document ast.Value, halt topdown.Cancel) []opa.EvalOption {
	options := []opa.EvalOption{
		opa.EvalParsedInput(document), opa.EvalTransaction(w.txn), opa.EvalExternalCancel(halt),
		opa.EvalMetrics(noMetrics), opa.EvalGenerateJSON(rawTerm), opa.EvalRuleIndexing(false),
	}
	if w.settings.Now != nil {
		options = append(options, opa.EvalTime(w.settings.Now()))
	}
	return options
}

// rawTerm keeps the answer as Rego made it: no number loses its form before
// answer.go has read it.
func rawTerm(t *ast.Term, _ *opa.EvalContext) (any, error) { return t, nil }
