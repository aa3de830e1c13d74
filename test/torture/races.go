package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// races changes what callers may do while they ask.
func races() Case {
	return Case{
		Name:  "races",
		About: "a Check that began after a revocation had returned is not refused for it, or one that began after a grant had returned is refused",
		Steps: 1400, // of which 1000 are revocations
		Open:  openContending,
	}
}

const racesConfiguration = `server: {drain: 0s, listeners: [{address: "unix:DIR/authz.sock", scheme: trusted}]}
scopes: [read, write]
store: {path: data, keys: [{id: k1, secret: "file:server.key"}]}
authenticators:
  - {name: token, token: {prefixes: [mbz_, pfy_]}}
  - {name: basic, basic: {principals: [machine]}}
  - {name: shop, host: {store: true, scopes: [read]}}
hosts:
  - name: api
    match: [api.example.com]
    accept: [[token, basic]]
    routes:
      - {methods: [GET], path: /key, scopes: [read], tenant: none}
      - {methods: [GET], path: /member, scopes: [read]}
  - {name: shops, match: ["*"], accept: [shop], routes: [{methods: [GET], path: /shop, scopes: [read]}]}
decision_log: {off: true}
cache: {ttl: 60s, deny_ttl: 60s}
`

// mostLead is how long callers may ask before the change begins.
const mostLead = 2 * time.Millisecond

// contending is the campaign.
type contending struct {
	seed    uint64
	program *storeProgram
	seen    chased
	won     map[string]int
}

func openContending(ctx context.Context, setting Setting) (Campaign, error) {
	file, err := buildStoreProgram(ctx, setting.Dir)
	if err != nil {
		return nil, err
	}
	r := &contending{seed: setting.Seed, won: map[string]int{}}
	if r.program, err = newStoreProgram(file, filepath.Join(setting.Dir, "races"), racesConfiguration); err != nil {
		return nil, err
	}
	_, err = r.program.start(ctx)
	return r, err
}

// Run implements Campaign.
func (r *contending) Run(ctx context.Context, from, to uint64) error {
	return inTurn(ctx, from, to, r.step)
}

// step is one race. Kinds come in turn, warm and cold.
func (r *contending) step(ctx context.Context, number uint64) error {
	all := contests()
	kind := all[number%uint64(len(all))]
	warm := number/uint64(len(all))%2 == 0
	draw := random(r.seed, number)
	runner := &contestant{
		client: r.program.admin, name: fmt.Sprintf("r%d-%x", number, draw.Uint32()), random: draw,
		question: question{address: fmt.Sprintf("10.%d.%d.%d", byte(number>>16), byte(number>>8), byte(number))},
	}
	c, err := kind.chase(ctx, runner, r.program.ask)
	if err != nil {
		return fmt.Errorf("%s: prepare: %w", kind.name, err)
	}
	c.warm, c.lead = warm, time.Duration(draw.Int64N(int64(mostLead)))
	if err := c.run(ctx, &r.seen); err != nil {
		return fmt.Errorf("%s, warm: %t: %w", kind.name, warm, err)
	}
	r.won[kind.name]++
	return nil
}

// String tells what was seen.
func (r *contending) String() string {
	return fmt.Sprintf("%v: %d Checks ended before the change returned, %d while it did, and %d began afterwards and were all answered by it, each refusal for the reason that it has to have; beside them %d were told to come back",
		r.won, r.seen.before.Load(), r.seen.during.Load(), r.seen.after.Load(), r.seen.later.Load())
}

// Close implements Campaign.
func (r *contending) Close() error { return r.program.kill() }

// contestant is a caller in a race, and who administers them.
type contestant struct {
	client adminv1.AdminServiceClient
	name   string
	random *rand.Rand
	// question is what they ask.
	question
}

func (c *contestant) grant(tenant string) *adminv1.Grant {
	return &adminv1.Grant{Subject: c.name, Tenant: tenant, Scopes: []string{"read"}}
}

// basic shows a name and a password.
func (c *contestant) basic(password string) {
	c.shows = "Basic " + base64.StdEncoding.EncodeToString([]byte(c.name+":"+password))
}

// password has few rounds, which only an imported one may: what races is not the hash.
// There are so many that chasers join one that runs, and few are throttled.
func (c *contestant) password(password string) (string, error) {
	const rounds = 30_000
	return pbkdf2Text(password, rounds, c.random)
}
