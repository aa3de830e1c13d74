package authz

import "errors"

// outcome is an error that stands for its sentinel alone, or, where that is
// nil, for "could not tell". Its cause is only told, never asked: a rejection
// that wraps ErrAbsent would otherwise send the search to the next group, and a
// broken store that wraps ErrRejected would pass for a bad credential.
type outcome struct{ sentinel, cause error }

func (o outcome) Error() string { return o.cause.Error() }

func (o outcome) Unwrap() error { return o.sentinel }

// detail is the one thing that a cause is asked for: it chooses no outcome.
func (o outcome) detail() string { return detail(o.cause) }

// only keeps those sentinels that the seam behind err may give.
func only(err error, sentinels ...error) error {
	for _, sentinel := range sentinels {
		if errors.Is(err, sentinel) {
			return outcome{sentinel, err}
		}
	}
	return outcome{nil, err}
}
