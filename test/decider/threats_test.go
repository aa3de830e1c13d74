package decider_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/sallyport-authz/sallyport/test/decider"
)

// What threats.md 2.2 wants.
var (
	malformed = decider.Outcome{Status: 401, Reason: "malformed"}
	rejected  = decider.Outcome{Status: 401, Reason: "rejected"}
	nobody    = decider.Outcome{Status: 401, Reason: "unauthenticated"}
	conflict  = decider.Outcome{Status: 400, Reason: "conflict"}
	cannot    = decider.Outcome{Status: 503, Reason: "unavailable"}
)

// lenient is a block whose routes take callers without a credential, so that whatever
// passes for absent shows.
func lenient() *decider.Block {
	b := &decider.Block{Name: "lenient"}
	for _, kind := range []string{decider.KindJWT, decider.KindToken, decider.KindBasic} {
		b.Authenticators = append(b.Authenticators, decider.Known("lenient-"+kind, kind, decider.Authorization))
	}
	guest := &decider.Authenticator{Name: "lenient-guest", Kind: decider.Anonymous}
	b.Authenticators = append(b.Authenticators, guest)
	groups := [][]*decider.Authenticator{b.Authenticators[:3], {guest}}
	b.Routes = []*decider.Route{{Path: "/401", Accept: groups}, {Path: "/400", Accept: groups, Malformed400: true}}
	return b
}

// threats are the world of the tests below.
type threats struct {
	*decider.World
	asked uint64
}

// want asks twice, so that what is remembered is looked at too, and holds the program
// and the reference to what threats.md says.
func (w *threats) want(t *testing.T, q decider.Request, err error, want decider.Outcome) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if says := w.Expect(q); says != want {
		t.Errorf("%s: the reference says %+v, want %+v", q, says, want)
	}
	for range 2 {
		w.asked++
		got, err := w.Ask(t.Context(), q, decider.Address(w.asked))
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v; want %+v", q, got, err, want)
		}
	}
}

// cell asks about a cell of the matrix.
func (w *threats) cell(t *testing.T, c decider.Case, want decider.Outcome) {
	t.Helper()
	q, err := w.Request(c, rand.New(rand.NewPCG(1, 1)))
	w.want(t, q, err, want)
}

type held = map[string]decider.State

// TestThreats asks the real program, with its cache, what threats.md 2.2 asks. Guards:
// search.group's and search.verify's cases, forgive, Headers.header, isToken, Claims.owner.
func TestThreats(t *testing.T) {
	w := &threats{World: begin(t, program(t), append(decider.MatrixBlocks(), lenient()), nil)}
	for name, test := range map[string]func(*testing.T, *threats){
		"T-M1": badBesideHost, "T-M2": twoCredentials, "T-M3": twoLines, "T-M4": noForm, "T-M5": lostBytes, "T-M6": inTheQuery, "T-M7": outOfReach,
	} {
		t.Run(name, func(t *testing.T) { test(t, w) })
	}
}

// badBesideHost: what is bad is final, whoever the host stands for.
func badBesideHost(t *testing.T, w *threats) {
	t.Helper()
	for _, route := range decider.Layouts() {
		for _, block := range []string{decider.OwnBlock, decider.SharedBlock} {
			w.cell(t, decider.Case{Block: block, Route: route, States: held{decider.KindJWT: decider.Expired}}, rejected)
			w.cell(t, decider.Case{Block: block, Route: route}, decider.Outcome{Status: 200, Word: block + "-host"})
		}
	}
}

// twoCredentials: in one group neither is looked at, in ordered groups the first decides.
func twoCredentials(t *testing.T, w *threats) {
	t.Helper()
	ann := decider.Outcome{Status: 200, Word: "own-jwt", Subject: "jwt-ann"}
	for _, row := range []struct {
		states         held
		one, ofOrdered decider.Outcome
	}{
		{held{decider.KindJWT: decider.Expired, decider.KindKey: decider.Valid}, conflict, rejected},
		{held{decider.KindJWT: decider.Valid, decider.KindKey: decider.Revoked}, conflict, ann},
		{held{decider.KindJWT: decider.Valid, decider.KindSession: decider.Valid}, conflict, ann},
	} {
		w.cell(t, decider.Case{Block: decider.OwnBlock, Route: decider.DefaultGroups, States: row.states}, row.one)
		w.cell(t, decider.Case{Block: decider.OwnBlock, Route: decider.ProodGroups, States: row.states}, row.ofOrdered)
	}
}

