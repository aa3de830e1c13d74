package rego

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	opa "github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/sallyport-authz/sallyport/authz"
)

// defaultTimeout bounds an evaluation where the operator names no other bound.
const defaultTimeout = 100 * time.Millisecond

// noMetrics keeps OPA from counting what nobody reads. It has no state.
var noMetrics = metrics.NoOp() //nolint:gochecknoglobals // a constant that Go cannot express

// Settings say what a Policy is made of. The zero Settings are the shipped
// policy alone, with no operator's rules.
type Settings struct {
	// Paths are files or folders. Data files fill the root of data, wherever in
	// a folder they stand.
	Paths []string
	// Files is where they are read; nil is Disk.
	Files Files
	// Replace leaves the shipped policy out; Entrypoint is then needed.
	Replace    bool
	Entrypoint string
	// Timeout bounds one evaluation; 0 is 100 ms.
	Timeout time.Duration
	// Grant names builtins that reach out of the evaluation, AllowNet the hosts
	// that they may reach: none unless named.
	Grant    []string
	AllowNet []string
	// Scopes are the scopes that exist; policies see them as data.sallyport.scopes.
	Scopes []string
	// Now is the clock that policies see; nil is the machine's.
	Now func() time.Time
	// Builtins are functions of the embedding program. They have to honour their
	// cancel, and what they do is not checked.
	Builtins []Builtin
}

// Policy is a compiled policy. It is immutable and safe for parallel use. The
// zero Policy gives errors only.
type Policy struct {
	name    string
	timeout time.Duration
	world   *world
	query   opa.PreparedEvalQuery
	// volatile is where the policy looks at what is not in its input, or "".
	volatile string
	turns    turns
}

var _ authz.Policy = (*Policy)(nil)

// New loads, checks, compiles and tests. What it refuses is an *Error, or
// several joined; what cannot be read is the operating system's error.
func New(ctx context.Context, settings Settings) (*Policy, error) {
	if settings.Timeout < 0 {
		return nil, &Error{Detail: fmt.Sprintf("timeout %s is below zero", settings.Timeout), Mend: "name a time above zero"}
	}
	ref, err := entrypoint(settings)
	if err != nil {
		return nil, err
	}
	capabilities, err := newCapabilities(settings)
	if err != nil {
		return nil, err
	}
	read, err := load(settings, capabilities)
	if err != nil {
		return nil, err
	}
	if err := (guard{settings.Replace}).check(read); err != nil {
		return nil, err
	}
	w, err := newWorld(ctx, settings, read)
	if err != nil {
		return nil, err
	}
	return w.policy(ctx, ref, read)
}

// policy compiles what was read and lets its tests judge it.
func (w *world) policy(ctx context.Context, ref ast.Ref, read *sources) (*Policy, error) {
	if err := errors.Join(checkLiterals(w.schema, read.policies), checkLiterals(w.schema, read.tests)); err != nil {
		return nil, err
	}
	modules := maps.Clone(read.policies)
	maps.Copy(modules, read.shipped)
	// Looked at before compiling, which rewrites references.
	volatile := w.volatileUse(modules)
	compiler, err := w.compile(ctx, read, modules)
	if err != nil {
		return nil, err
	}
	if err := checkEntrypoint(compiler, ref); err != nil {
		return nil, err
	}
	if err := w.selftest(ctx, read, modules); err != nil {
		return nil, err
	}
	query, err := w.prepare(ctx, compiler, ref)
	if err != nil {
		return nil, err
	}
	timeout := w.settings.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	return &Policy{name: ref.String(), timeout: timeout, world: w, query: query, volatile: volatile, turns: newTurns(w.settings, timeout)}, nil
}

// Decide evaluates the entrypoint. An answer that comes after the deadline is an
// error like one that does not come.
func (p *Policy) Decide(ctx context.Context, in *authz.Input) (answer authz.Answer, err error) {
	defer func() {
		if r := recover(); r != nil {
			answer, err = authz.Answer{}, fmt.Errorf("evaluate %s: %w", p.name, authz.Panicked(r))
		}
	}()
	if err := p.turns.take(ctx); err != nil {
		return authz.Answer{}, err
	}
	defer p.turns.give()
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	document, err := newDocument(in)
	if err != nil {
		return authz.Answer{}, err
	}
	results, err := p.evaluate(ctx, document)
	if cause := authz.Ended(ctx); cause != nil {
		return authz.Answer{}, fmt.Errorf("evaluate %s: %w", p.name, cause)
	}
	if err != nil {
		return authz.Answer{}, fmt.Errorf("evaluate %s: %w", p.name, err)
	}
	answer, err = p.read(results)
	if err != nil {
		return authz.Answer{}, fmt.Errorf("read answer of %s: %w", p.name, err)
	}
	return answer, nil
}

// evaluate ends soon after its context does: the cancel is looked at between
// expressions and within long builtins.
func (p *Policy) evaluate(ctx context.Context, document ast.Value) (opa.ResultSet, error) {
	halt := topdown.NewCancel()
	defer context.AfterFunc(ctx, halt.Cancel)()
	return p.query.Eval(ctx, p.world.evaluation(document, halt)...)
}

// read takes the one value that an evaluation may have.
func (p *Policy) read(results opa.ResultSet) (authz.Answer, error) {
	switch {
	case len(results) == 0:
		return authz.Answer{}, errors.New("undefined")
	case len(results) > 1 || len(results[0].Expressions) != 1:
		return authz.Answer{}, errors.New("more than one value")
	}
	term, ok := results[0].Expressions[0].Value.(*ast.Term)
	if !ok || term == nil {
		return authz.Answer{}, errors.New("no value")
	}
	answer, err := readAnswer(term.Value)
	if err != nil {
		return authz.Answer{}, err
	}
	if answer.Rule == "" {
		answer.Rule = p.name
	}
	return answer, nil
}
