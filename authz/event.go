package authz

import "time"

// Event is everything that is known about one Check when it is over. There is
// one for each Check, also for those that could not be read.
type Event struct {
	DecisionID string
	Start      time.Time
	Duration   time.Duration
	// Attributes is nil when they could not be read.
	Attributes *Attributes
	Verdict    Verdict
	// TraceParent is the span that the Check belongs to: of the proxy's own call,
	// else of the request.
	TraceParent TraceParent
	// TracedByProxy tells the proxy's span from the client's. What a client says
	// of a trace, and of whether to record it, is anybody's word.
	TracedByProxy bool
}

// Recorder keeps events. Record must not block: a full buffer drops and counts.
type Recorder interface {
	Record(Event)
}
