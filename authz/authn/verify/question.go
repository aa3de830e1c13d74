package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
)

// ask is one question, in its turn.
func (a *Authenticator) ask(ctx context.Context, token string) (authz.Caller, error) {
	ctx, cancel := context.WithTimeout(ctx, a.settings.Timeout)
	defer cancel()
	leave, err := a.places.enter(ctx)
	if err != nil {
		return authz.Caller{}, err
	}
	defer leave()
	question, err := json.Marshal(struct {
		Token string `json:"token"`
	}{token})
	if err != nil {
		return authz.Caller{}, fmt.Errorf("write the question: %w", err)
	}
	answer, err := a.settings.Asker.PostOnce(ctx, a.settings.Endpoint, a.authorization(), string(question))
	if err != nil {
		return authz.Caller{}, fmt.Errorf("ask the hook: %w", err)
	}
	return a.settings.judge(answer, token)
}

func (a *Authenticator) authorization() string {
	if a.settings.Bearer.Reveal() == "" {
		return ""
	}
	return "Bearer " + a.settings.Bearer.Reveal()
}

// places bound who asks at once, and who waits for that: as many again.
type places struct{ asking, within chan struct{} }

var errCrowded = errors.New("too many wait for the hook")

func newPlaces(most int) places {
	return places{asking: make(chan struct{}, most), within: make(chan struct{}, 2*most)}
}

// enter gives a place, and what gives it back. Who finds none to wait in does not wait.
func (p places) enter(ctx context.Context) (leave func(), err error) {
	select {
	case p.within <- struct{}{}:
	default:
		return nil, errCrowded
	}
	select {
	case p.asking <- struct{}{}:
		return func() { <-p.asking; <-p.within }, nil
	case <-ctx.Done():
		<-p.within
		return nil, fmt.Errorf("wait for a turn: %w", context.Cause(ctx))
	}
}
