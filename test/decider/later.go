package decider

import (
	"context"
	"sync"
)

// meanwhile is how many other cases are asked about before one is asked about again:
// what is remembered is not there at once.
const meanwhile = 64

// later are questions that are asked again.
type later struct {
	mu      sync.Mutex
	waiting []func(context.Context) error
}

// put lets a question wait, and gives the one whose turn it is, if any.
func (l *later) put(question func(context.Context) error) (due func(context.Context) error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, question)
	if len(l.waiting) <= meanwhile {
		return nil
	}
	due = l.waiting[0]
	l.waiting = l.waiting[1:]
	return due
}

// twice asks now, and again when others were asked about.
func (l *later) twice(ctx context.Context, question func(context.Context) error) error {
	if err := question(ctx); err != nil {
		return err
	}
	if due := l.put(question); due != nil {
		return due(ctx)
	}
	return nil
}
