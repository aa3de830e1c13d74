package envoy

import (
	"bytes"

	"github.com/sallyport-authz/sallyport/authz"
)

// prepared is the answer to a remembered verdict, with a hole where each Check
// has a decision id of its own. It holds what sound has seen, and never changes.
type prepared struct {
	to     client
	effect authz.Effect
	route  string
	bytes  []byte
	// hole and length are where the id stands.
	hole, length int
}

// prepare keeps an answer for the next Check that the verdict is told to. An
// answer in which the id cannot be found, or stands twice, is not kept.
func prepare(e *authz.Event, to client, answer reply) {
	id := []byte(e.DecisionID)
	if len(id) < shortestID || bytes.Count(answer, id) != 1 {
		return
	}
	e.Verdict.Memo.Keep(&prepared{
		to: to, effect: e.Verdict.Effect, route: routeID(e.Verdict),
		bytes: answer, hole: bytes.Index(answer, id), length: len(id),
	})
}

// shortestID is what an id must have so that nothing else in an answer looks
// like one.
const shortestID = 16

// retell gives the kept answer with this Check's id, where it fits: the same
// effect on the same route, told to the same kind of client.
func retell(e *authz.Event, to client) (reply, bool) {
	p, ok := e.Verdict.Memo.Load().(*prepared)
	if !ok || p.to != to || p.effect != e.Verdict.Effect || p.route != routeID(e.Verdict) || p.length != len(e.DecisionID) {
		return nil, false
	}
	answer := bytes.Clone(p.bytes)
	copy(answer[p.hole:], e.DecisionID)
	return answer, true
}

func routeID(v authz.Verdict) string {
	if v.Trail.Route == nil {
		return ""
	}
	return v.Trail.Route.ID
}
