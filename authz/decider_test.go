package authz_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
	"pgregory.net/rapid"
)

// The states that a carrier, or a host, can be in.
const (
	isAbsent      = "absent"
	isValid       = "valid"
	isRejected    = "rejected"
	isOdd         = "odd" // claimed, and refused by Extract
	isUnavailable = "unavailable"
	isMisshaped   = "misshaped" // no token: whose it is cannot be told
	isUnclaimed   = "unclaimed"
	isMangled     = "mangled"
	isRepeated    = "repeated"
)

// actor is one authenticator of a drawn world.
type actor struct {
	name      string
	carrier   authz.Carrier // zero: none
	state     string
	group     int // -1: known, not accepted
	onInvalid authz.OnInvalid
}

// world is one drawn request and route.
type world struct {
	joined                     bool
	actors                     []actor
	groups                     int
	unclaimed, header, cookies authz.Treatment
}

// judgement is what both deciders must agree on.
type judgement struct {
	Status     int // 200: allow
	Caller     string
	Downgraded bool
	Verified   []string
}

// judge is the rules of several credentials written down once more, as plainly
// as they can be said, for comparison with the flow.
func judge(w world) judgement {
	if w.any(func(a actor) bool { return a.state == isRepeated }) {
		return judgement{Status: 400}
	}
	if w.any(func(a actor) bool { return a.group < 0 && w.present(a) && w.treatment(a) == authz.Refuse }) {
		return judgement{Status: 401}
	}
	var j judgement
	for g := range w.groups {
		if w.judgeGroup(g, &j) {
			j.Downgraded = j.Downgraded && j.Status == 200
			return j
		}
	}
	return judgement{Status: 401, Verified: j.Verified}
}

// judgeGroup tells whether the group decides.
func (w world) judgeGroup(g int, j *judgement) bool {
	var claimed []actor
	unreadable, final := false, false
	for _, a := range w.actors {
		switch {
		case a.group != g || a.carrier.Kind == authz.NoCarrier || !w.present(a):
		case a.state == isMisshaped || a.state == isUnclaimed || a.state == isMangled:
			unreadable = true
			final = final || a.state == isUnclaimed || a.onInvalid != authz.NextOnInvalid
		default:
			claimed = append(claimed, a)
		}
	}
	switch {
	case len(claimed) > 1:
		j.Status = 400
		return true
	case unreadable && (final || len(claimed) > 0):
		j.Status = 401
		return true
	case unreadable:
		j.Downgraded = true
		return false
	case len(claimed) == 1:
		return claimed[0].judge(j)
	}
	for _, a := range w.actors {
		if a.group == g && a.carrier.Kind == authz.NoCarrier && a.judge(j) {
			return true
		}
	}
	return false
}

// judge tells whether this one decides.
func (a actor) judge(j *judgement) bool {
	if a.state != isOdd {
		j.Verified = append(j.Verified, a.name)
	}
	switch {
	case a.state == isValid:
		j.Status, j.Caller = 200, a.name
	case a.state == isUnavailable:
		j.Status = 503
	case a.state == isAbsent:
		return false
	case a.onInvalid == authz.NextOnInvalid:
		j.Downgraded = true
		return false
	default:
		j.Status = 401
	}
	return true
}

func (w world) present(a actor) bool {
	return a.carrier.Kind != authz.NoCarrier && a.state != isAbsent && (a.state != isUnclaimed || w.unclaimed == authz.Refuse)
}

func (w world) treatment(a actor) authz.Treatment {
	if a.carrier.Kind == authz.CookieCarrier {
		return w.cookies
	}
	return w.header
}

func (w world) any(is func(actor) bool) bool {
	return slices.ContainsFunc(w.actors, is)
}

