package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// passwords asks for more slow hashes than a processor has time for (threats.md, T-F4).
func passwords() Case {
	return Case{
		Name:  "passwords",
		About: "beside 200 wrong passwords a second from one address, or 200 returning tokens with slow hashes, a good credential is refused or others wait",
		Steps: 25,
		Open:  openPasswords,
	}
}

const (
	passwordsConfiguration = `server: {drain: 0s, listeners: [{address: "unix:DIR/authz.sock", scheme: trusted}]}
scopes: [read]
store: {path: data, keys: [{id: k1, secret: "file:server.key"}]}
authenticators:
  - {name: token, token: {prefixes: [mbz_, pfy_]}}
  - {name: jwt, jwt: {issuer: "https://issuer.test", audiences: [torture], algorithms: [HS256], jwks_file: "file:jwks.json"}}
  - {name: basic, basic: {principals: [machine]}}
hosts:
  - {name: api, match: [api.example.com], accept: [[token, jwt, basic]], tenant: none, routes: [{methods: [GET], path: /key, scopes: [read]}]}
decision_log: {off: true}
`
	// wrongRate and goodRate are Checks a second, judged over phases.
	wrongRate, goodRate = 200, 200
	phase               = 6 * time.Second
	// At the median of so many steps the good ones may wait so many times as long as
	// in an idle phase before.
	judged      = 5
	mostMiddle  = 1.5
	mostSlowest = 3.0
	// oneAddress is a load balancer's, behind which everybody is.
	oneAddress = "192.0.2.7"
)

// pressing is the campaign.
type pressing struct {
	Setting
	program *storeProgram
	// good are credentials that pass: tokens, JWTs and a password that is remembered.
	good      []string
	returning *returning
	seen      struct {
		wrong           map[int]int
		middle, slowest []float64
		idle, pressed   [2]time.Duration
		good            int
	}
}

func openPasswords(ctx context.Context, setting Setting) (Campaign, error) {
	file, err := buildStoreProgram(ctx, setting.Dir)
	if err != nil {
		return nil, err
	}
	p := &pressing{Setting: setting}
	p.seen.wrong = map[int]int{}
	if p.program, err = newStoreProgram(file, filepath.Join(setting.Dir, "passwords"), passwordsConfiguration); err != nil {
		return nil, err
	}
	signer := newHMACIssuer(random(setting.Seed, 0))
	if err := put(filepath.Join(p.program.dir, "jwks.json"), signer.keySet()); err != nil {
		return nil, err
	}
	if _, err := p.program.start(ctx); err != nil {
		return nil, err
	}
	p.returning = &returning{tokens: 200, untimed: setting.Untimed}
	if setting.Untimed {
		p.returning.tokens = 4
	}
	return p, errors.Join(p.prepare(ctx, signer), p.returning.prepare(ctx, p.program, random(setting.Seed, 1)))
}

// prepare makes who passes.
func (p *pressing) prepare(ctx context.Context, signer hmacIssuer) error {
	const each = 10
	for i := range each {
		c := &contestant{client: p.program.admin, name: fmt.Sprint("good", i)}
		if _, err := c.mint(ctx, "mbz_", "", ""); err != nil {
			return err
		}
		p.good = append(p.good, c.shows, "Bearer "+signer.token(fmt.Sprint("user", i)))
	}
	// By PutPrincipal, as people's passwords are: with all rounds.
	c := &contestant{name: "svc"}
	if _, err := p.program.admin.PutPrincipal(ctx, &adminv1.PutPrincipalRequest{Password: "right", Principal: &adminv1.Principal{
		Kind: "machine", Name: c.name, Login: "password", Grant: c.grant(""),
	}}); err != nil {
		return fmt.Errorf("put: %w", err)
	}
	c.basic("right")
	p.good = append(p.good, c.shows)
	return nil
}

// Run implements Campaign.
func (p *pressing) Run(ctx context.Context, from, to uint64) error {
	return inTurn(ctx, from, to, p.step)
}

