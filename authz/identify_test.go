package authz_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
)

// TestThreeOutcomes: absent falls to the next group, bad is final, could-not-tell
// is neither. Guards: search.identify's errors.Is(err, ErrAbsent) alone goes on;
// search.invalid's OnInvalid; the default of search.verify.
func TestThreeOutcomes(t *testing.T) {
	cases := []struct {
		name      string
		onInvalid authz.OnInvalid
		headers   []authz.Header
		want      outcome
		subject   string
	}{
		{"absent: next", authz.StopOnInvalid, nil, allowed(), "host"},
		{"valid", authz.StopOnInvalid, []authz.Header{header("cookie", "sess=alice")}, allowed(), "alice"},
		{"rejected: final", authz.StopOnInvalid, []authz.Header{header("cookie", "sess=mallory")}, denied(authz.Rejected, 401), ""},
		{"malformed: final", authz.StopOnInvalid, []authz.Header{header("cookie", "sess=odd")}, denied(authz.Malformed, 401), ""},
		{"expired: final", authz.StopOnInvalid, []authz.Header{header("cookie", "sess=old")}, denied(authz.Rejected, 401), ""},
		{"unavailable: 503", authz.StopOnInvalid, []authz.Header{header("cookie", "sess=down")}, denied(authz.Unavailable, 503), ""},
		{"rejected, on_invalid next", authz.NextOnInvalid, []authz.Header{header("cookie", "sess=mallory")}, allowed(), "host"},
		{"expired, on_invalid next", authz.NextOnInvalid, []authz.Header{header("cookie", "sess=old")}, allowed(), "host"},
		{"unavailable, on_invalid next: still 503", authz.NextOnInvalid, []authz.Header{header("cookie", "sess=down")}, denied(authz.Unavailable, 503), ""},
		{"unknown on_invalid is final", authz.OnInvalid(9), []authz.Header{header("cookie", "sess=mallory")}, denied(authz.Rejected, 401), ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := scene{accept: [][]*authz.Configured{group(onCookie(c.onInvalid)), group(byHost())}}
			got := s.check(t, c.headers...)
			c.want.compare(t, got)
			if got.Trail.Caller.Subject != c.subject {
				t.Errorf("caller %q, want %q", got.Trail.Caller.Subject, c.subject)
			}
		})
	}
}

// TestDowngraded: the policy is told that a better credential was refused, and
// only then. Guard: search.identify sets Downgraded.
func TestDowngraded(t *testing.T) {
	for value, want := range map[string]bool{"sess=mallory": true, "other=1": false} {
		var seen bool
		s := scene{
			accept: [][]*authz.Configured{group(onCookie(authz.NextOnInvalid)), group(byHost())},
			policy: policyFunc(func(_ context.Context, in *authz.Input) (authz.Answer, error) {
				seen = in.Caller.Downgraded
				return authz.Answer{Allow: true}, nil
			}),
		}
		allowed().compare(t, s.check(t, header("cookie", value)))
		if seen != want {
			t.Errorf("%s: downgraded %v, want %v", value, seen, want)
		}
	}
}

// odd answers as an authenticator must not.
type odd struct {
	authz.Authenticator
	err error
}

func (o odd) Authenticate(context.Context, authz.Credential) (authz.Caller, authz.Basis, error) {
	return authz.Caller{Subject: "mallory"}, authz.Basis{}, o.err
}

// TestOutcomeIsItsSentinelAlone: what an error wraps besides its outcome does
// not lead to the next group, nor to another denial. Guard: type outcome.
func TestOutcomeIsItsSentinelAlone(t *testing.T) {
	cases := []struct {
		name string
		err  error
		want outcome
	}{
		{"rejected that wraps absent", fmt.Errorf("%w: %w", authz.ErrRejected, authz.ErrAbsent), denied(authz.Rejected, 401)},
		{"malformed that wraps absent", fmt.Errorf("%w: %w", authz.ErrMalformed, authz.ErrAbsent), denied(authz.Malformed, 401)},
		{"barred", authz.ErrBarred, denied(authz.Rejected, 403)},
		{"barred that wraps absent", fmt.Errorf("%w: %w", authz.ErrBarred, authz.ErrAbsent), denied(authz.Rejected, 403)},
		{"rejected that wraps barred", fmt.Errorf("%w: %w", authz.ErrRejected, authz.ErrBarred), denied(authz.Rejected, 401)},
		{"throttled", authz.ErrThrottled, denied(authz.Throttled, 429)},
		{"throttled that wraps absent", fmt.Errorf("%w: %w", authz.ErrThrottled, authz.ErrAbsent), denied(authz.Throttled, 429)},
		{"absent of a carrier that is there", authz.ErrAbsent, denied(authz.Unavailable, 503)},
		{"sentinel of another seam", authz.ErrNoTenant, denied(authz.Unavailable, 503)},
		{"conflict", authz.ErrConflict, denied(authz.Unavailable, 503)},
		{"ambiguous", authz.ErrAmbiguous, denied(authz.Unavailable, 503)},
		{"no route", authz.ErrNoRoute, denied(authz.Unavailable, 503)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			key := *onHeader().Configured()
			key.Authenticator = odd{key.Authenticator, c.err}
			s := scene{accept: [][]*authz.Configured{{&key}, group(byHost())}}
			c.want.compare(t, s.check(t, header("x-api-key", "alice")))
		})
	}
}

