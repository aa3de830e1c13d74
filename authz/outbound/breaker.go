package outbound

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

const (
	// mostSilences are how many questions in a row nobody answers before nobody is asked.
	mostSilences = 5
	// pause is for how long. Then one question is asked, and the others wait for what
	// comes of it.
	pause = 2 * time.Second
)

// Asker is what a Breaker asks through: a Client.
type Asker interface {
	poster
	shower
}

// shower shows what somebody presented.
type shower interface {
	PostOnce(ctx context.Context, url, authorization, text string) ([]byte, error)
	AskAs(ctx context.Context, method, url, cookie string) (status int, body []byte, err error)
}

// poster asks what may be asked twice.
type poster interface {
	PostForm(ctx context.Context, url, authorization, form string) ([]byte, error)
	PostJSON(ctx context.Context, url, authorization, text string) ([]byte, error)
}

// Breaker asks one endpoint, and leaves it alone for a while when nobody answers there:
// then every question ends at once in ErrBroken, and holds nobody's place.
//
// Nobody answers where there is no connection or no whole answer in time, or a proxy says
// so (502, 503, 504). An answer of any other kind is one, however bad: it may be about
// one token alone, and who makes up tokens must not end the questions about all others.
// A question that was cancelled tells nothing, neither way. It is safe for parallel use.
type Breaker struct {
	asker Asker
	now   func() time.Time

	mu       sync.Mutex
	silences int
	until    time.Time
	probing  bool
}

var _ Asker = (*Breaker)(nil)

// NewBreaker makes a Breaker of one endpoint.
func NewBreaker(asker Asker, now func() time.Time) *Breaker {
	return &Breaker{asker: asker, now: now}
}

// PostForm is Client.PostForm, or ErrBroken.
func (b *Breaker) PostForm(ctx context.Context, url, authorization, form string) ([]byte, error) {
	return b.ask(func() ([]byte, error) { return b.asker.PostForm(ctx, url, authorization, form) })
}

// PostJSON is Client.PostJSON, or ErrBroken.
func (b *Breaker) PostJSON(ctx context.Context, url, authorization, text string) ([]byte, error) {
	return b.ask(func() ([]byte, error) { return b.asker.PostJSON(ctx, url, authorization, text) })
}

// PostOnce is Client.PostOnce, or ErrBroken.
func (b *Breaker) PostOnce(ctx context.Context, url, authorization, text string) ([]byte, error) {
	return b.ask(func() ([]byte, error) { return b.asker.PostOnce(ctx, url, authorization, text) })
}

// AskAs is Client.AskAs, or ErrBroken.
func (b *Breaker) AskAs(ctx context.Context, method, url, cookie string) (status int, body []byte, err error) {
	_, err = b.ask(func() ([]byte, error) {
		status, body, err = b.asker.AskAs(ctx, method, url, cookie)
		if err == nil && status != http.StatusOK {
			return nil, answered{ErrStatus, status}
		}
		return nil, err
	})
	if _, ok := errors.AsType[answered](err); ok {
		err = nil // the status tells
	}
	return status, body, err
}

func (b *Breaker) ask(question func() ([]byte, error)) ([]byte, error) {
	probe, err := b.begin()
	if err != nil {
		return nil, err
	}
	err = errUnfinished // what a panic leaves behind
	defer func() { b.end(probe, err) }()
	var text []byte
	text, err = question()
	return text, err
}

var errUnfinished = errors.New("the question did not end")

// begin lets a question pass, as the probe where nobody answered the last ones.
func (b *Breaker) begin() (probe bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.silences < mostSilences:
		return false, nil
	case b.probing || b.now().Before(b.until):
		return false, ErrBroken
	default:
		b.probing = true
		return true, nil
	}
}

func (b *Breaker) end(probe bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if probe {
		b.probing = false
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, errUnfinished):
	case silent(err):
		b.silences++
		b.until = b.now().Add(pause)
	default:
		b.silences = 0
	}
}

// silent reports an error by which nobody answered.
func silent(err error) bool {
	for _, sentinel := range []error{ErrUnreachable, ErrTimeout, ErrTLS, ErrAddress} {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	told, ok := errors.AsType[answered](err)
	return ok && (told.status == http.StatusBadGateway || told.status == http.StatusServiceUnavailable || told.status == http.StatusGatewayTimeout)
}
