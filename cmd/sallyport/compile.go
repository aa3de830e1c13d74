package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/agentjwt"
	"github.com/sallyport-authz/sallyport/authz/keyplan"
	"github.com/sallyport-authz/sallyport/authz/outbound"
	"github.com/sallyport-authz/sallyport/authz/records"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// plan is what a configuration compiles to: everything that serve needs.
type plan struct {
	snapshot  *authz.Snapshot
	limits    authz.Limits
	listeners []listener
	lifetime  lifetime
	// cacheBytes bounds the remembered verdicts; 0 is a cache that is off.
	cacheBytes int64
	log        logPlan
	ops        opsPlan
	tracing    tracingPlan
	known      []*authz.Configured
	summary    summary
	warnings   []document.Problem
	store      storePlan
	// held are the fetched keys that it uses, until release.
	held *holdings
	// files are what all of this was read from, settings what cannot change
	// while the process runs.
	files    *inventory
	settings settings
	// reload says how changes are found.
	reload reloadPlan
}

// summary is what validate prints.
type summary struct {
	hosts, routes, connections, authenticators, policies int
	// operations are routes by method.
	operations int
	standings  []standing
}

// compiler turns one configuration into a plan. It is used once. Each part
// reports its problems and goes on; nothing is used where one was reported.
type compiler struct {
	*document.Report
	message *configv1.Config
	root    document.Cursor
	secrets secrets
	now     func() time.Time
	formats map[string]*authz.DenialFormat
	known   []*authz.Configured
	// generation is that of the snapshot.
	generation uint64
	process    process
	// outbound is nil where its settings were refused; authorities tells the
	// content of its ca from others.
	outbound    *outbound.Client
	authorities string
	held        *holdings
	// hosts are the authenticators by host that were made so far.
	hosts map[*configv1.HostTenant]madeKind
	// records are the sources by name; one that was refused is nil.
	records map[string]*records.Source
	// remember is settled before the routes are.
	remember  remembering
	standings []standing
	// issuersTold is that two issuers' callers were warned of.
	issuersTold bool
}

// source is what every compilation of a process begins from.
type source struct {
	file string
	now  func() time.Time
	process
}

// process is what every snapshot of a process shares: the secret of its keys, so
// that verdicts of the last one are replaced and not left behind, the account of
// what was revoked, the keys that are fetched (without a ring none are), and the
// store. began is the store that the process has, nil while it has not begun.
type process struct {
	keys    *keyplan.Keys
	changes *authz.Changes
	ring    *keyring
	vault   *vault
	began   *storePlan
	// used are the tokens that are good once and were used, whatever the snapshot.
	used *agentjwt.Memory
}

func newSource(file string, now func() time.Time) source {
	changes := &authz.Changes{}
	return source{file, now, process{
		keys: keyplan.NewKeys(), changes: changes, vault: &vault{changes: changes, by: itself()}, used: agentjwt.NewMemory(mostUsed),
	}}
}

// load reads and compiles a file once.
func load(ctx context.Context, file string, now func() time.Time) (*plan, error) {
	return newSource(file, now).load(ctx, newInventory(), 1)
}

// load reads and compiles. The error is a refusal: all problems by place. What
// was read is in files either way.
func (s source) load(ctx context.Context, files *inventory, generation uint64) (*plan, error) {
	r := &document.Report{}
	read, ok := readConfig(s.file, files, r)
	if !ok {
		return nil, r.Err()
	}
	c := &compiler{
		Report: r, message: read.message, root: read.root, now: s.now, generation: generation, process: s.process,
		secrets: secrets{folder: read.folder, files: files, lookup: os.LookupEnv}, held: &holdings{},
	}
	taken := false
	defer func() {
		if !taken { // refused, or a panic on its way
			c.held.release()
		}
	}()
	p := c.compile(ctx)
	if err := r.Err(); err != nil {
		return nil, err
	}
	p.warnings, p.files, p.settings, p.held = r.Warnings, files, settings{read.message, read.root, c.authorities}, c.held
	taken = true
	p.held.ready(ctx)
	return p, nil
}

// release gives back what a plan holds that is not used, or not any more. It may
// be called twice, and on nil.
func (p *plan) release() {
	if p != nil {
		p.held.release()
	}
}

// compile is the one list of parts, in the order in which they need each other.
func (c *compiler) compile(ctx context.Context) *plan {
	c.checkMode()
	c.checkScopes()
	c.outbound = c.newOutbound()
	p := &plan{limits: c.limits(), listeners: c.listeners(), log: c.decisionLog(), reload: c.reload(), ops: c.ops(), tracing: c.tracing(), store: c.store()}
	p.lifetime = c.lifetime(longestCheck(p.limits))
	c.records = c.recordSources()
	c.known = c.authenticators()
	c.formats = c.denials()
	carriers := carriersOf(c.known)
	p.known, p.log.view.Carriers = c.known, carriers
	snapshot := authz.Snapshot{Generation: c.generation, Carriers: carriers, Format: c.format(c.root.Field("denial"), c.message.GetDenial(), "")}
	policy := c.policy(ctx)
	if policy != nil {
		snapshot.Policy = policy
	}
	c.remember = c.remembering(policy)
	snapshot.Life, p.cacheBytes = c.remember.life, c.remember.bytes
	snapshot.Router, p.summary = c.router()
	p.summary.standings = c.standings
	p.summary.policies = len(c.message.GetPolicies().GetPaths())
	p.snapshot = authz.NewSnapshot(snapshot)
	return p
}

func carriersOf(all []*authz.Configured) []authz.Carrier {
	var carriers []authz.Carrier
	for _, configured := range all {
		carriers = append(carriers, configured.Carriers...)
	}
	return carriers
}

// refuseSecret reports an error of secrets.resolve in its own words.
func (c *compiler) refuseSecret(at document.Cursor, err error) {
	if words, ok := errors.AsType[secretError](err); ok {
		c.Refuse(at, words.what, words.expected, words.mend)
		return
	}
	c.Refuse(at, err.Error(), "env:NAME or file:path", "check the reference")
}
