package decisionlog

import "strconv"

// lossPath is the path of a line that is no decision.
const lossPath = "sallyport/decision_log/lost"

// gap is the line that stands where records are missing. It has the members
// that OPA's collectors ask for, and no result.allow: it is neither an allow nor
// a denial.
func (l *Log) gap(lost uint64) []byte {
	var t text
	now := l.now()
	t.open("", '{')
	t.string("decision_id", "lost-"+strconv.FormatInt(now.UnixNano(), 10))
	t.time("timestamp", now)
	t.string("path", lossPath)
	t.open("result", '{')
	t.uint("lost", lost)
	t.close('}')
	scribe{labels: l.labels}.label(&t)
	return append(t, '}', '\n')
}
