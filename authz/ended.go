package authz

import (
	"context"
	"time"
)

// Ended says that a context has ended, or should have. A context learns of its
// deadline from a goroutine, which on a machine that stood still comes after the
// one that was waiting for an answer: its own error would come too late.
func Ended(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= 0 { //nolint:forbidigo // a context's deadline is on the process's own clock
		return context.DeadlineExceeded
	}
	return nil
}