func drawWorld(t *rapid.T) world {
	w := world{joined: rapid.Bool().Draw(t, "joined"), groups: rapid.IntRange(1, 4).Draw(t, "groups")}
	treatment := rapid.SampledFrom([]authz.Treatment{authz.Refuse, authz.Ignore})
	w.unclaimed, w.header, w.cookies = treatment.Draw(t, "unclaimed"), treatment.Draw(t, "header"), treatment.Draw(t, "cookie")
	carriers := []authz.Carrier{
		authz.InHeader("authorization"), authz.InHeader("x-a"), authz.InHeader("x-b"),
		authz.InCookie("one"), authz.InCookie("two"),
		{},
		{},
	}
	for i, carrier := range carriers {
		states := []string{isAbsent, isValid, isRejected, isOdd, isUnavailable, isMisshaped, isUnclaimed, isRepeated}
		switch {
		case carrier.Kind == authz.NoCarrier:
			states = []string{isAbsent, isValid, isUnavailable}
		case w.joined:
			states = append(states, isMangled)
		}
		name := fmt.Sprint("a", i)
		w.actors = append(w.actors, actor{
			name: name, carrier: carrier,
			// Twice as likely absent, lest nearly every request be a conflict.
			state:     rapid.SampledFrom(append(states, isAbsent, isAbsent, isAbsent)).Draw(t, name),
			group:     rapid.IntRange(-1, w.groups-1).Draw(t, name+" group"),
			onInvalid: rapid.SampledFrom([]authz.OnInvalid{authz.StopOnInvalid, authz.NextOnInvalid}).Draw(t, name+" on_invalid"),
		})
	}
	return w
}

// fake is the authenticator that the actor plays.
func (a actor) fake() *authntest.Fake {
	s := authntest.FakeSettings{
		Name: a.name, Carrier: a.carrier, OnInvalid: a.onInvalid,
		Callers:     map[string]authz.Caller{"k_valid": {Subject: a.name}},
		Malformed:   map[string]bool{"k_odd": true},
		Unavailable: map[string]bool{"k_unavailable": true},
	}
	if a.carrier.Kind == authz.NoCarrier {
		s.Callers = map[string]authz.Caller{}
		switch a.state {
		case isValid:
			s.Callers["api.example"] = authz.Caller{Subject: a.name}
		case isUnavailable:
			s.Unavailable["api.example"] = true
		}
		return authntest.NewFake(s)
	}
	s.Claims = []authz.Claim{{Shape: authz.ShapePrefix, Prefix: "k_"}}
	if a.carrier == authz.InHeader("authorization") {
		s.Claims[0].Scheme = "bearer"
	}
	return authntest.NewFake(s)
}

// headers put the state on the wire.
func (a actor) headers() []authz.Header {
	value := "k_" + a.state
	switch a.state {
	case isAbsent:
		return nil
	case isMisshaped:
		value = "k_ x"
	case isUnclaimed:
		value = "other"
	case isMangled:
		value = "k_!"
	}
	if a.carrier == authz.InHeader("authorization") {
		value = "Bearer " + value
	}
	h := header(a.carrier.Name, value)
	if a.carrier.Kind == authz.CookieCarrier {
		h = header("cookie", a.carrier.Name+"="+value)
	}
	if a.state == isRepeated {
		return []authz.Header{h, {Name: h.Name, Value: h.Value + "2"}}
	}
	return []authz.Header{h}
}

// TestFlowAgreesWithTheRules draws worlds and compares the flow's verdict, its
// caller and whom it asked to verify a secret with those of judge.
func TestFlowAgreesWithTheRules(t *testing.T) {
	const worlds = 10 // a draw's worth: some rules need three carriers in one state each
	rapid.Check(t, func(r *rapid.T) {
		for range worlds {
			compareFlow(t, r, drawWorld(r))
		}
	})
}

func compareFlow(t *testing.T, r *rapid.T, w world) {
	t.Helper()
	s := scene{
		accept: make([][]*authz.Configured, w.groups),
		route:  authz.Route{Unclaimed: w.unclaimed, UnacceptedHeader: w.header, UnacceptedCookie: w.cookies},
	}
	var fakes []*authntest.Fake
	var headers []authz.Header
	for _, a := range w.actors {
		fake := a.fake()
		fakes = append(fakes, fake)
		if a.carrier.Kind != authz.NoCarrier {
			headers = append(headers, a.headers()...)
		}
		if a.group < 0 {
			s.known = append(s.known, fake.Configured())
			continue
		}
		s.accept[a.group] = append(s.accept[a.group], fake.Configured())
	}
	got := judged(s.checkJoined(t, w.joined, headers...), fakes)
	want := judge(w)
	if diff := cmp.Diff(got, want, sorted()); diff != "" {
		r.Errorf("flow and rules differ (-flow +rules):\n%s\n%+v", diff, w)
	}
}

func judged(v authz.Verdict, fakes []*authntest.Fake) judgement {
	j := judgement{Status: v.Status, Caller: v.Trail.Caller.Subject, Downgraded: v.Trail.Caller.Downgraded}
	if v.Effect == authz.Allow {
		j.Status = 200
	}
	for _, fake := range fakes {
		for range fake.Verified() {
			j.Verified = append(j.Verified, fake.Configured().Name)
		}
	}
	return j
}
