package authz

// Effect is what a verdict does.
type Effect int

// The effects. The zero one denies.
const (
	Deny Effect = iota
	Allow
)

// String is the word in logs and metrics.
func (e Effect) String() string {
	if e == Allow {
		return "allow"
	}
	return "deny"
}

// Verdict is the answer to one Check: effect, reason, what to send. The zero
// Verdict denies. It is shared and never changed.
type Verdict struct {
	Effect Effect
	// Reason is empty on an allow.
	Reason Reason
	// Status, Headers and Body are the reply to the client of a denied
	// request. On an allow Headers are added to the upstream's response.
	Status  int
	Headers []Header
	Body    string
	// Upstream is set on the request with overwrite, Remove is taken out of
	// it; no name stands in both.
	Upstream []Header
	Remove   []string
	// Metadata is what the policy wants in the proxy's dynamic metadata.
	Metadata map[string]any
	Trail    Trail
	// Memo is nil on a verdict that is not remembered.
	Memo *Memo
}

// Trail tells the operator how a verdict came about. No client sees it.
type Trail struct {
	Generation uint64
	Route      *Route
	Path       string
	Params     []Param
	Tenant     string
	Caller     Caller
	// Tried are the authenticators that were looked at, in order.
	Tried []Tried
	// Rule is the stage or the policy's rule that decided.
	Rule    string
	Message string
	// Cause is nil on an allow and on a plain denial by policy.
	Cause error
	// Cache is what the cache had to do with it; "" is CacheNone.
	Cache CacheState
}

// Tried is one authenticator's part in a verdict.
type Tried struct {
	// Authenticator is "" where nobody claims what the carrier holds.
	Authenticator string
	Carrier       Carrier
	Outcome       Outcome
}

// Outcome is what became of one credential.
type Outcome string

// The outcomes of a credential.
const (
	OutcomeValid       Outcome = "valid"
	OutcomeAbsent      Outcome = "absent"
	OutcomeMalformed   Outcome = "malformed"
	OutcomeRejected    Outcome = "rejected"
	OutcomeBarred      Outcome = "barred"
	OutcomeUnclaimed   Outcome = "unclaimed"
	OutcomeUnaccepted  Outcome = "unaccepted"
	OutcomeRepeated    Outcome = "repeated"
	OutcomeChannel     Outcome = "channel_refused"
	OutcomeThrottled   Outcome = "throttled"
	OutcomeUnavailable Outcome = "unavailable"
	OutcomeNotVerified Outcome = "not_verified"
)