// step is a phase without wrong passwords and one with them, and now and then a
// restart to which slow tokens return.
func (p *pressing) step(ctx context.Context, number uint64) error {
	returned := number%judged == 0
	if returned {
		if err := p.returning.run(ctx, p.program, p.traffic(), p.hashed); err != nil {
			return err
		}
	}
	lasting := phase
	if p.Untimed {
		lasting = time.Second
	}
	if err := p.remembered(ctx); err != nil {
		return err
	}
	idle, err := p.passed(p.traffic().run(ctx, lasting))
	if err != nil {
		return fmt.Errorf("idle: %w", err)
	}
	if returned && !p.Untimed {
		if err := p.returning.judge(idle); err != nil {
			return err
		}
	}
	wrong := make(chan []streamed, 1)
	go func() { wrong <- p.attack(number).run(ctx, lasting) }()
	pressed, err := p.passed(p.traffic().run(ctx, lasting))
	if err := errors.Join(err, p.repelled(<-wrong)); err != nil {
		return fmt.Errorf("beside wrong passwords: %w", err)
	}
	return p.judge(idle, pressed)
}

// remembered asks once for everybody, until a slow hash is over.
func (p *pressing) remembered(ctx context.Context) error {
	for _, shows := range p.good {
		if err := p.returning.until(ctx, p.program, shows, oneAddress); err != nil {
			return err
		}
	}
	return nil
}

// traffic is of good credentials.
func (p *pressing) traffic() stream {
	return stream{goodRate, func(ctx context.Context, number int) (reply, error) {
		return p.program.ask(ctx, question{shows: p.good[number%len(p.good)], address: oneAddress})
	}}
}

// hashed tells of each Check of traffic whether it costs a slow hash until it is
// remembered: that of the password does, which stands last.
func (p *pressing) hashed(number int) bool { return number%len(p.good) == len(p.good)-1 }

// attack is of wrong passwords: another one each time, of a known name or of none.
func (p *pressing) attack(step uint64) stream {
	return stream{wrongRate, func(ctx context.Context, number int) (reply, error) {
		c := &contestant{name: "svc"}
		if number%2 == 1 {
			c.name = fmt.Sprint("nobody", number)
		}
		c.basic(fmt.Sprintf("wrong %d %d", step, number))
		return p.program.ask(ctx, question{shows: c.shows, address: oneAddress})
	}}
}

// passed wants all to have been allowed, and gives how long they took.
func (p *pressing) passed(all []streamed) ([]time.Duration, error) {
	for i, one := range all {
		if one.err != nil || one.status != 200 {
			return nil, fmt.Errorf("good credential %d was answered %+v: %w", i%len(p.good), one.reply, one.err)
		}
	}
	p.seen.good += len(all)
	return times(all), nil
}

// repelled wants none to have been allowed.
func (p *pressing) repelled(all []streamed) error {
	for _, one := range all {
		switch {
		case one.err != nil:
			return one.err
		case one.status != 401 && one.status != 429 && (one.status != 503 || one.retry == ""):
			return fmt.Errorf("a wrong password was answered %+v", one.reply)
		}
		p.seen.wrong[one.status]++
	}
	return nil
}

// judge compares the two phases, by the median of the last steps.
func (p *pressing) judge(idle, pressed []time.Duration) error {
	s := &p.seen
	s.idle, s.pressed = [2]time.Duration{quantile(idle, 50), quantile(idle, 99)}, [2]time.Duration{quantile(pressed, 50), quantile(pressed, 99)}
	s.middle = append(s.middle, float64(s.pressed[0])/float64(s.idle[0]))
	s.slowest = append(s.slowest, float64(s.pressed[1])/float64(s.idle[1]))
	if len(s.middle) < judged || p.Untimed {
		return nil
	}
	middle, slowest := percentile(s.middle[len(s.middle)-judged:], 50), percentile(s.slowest[len(s.slowest)-judged:], 50)
	if middle > mostMiddle || slowest > mostSlowest {
		return fmt.Errorf("good credentials wait %.2f times as long at p50 and %.2f at p99: %s", middle, slowest, p)
	}
	return nil
}

// String tells what was seen.
func (p *pressing) String() string {
	s := &p.seen
	return fmt.Sprintf("%d good Checks passed; wrong passwords by status: %v; beside them p50 is %.2f and p99 %.2f times idle (medians; last step %s and %s, idle %s and %s); %s",
		s.good, s.wrong, percentile(s.middle, 50), percentile(s.slowest, 50), s.pressed[0], s.pressed[1], s.idle[0], s.idle[1], p.returning)
}

// Close implements Campaign.
func (p *pressing) Close() error { return p.program.kill() }