// TestThrottledIsFinal: nobody looked at the credential, so that on_invalid does
// not speak of it. Guard: ErrThrottled's case in search.verify.
func TestThrottledIsFinal(t *testing.T) {
	session := *onCookie(authz.NextOnInvalid).Configured()
	session.Authenticator = odd{session.Authenticator, authz.ErrThrottled}
	s := scene{accept: [][]*authz.Configured{{&session}, group(byHost())}}
	got := s.check(t, header("cookie", "sess=alice"))
	denied(authz.Throttled, 429).compare(t, got)
	if want := (authz.Header{Name: "retry-after", Value: "1"}); !slices.Contains(got.Headers, want) {
		t.Errorf("headers %v, want %v among them", got.Headers, want)
	}
	if tried := got.Trail.Tried; len(tried) != 1 || tried[0].Outcome != authz.OutcomeThrottled {
		t.Errorf("tried %v", tried)
	}
}

// TestGroups: all carriers are looked at before any secret is checked; the
// first group that is present decides. Guards: len(claimed) > 1 in
// search.group; the order of its cases; search.members' group test.
func TestGroups(t *testing.T) {
	cases := []struct {
		name              string
		grouped           bool // bearer alone in the second group
		headers           []authz.Header
		want              outcome
		key, sess, bearer int // how often a secret was checked
	}{
		{"two valid in one group", false, []authz.Header{header("x-api-key", "alice"), header("authorization", "Bearer alice")}, denied(authz.Conflict, 400), 0, 0, 0},
		{"two bad in one group", false, []authz.Header{header("x-api-key", "odd"), header("cookie", "sess=mallory")}, denied(authz.Conflict, 400), 0, 0, 0},
		{"valid above valid", true, []authz.Header{header("x-api-key", "alice"), header("authorization", "Bearer alice")}, allowed(), 1, 0, 0},
		{"valid above bad", true, []authz.Header{header("x-api-key", "alice"), header("authorization", "Bearer mallory")}, allowed(), 1, 0, 0},
		{"bad above valid", true, []authz.Header{header("x-api-key", "mallory"), header("authorization", "Bearer alice")}, denied(authz.Rejected, 401), 1, 0, 0},
		{"only the lower", true, []authz.Header{header("authorization", "Bearer alice")}, allowed(), 0, 0, 1},
		{"malformed above valid", true, []authz.Header{header("x-api-key", "a b"), header("authorization", "Bearer alice")}, denied(authz.Malformed, 401), 0, 0, 0},
		{"malformed below valid", true, []authz.Header{header("x-api-key", "alice"), header("authorization", "Bearer a b")}, allowed(), 1, 0, 0},
		{"unclaimed below valid", true, []authz.Header{header("x-api-key", "alice"), header("authorization", "Negotiate abc")}, allowed(), 1, 0, 0},
		{"malformed beside valid", false, []authz.Header{header("x-api-key", "alice"), header("authorization", "Bearer a b")}, denied(authz.Malformed, 401), 0, 0, 0},
		{"repeated below valid", true, []authz.Header{header("x-api-key", "alice"), header("authorization", "Bearer a"), header("authorization", "Bearer a")}, denied(authz.Conflict, 400), 0, 0, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			key, sess, bearer := onHeader(), onCookie(authz.StopOnInvalid), onBearer()
			s := scene{accept: [][]*authz.Configured{group(key, sess, bearer)}}
			if c.grouped {
				s.accept = [][]*authz.Configured{group(key, sess), group(bearer)}
			}
			got := s.check(t, c.headers...)
			c.want.compare(t, got)
			if diff := cmp.Diff([]int{key.Verified(), sess.Verified(), bearer.Verified()}, []int{c.key, c.sess, c.bearer}); diff != "" {
				t.Errorf("secrets checked (-got +want):\n%s", diff)
			}
		})
	}
}

