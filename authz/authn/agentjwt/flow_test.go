package agentjwt_test

import (
	"context"
	"crypto/sha256"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/agentjwt"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
)

// The flow around the authenticator, as plain as it can be: one route, a policy that
// allows, a memory that loses nothing, a key that is the header's value.
type (
	only   struct{ match authz.Match }
	agreed struct{}
	byText struct{}
	own    struct{}
	kept   struct {
		mu   sync.Mutex
		kept map[authz.Digest]*authz.Remembered
	}
)

func (o only) Match(*authz.Attributes) (authz.Match, error) { return o.match, nil }

func (agreed) Decide(context.Context, *authz.Input) (authz.Answer, error) {
	return authz.Answer{Allow: true, TTL: -1}, nil
}

func (k *kept) Recall(d authz.Digest) *authz.Remembered {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.kept[d]
}

func (k *kept) Remember(d authz.Digest, r *authz.Remembered) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept[d] = r
}

func (byText) Digest(a *authz.Attributes, _ authz.Match) (authz.Digest, bool) {
	value, there := a.Request.Headers.Get("authorization")
	return sha256.Sum256([]byte(value)), there
}

func (own) Tenant(_ *authz.Attributes, _ authz.Match, c authz.Caller) (string, error) {
	if c.Tenant == "" {
		return "", authz.ErrNoTenant
	}
	return c.Tenant, nil
}

func (own) Reads() authz.Reads { return nil }

// flow decides with these settings, and remembers what may be remembered.
type flow struct {
	*authz.Authorizer
	memory *kept
}

func newFlow(t testing.TB, s agentjwt.Settings) flow {
	t.Helper()
	a, err := authz.NewAuthorizer(authz.Limits{InFlight: 4096, Timeout: time.Minute, Margin: 20 * time.Millisecond}, noon)
	if err != nil {
		t.Fatal(err)
	}
	f := flow{a, &kept{kept: map[authz.Digest]*authz.Remembered{}}}
	if err := f.Remembering(f.memory, &authz.Changes{}); err != nil {
		t.Fatal(err)
	}
	f.load(t, s, 1)
	return f
}

// load takes a new configuration over, as a reload does.
func (f flow) load(t testing.TB, s agentjwt.Settings, generation uint64) {
	t.Helper()
	a := authenticator(t, s)
	configured := &authz.Configured{Name: "agent", Kind: "agentjwt", Word: "agent", Traits: a.Traits(), Authenticator: a}
	claims, err := authz.NewClaims(nil, []*authz.Configured{configured})
	if err != nil {
		t.Fatal(err)
	}
	format, err := authz.NewDenialFormat([]authz.DenialRule{{Body: "{{.Code}} {{.Detail}}"}})
	if err != nil {
		t.Fatal(err)
	}
	route := &authz.Route{
		Kind: authz.Operation, ID: "r", Claims: claims, Accept: [][]*authz.Configured{{configured}}, Tenant: own{}, Plan: byText{}, Format: format,
	}
	f.Swap(authz.NewSnapshot(authz.Snapshot{
		Generation: generation, Router: only{authz.Match{Route: route}}, Policy: agreed{}, Life: authz.Life{Allow: time.Minute, Deny: 5 * time.Second},
	}))
}

func (f flow) check(t testing.TB, token string) authz.Verdict {
	t.Helper()
	return f.Check(t.Context(), &authz.Attributes{Request: &authz.Request{
		Method: "GET", Host: "api.prood.test", Path: "/v1/products",
		Headers: authz.Headers{List: []authz.Header{{Name: "authorization", Value: "Bearer " + token}}},
	}})
}

// want holds the next verdict to a status (200 is an allow) and a body.
func (f flow) want(t testing.TB, token string, status int, body string) {
	t.Helper()
	v := f.check(t, token)
	if v.Effect == authz.Allow {
		v.Status = 200
	}
	if v.Status != status || v.Body != body {
		t.Errorf("got %d %q (%v), want %d %q", v.Status, v.Body, v.Trail.Cause, status, body)
	}
}

