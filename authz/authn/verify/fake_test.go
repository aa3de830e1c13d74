package verify_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/verify"
	"github.com/sallyport-authz/sallyport/authz/claimset"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	endpoint = "https://hooks.example/verify"
	token    = "the-token-of-somebody"
	ann      = `{"token":"` + token + `","claims":{"userId":"ann","scopes":["read","write"],"org":{"id":"A"},"role":"admin","plan":"free"}}`
)

// hook answers about tokens, or does what a token's fault says.
type hook struct {
	answers map[string]string
	faults  map[string]func(context.Context) ([]byte, error)
	calls   atomic.Int64
}

var errRefused = errors.New("no answer: connection refused")

func (h *hook) PostOnce(ctx context.Context, url, authorization, text string) ([]byte, error) {
	h.calls.Add(1)
	var asked map[string]string
	if err := json.Unmarshal([]byte(text), &asked); err != nil || len(asked) != 1 || url != endpoint || authorization != "Bearer our-own" {
		return nil, fmt.Errorf("a question that no hook takes: %q, %q, %w", url, authorization, err)
	}
	if fault := h.faults[asked["token"]]; fault != nil {
		return fault(ctx)
	}
	if text, known := h.answers[asked["token"]]; known {
		return []byte(text), nil
	}
	return []byte("null"), nil
}

// about is a hook that says this of token.
func about(text string) *hook { return &hook{answers: map[string]string{token: text}} }

// hangs is a hook that never answers about token.
func hangs() *hook {
	return &hook{faults: map[string]func(context.Context) ([]byte, error){token: func(ctx context.Context) ([]byte, error) {
		<-ctx.Done()
		return nil, context.Cause(ctx)
	}}}
}

// settings ask h; a change makes them others.
func settings(h verify.Asker, changes ...func(*verify.Settings)) verify.Settings {
	s := verify.Settings{
		Endpoint: endpoint, Bearer: authz.NewSecret("our-own"), Asker: h, Timeout: 5 * time.Second,
		Claims: claimset.Names{Tenant: "org.id", Role: "role", Pass: []string{"plan"}},
	}
	for _, change := range changes {
		change(&s)
	}
	return s
}

func authenticator(t testing.TB, s verify.Settings) *verify.Authenticator {
	t.Helper()
	a, err := verify.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func ask(ctx context.Context, a *verify.Authenticator) (authz.Caller, authz.Basis, error) {
	return a.Authenticate(ctx, authz.Credential{Value: authz.NewSecret(token)})
}

// unknown reports an error by which nobody can tell.
func unknown(err error) bool {
	return err != nil && !errors.Is(err, authz.ErrRejected) && !errors.Is(err, authz.ErrMalformed) &&
		!errors.Is(err, authz.ErrAbsent) && !errors.Is(err, authz.ErrThrottled)
}
