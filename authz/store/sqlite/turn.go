package sqlite

import (
	"context"
	"errors"
	"sync"
)

var errClosed = errors.New("the store is closed")

// turn lets one change after the other begin, until the store ends.
type turn struct {
	free  chan struct{}
	ended chan struct{}
	once  sync.Once
}

func newTurn() *turn {
	t := &turn{free: make(chan struct{}, 1), ended: make(chan struct{})}
	t.give()
	return t
}

// take waits as long as the context lasts. A context that has ended gets no turn, and
// nor does anybody after end.
func (t *turn) take(ctx context.Context) error {
	select {
	case <-t.free:
	case <-t.ended:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	if ctx.Err() != nil {
		t.give()
		return ctx.Err()
	}
	return nil
}

func (t *turn) give() { t.free <- struct{}{} }

// end waits for who has the turn, and gives it to nobody any more. It reports the
// first call.
func (t *turn) end() (first bool) {
	t.once.Do(func() {
		first = true
		close(t.ended)
		<-t.free
	})
	return first
}
