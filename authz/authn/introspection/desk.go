package introspection

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sallyport-authz/sallyport/authz"
)

const (
	// mostQuestions bounds those under way together with those that wait for their turn.
	mostQuestions = 256
	// mostWaiting bounds who waits for them: an endpoint that hangs, and somebody who
	// makes up tokens, must not hold every place in which Checks are decided.
	mostWaiting = 128
	// What is remembered, in bytes.
	mostCallers    = 16 << 20
	mostRejections = 2 << 20
)

// What nobody can tell, though the endpoint may know.
var (
	errCrowded = errors.New("too many wait for the endpoint")
	errLate    = errors.New("the answer came too late to hold")
	errTold    = errors.New("the answer: a member that is passed on says the token itself: name another one")
)

// desk is where questions are asked: about each token once at a time, and once in
// the age of an answer. It is safe for parallel use.
type desk struct {
	settings Settings
	key      [32]byte
	turns    chan struct{}
	waiting  atomic.Int64

	mu                  sync.Mutex
	flights             map[digest]*flight
	callers, rejections memory
}

// flight is one question that equal ones wait for together.
type flight struct {
	// done is closed when found and err are set.
	done  chan struct{}
	found finding
	err   error
}

func newDesk(s Settings) *desk {
	d := &desk{
		settings: s, turns: make(chan struct{}, s.MostCalls), flights: map[digest]*flight{},
		callers:    memory{most: mostCallers, life: s.MaxAge},
		rejections: memory{most: mostRejections, life: longestRejection},
	}
	_, _ = rand.Read(d.key[:]) // it never fails
	return d
}

// ask gives what is known of a token, or asks. It ends with the context at the latest,
// which does not end the question: others may wait for it.
func (d *desk) ask(ctx context.Context, token string) (finding, error) {
	f, err := d.board(ctx, token)
	if err != nil {
		return finding{}, err
	}
	if err := d.wait(ctx, f); err != nil {
		return finding{}, err
	}
	switch {
	case f.err != nil:
		return finding{}, f.err
	case !d.settings.Now().Before(f.found.until):
		return finding{}, errLate
	default:
		return f.found, nil
	}
}

// wait ends when the flight has landed. Who finds no room waits for nothing, and its
// question goes on: whoever comes back finds the answer.
func (d *desk) wait(ctx context.Context, f *flight) error {
	select {
	case <-f.done:
		return nil
	default:
	}
	defer d.waiting.Add(-1)
	if d.waiting.Add(1) > mostWaiting {
		return errCrowded
	}
	select {
	case <-f.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the answer: %w", context.Cause(ctx))
	}
}

// board gives the flight that answers: one that landed before, one that is under way,
// or a new one if there is room.
func (d *desk) board(ctx context.Context, token string) (*flight, error) {
	key := d.digestOf(token)
	d.mu.Lock()
	defer d.mu.Unlock()
	if found, ok := d.known(key); ok {
		landed := &flight{done: make(chan struct{}), found: found}
		close(landed.done)
		return landed, nil
	}
	if under, ok := d.flights[key]; ok {
		return under, nil
	}
	if len(d.flights) >= mostQuestions {
		return nil, errCrowded
	}
	begun := &flight{done: make(chan struct{})}
	d.flights[key] = begun
	// The text is part of the request's, which the question outlives: it keeps a copy.
	go d.fly(context.WithoutCancel(ctx), begun, strings.Clone(token))
	return begun, nil
}

func (d *desk) known(key digest) (finding, bool) {
	now := d.settings.Now()
	if found, ok := d.callers.recall(key, now); ok {
		return found, true
	}
	return d.rejections.recall(key, now)
}

// fly asks for everybody who waits. What nobody could tell is not remembered.
func (d *desk) fly(ctx context.Context, f *flight, token string) {
	f.found, f.err = d.question(ctx, token)
	key := d.digestOf(token)
	d.mu.Lock()
	delete(d.flights, key)
	switch {
	case f.err != nil:
	case f.found.rejection != nil:
		d.rejections.remember(key, f.found, d.settings.Now())
	default:
		d.callers.remember(key, f.found, d.settings.Now())
	}
	d.mu.Unlock()
	close(f.done)
}

// question is one call, in its turn. A panic in it is a failure like any other.
func (d *desk) question(ctx context.Context, token string) (found finding, err error) {
	defer func() {
		if r := recover(); r != nil {
			found, err = finding{}, authz.Panicked(r)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, d.settings.Timeout)
	defer cancel()
	select {
	case d.turns <- struct{}{}:
		defer func() { <-d.turns }()
	case <-ctx.Done():
		return finding{}, errCrowded
	}
	asked := d.settings.Now()
	text, err := d.settings.Asker.PostForm(ctx, d.settings.Endpoint, d.settings.Authorization.Reveal(), d.form(token))
	if err != nil {
		return finding{}, err
	}
	found, err = d.settings.judge(text, asked)
	switch {
	case err != nil:
		return finding{}, err
	case tells(found.caller, token):
		return finding{}, errTold
	default:
		return found, nil
	}
}

// form is RFC 7662 section 2.1.
func (d *desk) form(token string) string {
	form := url.Values{"token": {token}}
	if d.settings.Hint != None {
		form.Set("token_type_hint", d.settings.Hint)
	}
	return form.Encode()
}