// TestUnaccepted: a credential that the route does not accept is refused in a
// header before any secret is checked, and ignored in a cookie, unless the
// route says otherwise. Guards: search.refuseStrangers, search.treatment.
func TestUnaccepted(t *testing.T) {
	inHeader, inCookie := header("authorization", "Bearer alice"), header("cookie", "sess=alice")
	cases := []struct {
		name      string
		header    authz.Treatment
		cookie    authz.Treatment
		presented authz.Header
		want      outcome
	}{
		{"header refused", authz.Refuse, authz.Ignore, inHeader, denied(authz.Rejected, 401)},
		{"header ignored", authz.Ignore, authz.Ignore, inHeader, allowed()},
		{"cookie ignored", authz.Refuse, authz.Ignore, inCookie, allowed()},
		{"cookie refused", authz.Ignore, authz.Refuse, inCookie, denied(authz.Rejected, 401)},
		{"unknown treatment of a header refuses", authz.Treatment(9), authz.Ignore, inHeader, denied(authz.Rejected, 401)},
		{"unknown treatment of a cookie refuses", authz.Ignore, authz.Treatment(9), inCookie, denied(authz.Rejected, 401)},
		{"unclaimed header refused", authz.Refuse, authz.Ignore, header("authorization", "Negotiate x"), denied(authz.Malformed, 401)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			key, bearer, sess := onHeader(), onBearer(), onCookie(authz.StopOnInvalid)
			s := scene{
				known:  group(bearer, sess),
				accept: [][]*authz.Configured{group(key)},
				route:  authz.Route{UnacceptedHeader: c.header, UnacceptedCookie: c.cookie},
			}
			c.want.compare(t, s.check(t, header("x-api-key", "alice"), c.presented))
			if bearer.Verified()+sess.Verified() != 0 {
				t.Error("a secret that the route does not accept was checked")
			}
			if c.want.effect == authz.Deny && key.Verified() != 0 {
				t.Error("a secret was checked before the stranger was refused")
			}
		})
	}
}

// TestCarrierless: host, mtls and anonymous may find out that they are absent
// while authenticating. Guard: the ErrAbsent case of search.verify.
func TestCarrierless(t *testing.T) {
	stranger := authntest.NewFake(authntest.FakeSettings{Name: "mtls"})
	broken := authntest.NewFake(authntest.FakeSettings{Name: "mtls", Unavailable: map[string]bool{"api.example": true}})
	cases := []struct {
		name   string
		accept [][]*authz.Configured
		want   outcome
	}{
		{"absent, then known in the same group", [][]*authz.Configured{group(stranger, byHost())}, allowed()},
		{"absent, then known in the next group", [][]*authz.Configured{group(stranger), group(byHost())}, allowed()},
		{"absent, then nobody", [][]*authz.Configured{group(stranger)}, denied(authz.Unauthenticated, 401)},
		{"could not tell, then known", [][]*authz.Configured{group(broken), group(byHost())}, denied(authz.Unavailable, 503)},
		{"no group at all", nil, denied(authz.Unauthenticated, 401)},
		{"empty group", [][]*authz.Configured{{}}, denied(authz.Unauthenticated, 401)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.want.compare(t, scene{accept: c.accept}.check(t)) })
	}
}

// TestNobodyIsRefusedBeforeThePolicy, so that input.caller is always there.
// Guard: decision.run returns identify's error.
func TestNobodyIsRefusedBeforeThePolicy(t *testing.T) {
	asked := false
	s := scene{
		accept: [][]*authz.Configured{group(onHeader())},
		policy: policyFunc(func(context.Context, *authz.Input) (authz.Answer, error) {
			asked = true
			return authz.Answer{Allow: true}, nil
		}),
	}
	denied(authz.Unauthenticated, 401).compare(t, s.check(t))
	if asked {
		t.Error("the policy was asked about nobody")
	}
}

// claimant says that it is somebody else.
type claimant struct{ authz.Authenticator }

