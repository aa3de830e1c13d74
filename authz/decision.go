package authz

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// ErrNoRoute: the caller is known, and the operation is declared nowhere.
var ErrNoRoute = errors.New("no route declared")

// decision is one Check on its way from attributes to verdict. Its fields are
// filled in the order of the flow, by one goroutine.
type decision struct {
	snapshot   *Snapshot
	attributes *Attributes
	now        func() time.Time

	match  Match
	caller Caller
	tenant string
	tried  []Tried
	// rule is the stage that is at work, or the policy's rule.
	rule string
	// decided is the authenticator that settled who calls.
	decided string

	// What is remembered: start and tick are from before anything was looked at,
	// basis and ttl are what the findings and the policy allow, finished tells
	// that the evaluation came to its end.
	start    time.Time
	changes  *Changes
	tick     uint64
	digest   Digest
	keyed    bool
	basis    Basis
	gates    []gate
	ttl      time.Duration
	finished bool
	state    CacheState
	search   *search
}

// route finds the route; everything after it knows the host's denial format.
func (d *decision) route() error {
	d.rule = "route"
	match, err := d.snapshot.Router.Match(d.attributes)
	if match.Route != nil {
		d.match = match
	}
	if err != nil {
		return fmt.Errorf("match route: %w", only(err, ErrAmbiguous))
	}
	if match.Route == nil {
		return errors.New("match route: router gave none")
	}
	return d.refuseUnderscores()
}

// refuseUnderscores refuses names that an upstream may take for a carrier or
// an identity header: many servers read "_" and "-" as the same.
func (d *decision) refuseUnderscores() error {
	if d.attributes.Request == nil {
		return nil
	}
	for _, h := range d.attributes.Request.Headers.List {
		if d.snapshot.underscored(h.Name) {
			return fmt.Errorf("%w: header %q", ErrAmbiguous, h.Name)
		}
	}
	return nil
}

// safely runs the flow and turns a panic into a denial.
func (d *decision) safely(ctx context.Context) (verdict Verdict) {
	defer func() {
		if r := recover(); r != nil {
			verdict = d.deny(Panicked(r))
		}
	}()
	answer, err := d.run(ctx)
	if err != nil {
		d.finished = Ended(ctx) == nil
		return d.deny(err)
	}
	d.ttl = answer.TTL
	return d.conclude(ctx, answer)
}

// run is the flow after the match: caller, tenant, policy.
func (d *decision) run(ctx context.Context) (Answer, error) {
	if d.match.Route.Kind == Preflight {
		d.rule = "preflight"
		return Answer{Allow: true}, nil
	}
	if err := d.identify(ctx); err != nil {
		return Answer{}, err
	}
	switch d.match.Route.Kind {
	case Operation, Connection:
		return d.evaluate(ctx)
	case NothingDeclared:
		d.rule = "route"
		return Answer{}, ErrNoRoute
	default:
		return Answer{}, fmt.Errorf("route kind %d is unknown", d.match.Route.Kind)
	}
}

// look finds what the request carries, without secrets and without I/O.
func (d *decision) look() (err error) {
	if d.match.Route.Kind == Preflight {
		return nil
	}
	defer func() {
		if r := recover(); r != nil {
			err = Panicked(r)
		}
	}()
	d.rule = "caller"
	d.search = &search{route: d.match.Route, attributes: d.attributes, now: d.now(), basis: Lasting()}
	err = d.search.extract()
	d.tried, d.decided = d.search.tried, d.search.decided
	return err
}

// reusable reports whether every authenticator that may be asked lets its
// credential be used again.
func (d *decision) reusable() bool { return d.search != nil && d.search.reusable() }

func (d *decision) identify(ctx context.Context) error {
	if d.search == nil {
		return errors.New("nobody looked at what the request carries")
	}
	d.rule = "caller"
	caller, err := d.search.identify(ctx)
	d.caller, d.tried, d.decided, d.basis = caller, d.search.tried, d.search.decided, d.search.basis
	d.gates = d.search.gates
	return err
}

func (d *decision) evaluate(ctx context.Context) (Answer, error) {
	d.rule = "tenant"
	if d.match.Route.Tenant == nil {
		return Answer{}, errors.New("route declares no tenant source")
	}
	tenant, err := d.match.Route.Tenant.Tenant(d.attributes, d.match, d.caller)
	if err != nil {
		return Answer{}, fmt.Errorf("find tenant: %w", only(err, ErrAmbiguous, ErrNoTenant))
	}
	d.tenant = tenant
	if err := d.belong(ctx); err != nil {
		return Answer{}, err
	}
	d.rule = "policy"
	answer, err := d.snapshot.Policy.Decide(ctx, d.input())
	if err != nil {
		return Answer{}, fmt.Errorf("evaluate policy: %w", only(err, ErrBusy))
	}
	if answer.Rule != "" {
		d.rule = answer.Rule
	}
	return answer, nil
}

