package introspection_test

import (
	"context"
	"errors"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/introspection"
	"github.com/sallyport-authz/sallyport/authz/claimset"
)

// today is when the tests happen, unless they wind the clock.
var today = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

const (
	endpoint = "https://id.example/introspect"
	api      = "https://shop.example/api"
	ann      = `{"active":true,"token_type":"Bearer","sub":"ann","aud":"` + api + `","scope":"read write","exp":1772601067}`
)

// ends is the exp of ann: five minutes from today.
var ends = today.Add(5 * time.Minute)

// fake answers about tokens, or does what a token's fault says.
type fake struct {
	answers map[string]string
	faults  map[string]func(context.Context) ([]byte, error)
	calls   atomic.Int64
}

var errRefused = errors.New("no answer: connection refused")

func (f *fake) PostForm(ctx context.Context, to, authorization, form string) ([]byte, error) {
	f.calls.Add(1)
	values, err := url.ParseQuery(form)
	if to != endpoint || authorization == "" || err != nil {
		return nil, errors.New("a question that no endpoint takes")
	}
	token := values.Get("token")
	if fault := f.faults[token]; fault != nil {
		return fault(ctx)
	}
	if text, known := f.answers[token]; known {
		return []byte(text), nil
	}
	return []byte(`{"active":false}`), nil
}

// about is an endpoint that says this of every token that is called "the-token".
func about(text string) *fake { return &fake{answers: map[string]string{token: text}} }

const token = "the-token-of-somebody"

// settings ask f; a change makes them others.
func settings(f introspection.Asker, changes ...func(*introspection.Settings)) introspection.Settings {
	s := introspection.Settings{
		Endpoint: endpoint, Authorization: authz.NewSecret("Basic YTpi"), Asker: f,
		Audiences: []string{"other", api}, Skew: 10 * time.Second, MaxAge: 30 * time.Second, Timeout: 5 * time.Second,
		Claims: claimset.Names{Tenant: "org.id", Role: "role", User: "username", Pass: []string{"groups"}},
		Now:    func() time.Time { return today },
	}
	for _, change := range changes {
		change(&s)
	}
	return s
}

func authenticator(t testing.TB, s introspection.Settings) *introspection.Authenticator {
	t.Helper()
	a, err := introspection.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func ask(t testing.TB, a *introspection.Authenticator, token string) (authz.Caller, authz.Basis, error) {
	t.Helper()
	return a.Authenticate(t.Context(), authz.Credential{Value: authz.NewSecret(token)})
}

// unknown reports an error by which nobody can tell.
func unknown(err error) bool {
	return err != nil && !errors.Is(err, authz.ErrRejected) && !errors.Is(err, authz.ErrMalformed) &&
		!errors.Is(err, authz.ErrAbsent) && !errors.Is(err, authz.ErrThrottled)
}
