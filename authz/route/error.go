package route

import (
	"fmt"
	"strings"
)

// Error is one thing that is wrong with a Spec. Host, Rule and Connection are
// indices into it, -1 where the error is not about one.
type Error struct {
	Host, Rule int
	Connection int
	// Detail says what is wrong, Mend what to write instead.
	Detail string
	Mend   string
}

// Error implements error.
func (e *Error) Error() string {
	var place strings.Builder
	for _, part := range []struct {
		noun  string
		index int
	}{{"host", e.Host}, {"rule", e.Rule}, {"connection", e.Connection}} {
		if part.index >= 0 {
			fmt.Fprintf(&place, "%s %d: ", part.noun, part.index+1)
		}
	}
	if e.Mend == "" {
		return place.String() + e.Detail
	}
	return place.String() + e.Detail + "; " + e.Mend
}

// wrong is an Error without a place: whoever knows the place fills it in.
func wrong(detail, mend string) *Error {
	return &Error{Host: -1, Rule: -1, Connection: -1, Detail: detail, Mend: mend}
}

func (e *Error) atHost(i int) *Error       { e.Host = i; return e }
func (e *Error) atRule(i int) *Error       { e.Rule = i; return e }
func (e *Error) atConnection(i int) *Error { e.Connection = i; return e }
