package mesh

import (
	"bytes"
	"context"
	"strings"
	"sync"
)

// output keeps what a program prints, line by line, and wakes who waits for a
// line.
type output struct {
	mu      sync.Mutex
	partial []byte
	lines   []string
	more    chan struct{}
}

func newOutput() *output { return &output{more: make(chan struct{})} }

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.partial = append(o.partial, p...)
	whole := false
	for {
		line, rest, found := bytes.Cut(o.partial, []byte("\n"))
		if !found {
			break
		}
		o.lines, o.partial, whole = append(o.lines, string(line)), bytes.Clone(rest), true
	}
	if whole {
		close(o.more)
		o.more = make(chan struct{})
	}
	return len(p), nil
}

// since gives the lines from the number on, and a channel that is closed when
// there are more.
func (o *output) since(number int) ([]string, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.lines[min(number, len(o.lines)):], o.more
}

// each hands lines to take until it says that it has enough, and waits for more
// until ctx or the program ends.
func (o *output) each(ctx context.Context, ended <-chan struct{}, take func(string) bool) error {
	for number := 0; ; {
		lines, more := o.since(number)
		for _, line := range lines {
			number++
			if take(line) {
				return nil
			}
		}
		select {
		case <-more:
		case <-ended:
			if lines, _ := o.since(number); len(lines) == 0 {
				return errEnded
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// tail is the last part of what was printed, for error messages.
func (o *output) tail() string {
	lines, _ := o.since(0)
	const enough = 40
	return strings.Join(lines[max(0, len(lines)-enough):], "\n")
}
