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
	// TraceParent is the W3C trace context of the proxy or the request, or "".
	TraceParent string
}

// Recorder keeps events. Record must not block: a full buffer drops and counts.
type Recorder interface {
	Record(Event)
}
