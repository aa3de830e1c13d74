package authz_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// asleep is a context whose deadline has passed and that does not know it yet,
// as on a machine that stood still.
type asleep struct{ context.Context }

func (asleep) Deadline() (time.Time, bool) { return time.Now().Add(-time.Millisecond), true }

func TestEnded(t *testing.T) {
	cause := errors.New("caller gone")
	cancelled, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	late, stop := context.WithTimeout(t.Context(), time.Hour)
	defer stop()
	for name, c := range map[string]struct {
		ctx  context.Context
		want error
	}{
		"under way": {late, nil}, "no deadline": {t.Context(), nil}, "cancelled": {cancelled, cause},
		"asleep": {asleep{t.Context()}, context.DeadlineExceeded},
	} {
		if got := authz.Ended(c.ctx); !errors.Is(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// TestNoAllowAfterTheDeadline: an evaluation that ends after the deadline allows
// nothing, although its context does not know yet. Guard: Ended in conclude.
func TestNoAllowAfterTheDeadline(t *testing.T) {
	s := scene{accept: [][]*authz.Configured{group(onHeader())}, route: authz.Route{Kind: authz.Operation}}
	denied(authz.Unavailable, 503).compare(t, s.authorizer(t).Decide(asleep{t.Context()}, request(false, alice())))
}