// TestAnswers is P04, P06 and P07 by status and detail, and that who cannot sign is told
// the same of every agent.
func TestAnswers(t *testing.T) {
	past := noon()
	for _, row := range []struct {
		name   string
		change func(*agentjwt.Record)
		status int
		body   string
	}{
		{"P04/active", func(*agentjwt.Record) {}, 200, ""},
		{"P04/pending", func(r *agentjwt.Record) { r.Status = "pending" }, 403, "rejected agent_pending"},
		{"P04/revoked", func(r *agentjwt.Record) { r.Status = "revoked" }, 403, "rejected agent_revoked"},
		{"P04/rejected", func(r *agentjwt.Record) { r.Status = "rejected" }, 403, "rejected agent_rejected"},
		{"P04/claimed", func(r *agentjwt.Record) { r.Status = "claimed" }, 403, "rejected agent_claimed"},
		{"P04/expired", func(r *agentjwt.Record) { r.Status = "expired" }, 403, "rejected agent_expired"},
		{"P04/over", func(r *agentjwt.Record) { r.Expires = past }, 403, "rejected agent_expired"},
		{"P04/not over", func(r *agentjwt.Record) { r.Expires = past.Add(1) }, 200, ""},
		{"P04/unknown status", func(r *agentjwt.Record) { r.Status = "Active" }, 403, "rejected agent_inactive"},
		{"P04/no status", func(r *agentjwt.Record) { r.Status = "" }, 403, "rejected agent_inactive"},
		{"P06/not a member", func(r *agentjwt.Record) { r.Tenant = "C" }, 403, "rejected no_member"},
		{"P06/no longer a member", func(r *agentjwt.Record) { r.User = "bob" }, 403, "rejected no_member"},
		{"P06/a member of nothing", func(r *agentjwt.Record) { r.User, r.Tenant = "eve", "" }, 403, "tenant "},
		{"P06/nobody's", func(r *agentjwt.Record) { r.User = "" }, 403, "rejected no_member"},
		{"P06/nobody's, for no tenant", func(r *agentjwt.Record) { r.User, r.Tenant = "", "" }, 403, "tenant "},
		{"P07/no grants", granting(), 403, "rejected no_active_grants"},
		{"P07/pending grant", granting(agentjwt.Grant{Capability: "x", Status: "pending"}), 403, "rejected no_active_grants"},
		{"P07/expired grant", granting(agentjwt.Grant{Capability: "x", Status: "active", Expires: past}), 403, "rejected no_active_grants"},
		{"P07/limited grant", granting(agentjwt.Grant{Capability: "x", Status: "active", Constrained: true}), 403, "rejected no_active_grants"},
		{"P07/nameless grant", granted(""), 403, "rejected no_active_grants"},
	} {
		t.Run(row.name, func(t *testing.T) {
			ann, evil := newAgent(t), newAgent(t)
			record := ann.record()
			row.change(&record)
			f := newFlow(t, settings(register(record)))
			// An unsigned token neither tells what the agent is nor uses the jti up.
			f.want(t, evil.sign(t, head(), good()), 401, "rejected ")
			f.want(t, evil.claiming(t, "sub", "nobody"), 401, "rejected ")
			f.want(t, ann.claiming(t, "iss", "host-2"), 401, "rejected ")
			token := ann.sign(t, head(), good())
			f.want(t, token, row.status, row.body)
			if strings.HasPrefix(row.body, "rejected ") {
				f.want(t, token, row.status, row.body) // it used nothing up
				return
			}
			f.want(t, token, 401, "rejected jti_replay")
			f.want(t, ann.claiming(t, "n", 1), 401, "rejected jti_replay")
			f.want(t, ann.claiming(t, "jti", "j-2"), row.status, row.body)
		})
	}
	// Better Auth takes a revoked agent's key; no other agent's status is told unsigned.
	for status, want := range map[string]string{"revoked": "agent_revoked", "pending": "", "active": "", "expired": ""} {
		t.Run("P04/M25/without a key, "+status, func(t *testing.T) {
			ann := newAgent(t)
			record := ann.record()
			record.Key, record.Status = nil, status
			code := 401
			if want != "" {
				code = 403
			}
			newFlow(t, settings(register(record))).want(t, ann.sign(t, head(), good()), code, "rejected "+want)
		})
	}
	t.Run("P07/narrowed to nothing", func(t *testing.T) {
		ann := newAgent(t)
		f := newFlow(t, settings(register(ann.record())))
		f.want(t, ann.claiming(t, "capabilities", []string{}), 403, "rejected no_active_grants")
		f.want(t, ann.claiming(t, "capabilities", []string{"listproducts"}), 403, "rejected no_active_grants")
	})
}