func (claimant) Authenticate(context.Context, authz.Credential) (authz.Caller, authz.Basis, error) {
	return authz.Caller{Authenticator: "root", Kind: "root", Subject: "alice", Downgraded: true}, authz.Lasting(), nil
}

// TestCallerIsStamped: name and word are the configured ones, whatever the
// authenticator says. Guards: the last lines of search.authenticate and identify.
func TestCallerIsStamped(t *testing.T) {
	key := *onHeader().Configured()
	key.Authenticator = claimant{key.Authenticator}
	got := scene{accept: [][]*authz.Configured{{&key}}}.check(t, header("x-api-key", "alice"))
	want := authz.Caller{Authenticator: "key", Kind: "key-word", Subject: "alice"}
	if diff := cmp.Diff(got.Trail.Caller, want); diff != "" {
		t.Errorf("caller (-got +want):\n%s", diff)
	}
}

// TestMalformedStatus: 401, or 400 where the route says so. Guard: malformedStatus.
func TestMalformedStatus(t *testing.T) {
	for status, want := range map[int]int{0: 401, 400: 400, 200: 401, 99: 401} {
		s := scene{accept: [][]*authz.Configured{group(onBearer())}, route: authz.Route{MalformedStatus: status}}
		denied(authz.Malformed, want).compare(t, s.check(t, header("authorization", "Bearer")))
	}
}

// TestTried: the log names every carrier that was looked at and what became of it.
func TestTried(t *testing.T) {
	s := scene{
		known:  group(onBearer()),
		accept: [][]*authz.Configured{group(onCookie(authz.NextOnInvalid)), group(onHeader())},
		route:  authz.Route{UnacceptedHeader: authz.Ignore},
	}
	got := s.check(t, header("authorization", "Bearer alice"), header("cookie", "sess=mallory"), header("x-api-key", "down"))
	want := []authz.Tried{
		{Authenticator: "bearer", Carrier: authz.InHeader("authorization"), Outcome: authz.OutcomeUnaccepted},
		{Authenticator: "session", Carrier: authz.InCookie("sess"), Outcome: authz.OutcomeRejected},
		{Authenticator: "key", Carrier: authz.InHeader("x-api-key"), Outcome: authz.OutcomeUnavailable},
	}
	if diff := cmp.Diff(got.Trail.Tried, want); diff != "" {
		t.Errorf("tried (-got +want):\n%s", diff)
	}
	if got.Trail.Cause == nil || errors.Is(got.Trail.Cause, authz.ErrRejected) {
		t.Errorf("cause %v, want one that is no rejection", got.Trail.Cause)
	}
}

// addressed keeps the addresses from which it was asked, and when that began.
type addressed struct {
	authz.Authenticator
	seen  *[]string
	begun *[]time.Time
}

func (a addressed) Authenticate(ctx context.Context, c authz.Credential) (authz.Caller, authz.Basis, error) {
	*a.seen, *a.begun = append(*a.seen, c.Address), append(*a.begun, c.Begun)
	return a.Authenticator.Authenticate(ctx, c)
}

// TestAddress: who bounds guesses is told whose guess it is, behind trusted hops too, and
// when it began, with a carrier and without. Guard: the line of search.authenticate that fills these in.
func TestAddress(t *testing.T) {
	var seen []string
	var begun []time.Time
	for _, configured := range group(onHeader(), byHost()) {
		told := *configured
		told.Authenticator = addressed{configured.Authenticator, &seen, &begun}
		a := scene{accept: [][]*authz.Configured{{&told}}}.authorizer(t)
		attributes := request(false, header("x-api-key", "alice"))
		attributes.Peer.Address = "192.0.2.7"
		a.Check(t.Context(), attributes)
		attributes = request(false, header("x-api-key", "alice"), header("x-forwarded-for", "203.0.113.9, 198.51.100.7"))
		attributes.Peer.Address, attributes.TrustedHops = "192.0.2.7", 1
		a.Check(t.Context(), attributes)
	}
	if diff := cmp.Diff(seen, []string{"192.0.2.7", "198.51.100.7", "192.0.2.7", "198.51.100.7"}); diff != "" {
		t.Errorf("addresses (-got +want):\n%s", diff)
	}
	if len(begun) != 4 || slices.ContainsFunc(begun, time.Time.IsZero) {
		t.Errorf("began at %v, want four times", begun)
	}
}
