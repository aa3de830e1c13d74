package authz

// TraceParent is one span of a trace in the form of a traceparent header (W3C
// Trace Context section 3.2): it holds no free text. "" is none; any other comes
// from ParseTraceParent.
type TraceParent string

// The places of the dashes in a traceparent, and its length in version 00.
const (
	afterVersion      = 2
	afterTrace        = 35
	afterSpan         = 52
	traceParentLength = 55
)

// ParseTraceParent reads the value of a traceparent header, or gives "" where it
// does not have that form. A later version may say more behind a dash, which is
// cut off: nobody knows what it means.
func ParseTraceParent(value string) TraceParent {
	if len(value) < traceParentLength {
		return ""
	}
	version, rest := value[:afterVersion], value[traceParentLength:]
	if version == "ff" || rest != "" && (version == "00" || rest[0] != '-') {
		return ""
	}
	parent := TraceParent(value[:traceParentLength])
	if !parent.formed() || allZero(parent.TraceID()) || allZero(parent.SpanID()) {
		return ""
	}
	return parent
}

// TraceID is the trace's id in 32 hex digits, or "".
func (p TraceParent) TraceID() string { return p.part(afterVersion+1, afterTrace) }

// SpanID is the span's id in 16 hex digits, or "".
func (p TraceParent) SpanID() string { return p.part(afterTrace+1, afterSpan) }

// Sampled reports whether the span is being recorded.
func (p TraceParent) Sampled() bool {
	flags := p.part(afterSpan+1, traceParentLength)
	if flags == "" {
		return false
	}
	// Of a hex digit, the lowest bit is that of its character, but for a to f,
	// which begin at an odd one.
	last := flags[1]
	return last >= '0' && last <= '9' && last&1 == 1 || last >= 'a' && last <= 'f' && last&1 == 0
}

// part is "" in a TraceParent that ParseTraceParent did not make.
func (p TraceParent) part(from, to int) string {
	if len(p) != traceParentLength {
		return ""
	}
	return string(p[from:to])
}

func (p TraceParent) formed() bool {
	for i := range len(p) {
		switch i {
		case afterVersion, afterTrace, afterSpan:
			if p[i] != '-' {
				return false
			}
		default:
			if !lowerHex(p[i]) {
				return false
			}
		}
	}
	return true
}

// lowerHex: upper case is no valid spelling here.
func lowerHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' }

func allZero(text string) bool {
	for i := range len(text) {
		if text[i] != '0' {
			return false
		}
	}
	return true
}