// TestNeighbour: beside another authenticator of JWTs, agents' tokens alone are ours.
// Guard: Type in Traits.
func TestNeighbour(t *testing.T) {
	ann := newAgent(t)
	a := authenticator(t, settings(register(ann.record())))
	ours := &authz.Configured{Name: "agent", Kind: "agentjwt", Word: "agent", Traits: a.Traits(), Authenticator: a}
	jwt := authntest.NewFake(authntest.FakeSettings{
		Name: "jwt", Carrier: authz.InHeader("authorization"), Claims: []authz.Claim{{Scheme: "bearer", Shape: authz.ShapeJWT}},
	}).Configured()
	claims, err := authz.NewClaims(nil, []*authz.Configured{jwt, ours})
	if err != nil {
		t.Fatal(err)
	}
	for typ, want := range map[string]string{"agent+jwt": "claimed:agent", "Agent+JWT": "claimed:agent", "JWT": "claimed:jwt", "host+jwt": "claimed:jwt", "": "claimed:jwt"} {
		token := ann.sign(t, with(head(), "typ", typ), good())
		headers := authz.Headers{List: []authz.Header{{Name: "authorization", Value: "Bearer " + token}}}
		if got := claims.Standing(headers, authz.InHeader("authorization")); got != want {
			t.Errorf("typ %q: %s, want %s", typ, got, want)
		}
	}
}

// TestReplayAfterReload: another configuration, with an authenticator of another name even,
// takes no token that was used. The guard is that settings are given a Memory.
func TestReplayAfterReload(t *testing.T) {
	ann := newAgent(t)
	s := settings(register(ann.record()))
	s.MaxAge = 5 * time.Second
	f, token := newFlow(t, s), ann.sign(t, head(), good())
	f.want(t, token, 200, "")
	s.MaxAge, s.Skew, s.Audiences = time.Minute, agentjwt.MostSkew, []string{origin}
	f.load(t, s, 2)
	f.want(t, token, 401, "rejected jti_replay")
}

// TestCouldNotTell: where it is not known whether a token was used, nobody passes, and a
// token of a moment later may.
func TestCouldNotTell(t *testing.T) {
	ann := newAgent(t)
	full := settings(register(ann.record()))
	full.Memory = newMemory(1)
	f := newFlow(t, full)
	f.want(t, ann.sign(t, head(), good()), 200, "")
	f.want(t, ann.claiming(t, "jti", "j-2"), 503, "unavailable ")
	begun := settings(register(ann.record()))
	begun.Memory = agentjwt.NewMemory(100)
	f = newFlow(t, begun)
	f.want(t, ann.sign(t, head(), with(with(good(), "iat", after(-1)), "exp", after(30))), 503, "unavailable ")
	f.want(t, ann.sign(t, head(), good()), 200, "")
}

// TestEndedUsesNothingUp: a request that is over is not answered, so that its token may
// come again. Guard: authz.Ended in use.
func TestEndedUsesNothingUp(t *testing.T) {
	ann := newAgent(t)
	s := settings(patient{register(ann.record())})
	a, token := authenticator(t, s), ann.sign(t, head(), good())
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ask(ended, a, token); !unknown(err) {
		t.Errorf("got %v", err)
	}
	if _, err := ask(t.Context(), a, token); err != nil {
		t.Error(err)
	}
}

// patient looks up whatever becomes of the context.
type patient struct{ registry }

func (p patient) Agent(ctx context.Context, id string) (agentjwt.Record, authz.Basis, error) {
	return p.registry.Agent(context.WithoutCancel(ctx), id)
}

// TestOnceEach: of equal requests at once exactly one passes, through the whole flow,
// with a memory for verdicts. 1,000 tokens twice each, and one token 1,000 times.
// Guards: ReuseNever, the order within Memory.use, its mutex.
func TestOnceEach(t *testing.T) {
	ann := newAgent(t)
	f := newFlow(t, settings(register(ann.record())))
	for i := range 1000 {
		f.once(t, ann.claiming(t, "jti", "pair-"+strconv.Itoa(i)), 2)
	}
	for i := range 2 {
		f.once(t, ann.claiming(t, "jti", "crowd-"+strconv.Itoa(i)), 1000)
	}
	if len(f.memory.kept) != 0 {
		t.Errorf("%d verdicts are remembered", len(f.memory.kept))
	}
}

// once sends one token many times at once.
func (f flow) once(t testing.TB, token string, times int) {
	t.Helper()
	verdicts, start := make([]authz.Verdict, times), make(chan struct{})
	var group sync.WaitGroup
	for i := range verdicts {
		group.Go(func() {
			<-start
			verdicts[i] = f.check(t, token)
		})
	}
	close(start)
	group.Wait()
	allows := 0
	for _, v := range verdicts {
		switch {
		case v.Effect == authz.Allow:
			allows++
		case v.Status != 401 || v.Body != "rejected jti_replay":
			t.Errorf("got %d %q (%v)", v.Status, v.Body, v.Trail.Cause)
		}
	}
	if allows != 1 {
		t.Errorf("%d of %d passed", allows, times)
	}
}