// conclude makes the verdict of a finished evaluation. The context is looked
// at once more: what ends during an evaluation must not pass for finished.
func (d *decision) conclude(ctx context.Context, answer Answer) Verdict {
	if err := Ended(ctx); err != nil {
		return d.deny(fmt.Errorf("decide: %w", err))
	}
	d.finished = true
	for _, h := range slices.Concat(answer.Headers, answer.ResponseHeaders) {
		if err := sendableByPolicy(h); err != nil {
			return d.deny(fmt.Errorf("policy: %w", err))
		}
	}
	if !answer.Allow {
		return d.denyAnswer(answer)
	}
	verdict, err := d.allow(answer)
	if err != nil {
		return d.deny(err)
	}
	return verdict
}

func (d *decision) allow(answer Answer) (Verdict, error) {
	c, err := d.snapshot.upstream(d.attributes, d.match.Route, d.caller, d.tenant)
	if err != nil {
		return Verdict{}, fmt.Errorf("tell the upstream: %w", err)
	}
	for _, h := range answer.Headers {
		if err := d.snapshot.policySet(&c, h); err != nil {
			return Verdict{}, fmt.Errorf("policy: %w", err)
		}
	}
	if d.match.Route.Kind == Preflight {
		c.dropOverrides()
	}
	return Verdict{
		Effect: Allow, Headers: answer.ResponseHeaders, Upstream: c.set, Remove: c.remove,
		Metadata: answer.Metadata, Trail: d.trail(nil, ""),
	}, nil
}

// deny is the one switch that turns errors into denials. Its default is that
// nobody can tell.
func (d *decision) deny(err error) Verdict {
	var (
		reason Reason
		status int
	)
	switch {
	case errors.Is(err, ErrAmbiguous):
		reason = Malformed
	case errors.Is(err, ErrConflict):
		reason = Conflict
	case errors.Is(err, ErrMalformed):
		reason, status = Malformed, d.match.Route.malformedStatus()
	case errors.Is(err, ErrRejected):
		reason = Rejected
	case errors.Is(err, ErrBarred):
		reason, status = Rejected, http.StatusForbidden
	case errors.Is(err, ErrChannel):
		reason = InsecureTransport
	case errors.Is(err, ErrThrottled):
		reason = Throttled
	case errors.Is(err, ErrAbsent):
		reason = Unauthenticated
	case errors.Is(err, ErrNoTenant), errors.Is(err, ErrNotMember):
		reason = WrongTenant
	case errors.Is(err, ErrNoRoute):
		reason = NoRoute
	default:
		reason = Unavailable
	}
	return d.refusal(Answer{Reason: reason, Status: status}, err)
}

// denyAnswer is a denial that a policy asked for in due form.
func (d *decision) denyAnswer(answer Answer) Verdict {
	if !answer.Reason.Known() {
		answer.Reason = ByPolicy
	}
	if answer.Status != 0 {
		if err := SendableStatus(answer.Status, ""); err != nil {
			return d.deny(fmt.Errorf("policy: %w", err))
		}
	}
	return d.refusal(answer, nil)
}

// refusal gives a denial the look that the route's format asks for.
func (d *decision) refusal(answer Answer, cause error) Verdict {
	route := d.match.Route
	status := answer.Status
	if status == 0 {
		status = answer.Reason.Status()
	}
	fields := DenialFields{Code: string(answer.Reason), Status: status, Message: answer.Message, Scopes: joinScopes(route.Scopes)}
	if answer.Reason != Unavailable {
		fields.Detail = detail(cause)
	}
	status, headers, body := route.Format.reply(answer.Reason, status, fields, d.decided)
	if err := SendableStatus(status, body); err != nil {
		return d.deny(fmt.Errorf("policy: %w", err))
	}
	return Verdict{
		Effect: Deny, Reason: answer.Reason, Status: status, Body: body,
		Headers:  denialHeaders(route, answer, status, headers),
		Metadata: answer.Metadata, Trail: d.trail(cause, answer.Message),
	}
}

func (d *decision) trail(cause error, message string) Trail {
	return Trail{
		Generation: d.snapshot.Generation, Route: d.match.Route, Path: d.match.Path, Params: d.match.Params,
		Tenant: d.tenant, Caller: d.caller, Tried: d.tried, Rule: d.rule, Message: message, Cause: cause, Cache: d.state,
	}
}