// twoLines: which of two the upstream reads is unknown.
func twoLines(t *testing.T, w *threats) {
	t.Helper()
	valid, err := w.Request(decider.Case{Block: decider.SharedBlock, Route: decider.ProodGroups, States: held{decider.KindJWT: decider.Valid}}, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	good := valid.Headers[0].Value
	for _, pair := range [][2]string{{good, "Bearer b"}, {"Bearer a", "Bearer b"}, {"Bearer a", "Basic b"}, {good, good}, {good, ""}, {"Digest a", "Digest b"}} {
		for _, order := range [][2]string{pair, {pair[1], pair[0]}} {
			for _, between := range []string{",", ", "} {
				q := valid
				q.Headers = []decider.Header{{Name: "authorization", Value: order[0] + between + order[1]}}
				for _, q.Joined = range []bool{true, false} {
					w.want(t, q, nil, conflict)
				}
			}
			q := valid
			q.Headers = []decider.Header{{Name: "authorization", Value: order[0]}, {Name: "authorization", Value: order[1]}}
			w.want(t, q, nil, conflict)
		}
	}
}

// noForm: what has no form is malformed, and never nobody's.
func noForm(t *testing.T, w *threats) {
	t.Helper()
	for _, value := range []string{"bearer", "Bearer  x", "Bearer\tx", "Bearer\u00a0x", "Bearer x ", "", " ", "Bearer", "Bearer ", "Basic", "Basic x y", "Bearer x y"} {
		for _, joined := range []bool{true, false} {
			for path, want := range map[string]decider.Outcome{"/401": malformed, "/400": {Status: 400, Reason: "malformed"}} {
				q, err := w.Showing("lenient", path, decider.Header{Name: "authorization", Value: value})
				q.Joined = joined
				w.want(t, q, err, want)
			}
		}
	}
	q, err := w.Showing("lenient", "/401")
	w.want(t, q, err, decider.Outcome{Status: 200, Word: "lenient-guest"})
}

// lostBytes: what Envoy tells of two keys in one text is remembered of neither.
func lostBytes(t *testing.T, w *threats) {
	t.Helper()
	before, err := w.Hits(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for joined, values := range map[bool][]string{true: {"!key", "key!"}, false: {"\xfekey", "\xffkey", "key\xff"}} {
		for _, value := range values {
			q, err := w.Showing(decider.OwnBlock, decider.ProodGroups, decider.Header{Name: "x-api-key", Value: value})
			q.Joined = joined
			w.want(t, q, err, malformed)
			q, err = w.Showing("lenient", "/401", decider.Header{Name: "authorization", Value: "Bearer " + value})
			q.Joined = joined
			w.want(t, q, err, malformed)
		}
	}
	if after, err := w.Hits(t.Context()); err != nil || after != before {
		t.Errorf("%d answers were remembered (%v)", after-before, err)
	}
}

// inTheQuery: a credential there is none.
func inTheQuery(t *testing.T, w *threats) {
	t.Helper()
	for _, kind := range []string{decider.KindJWT, decider.KindToken, decider.KindKey} {
		text, _, err := w.Kinds[kind].Make(decider.Valid, rand.New(rand.NewPCG(1, 1)))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"access_token", "token", "api_key"} {
			q, err := w.Showing(decider.SharedBlock, decider.ProodGroups)
			q.Query = fmt.Sprintf("?%s=%s", name, text)
			w.want(t, q, err, decider.Outcome{Status: 200, Word: "shared-host"})
			q.Host = q.Block.StrangeHost()
			w.want(t, q, err, nobody)
		}
	}
}

// outOfReach: who cannot be asked is nobody who said no.
func outOfReach(t *testing.T, w *threats) {
	t.Helper()
	for _, route := range decider.Layouts() {
		for _, kind := range []string{decider.KindAgent, decider.KindJWT, decider.KindToken, decider.KindBasic, decider.KindKey, decider.KindSession} {
			w.cell(t, decider.Case{Block: decider.OwnBlock, Route: route, States: held{kind: decider.Unavailable}}, cannot)
		}
	}
}
