package jwt_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/jwt"
)

const (
	jwksURL     = issuer + "/jwks"
	refresh     = 5 * time.Minute
	minInterval = 30 * time.Second
	maxAge      = time.Hour
)

// fetch is a jwt.Fetcher.
type fetch func(ctx context.Context, url string) ([]byte, error)

func (f fetch) Get(ctx context.Context, url string) ([]byte, error) { return f(ctx, url) }

// endpoint is an issuer's side of the wire: it answers after a while with what it
// was last told to, and remembers what it was asked and when.
type endpoint struct {
	mu    sync.Mutex
	reply fetch
	slow  time.Duration
	asked []time.Time
	urls  []string
}

func (e *endpoint) Get(ctx context.Context, url string) ([]byte, error) {
	e.mu.Lock()
	reply, slow := e.reply, e.slow
	e.asked, e.urls = append(e.asked, time.Now()), append(e.urls, url)
	e.mu.Unlock()
	time.Sleep(slow)
	return reply(ctx, url)
}

// now answers with this from now on.
func (e *endpoint) now(reply fetch) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.reply = reply
}

// takes is how long an answer takes from now on.
func (e *endpoint) takes(slow time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.slow = slow
}

// times are when fetches began.
func (e *endpoint) times() []time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]time.Time(nil), e.asked...)
}

func document(text []byte) fetch {
	return func(context.Context, string) ([]byte, error) { return text, nil }
}

// keys answers with a set.
func keys(t testing.TB, all ...object) fetch {
	t.Helper()
	return document(asJSON(t, object{"keys": all}))
}

func down(context.Context, string) ([]byte, error) { return nil, errors.New("connection refused") }

// hang ends with the context only.
func hang(ctx context.Context, _ string) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// scene is an issuer's endpoint, the keys fetched from it, and who trusts them.
type scene struct {
	*testing.T
	signer  *signer
	at      *endpoint
	changes *authz.Changes
	fetched *jwt.Fetched
	trusts  *jwt.Authenticator
}

func fetchSettings(at jwt.Fetcher) jwt.FetchSettings {
	return jwt.FetchSettings{
		Issuer: issuer, URL: jwksURL, Fetcher: at, Refresh: refresh, MinInterval: minInterval, MaxAge: maxAge,
		Now: time.Now, Changes: &authz.Changes{},
	}
}

func start(t testing.TB, settings jwt.FetchSettings) *jwt.Fetched {
	t.Helper()
	f, err := jwt.NewFetched(settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// play runs a test in a bubble whose clock moves by itself, with an issuer that
// answers so. The first fetch is over.
func play(t *testing.T, s *signer, reply fetch, test func(*scene)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		t.Helper()
		at := &endpoint{reply: reply}
		conf := fetchSettings(at)
		fetched := start(t, conf)
		fetched.Ready(t.Context())
		test(&scene{t, s, at, conf.Changes, fetched, clocked(t, fetched)})
	})
}

// clocked trusts the source by the bubble's clock.
func clocked(t testing.TB, source jwt.Source) *jwt.Authenticator {
	t.Helper()
	conf := settings(source)
	conf.Now = time.Now
	return authenticator(t, conf)
}

// lasting is a token that outlives every test, under a kid that may be unknown.
func (s *signer) lasting(t testing.TB, kid string) string {
	t.Helper()
	return s.token(t, object{"alg": "ES256", "kid": kid}, with(with(good(), "exp", int64(4e9)), "iat", nil))
}

// ending is how an authentication may end.
type ending int

const (
	known ending = iota
	rejected
	cannotTell
)

func (e ending) String() string { return [...]string{"known", "rejected", "cannot tell"}[e] }

func endingOf(err error) ending {
	switch {
	case err == nil:
		return known
	case errors.Is(err, authz.ErrRejected):
		return rejected
	default:
		return cannotTell
	}
}

func (s *scene) want(token string, want ending) authz.Basis {
	s.Helper()
	_, basis, err := ask(s.Context(), s.trusts, token)
	if got := endingOf(err); got != want {
		s.Errorf("got %v (%v), want %v", got, err, want)
	}
	return basis
}

func keyStripe(source, kid string) authz.Stripe {
	return authz.StripeOf(authz.TopicIssuerKey, source, kid)
}
