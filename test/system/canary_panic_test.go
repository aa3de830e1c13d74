package system_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/apikey"
	"github.com/sallyport-authz/sallyport/authz/decisionlog"
	"github.com/sallyport-authz/sallyport/authz/envoy"
	"github.com/sallyport-authz/sallyport/authz/keylist"
	"github.com/sallyport-authz/sallyport/test/canary"
	"github.com/sallyport-authz/sallyport/test/echo"
	"github.com/sallyport-authz/sallyport/test/mesh"
)

// failing is every stage of the flow, failing in the most talkative way at the path
// of its name: a real process has no failpoints.
type failing struct {
	authz.Authenticator
	all  []*authz.Configured
	next authz.Recorder
}

// say is all that a stage knows of a request.
func say(a *authz.Attributes) string {
	return fmt.Sprintf("%+v of %s", a.Request.Headers.List, a.Request.Path)
}

func at(a *authz.Attributes, stage string) bool {
	return a != nil && a.Request != nil && strings.HasPrefix(a.Request.Path, "/"+stage+"?")
}

// Match implements authz.Router.
func (f *failing) Match(a *authz.Attributes) (authz.Match, error) {
	if at(a, "router") {
		panic("router: " + say(a))
	}
	claims, err := authz.NewClaims([]authz.Carrier{authz.InHeader("authorization"), authz.InHeader("x-api-key")}, f.all)
	if err != nil {
		return authz.Match{}, fmt.Errorf("claims: %w", err)
	}
	return authz.Match{Path: a.Request.Path, Route: &authz.Route{
		Kind: authz.Operation, ID: "failing", Claims: claims, Accept: [][]*authz.Configured{f.all}, Tenant: f,
	}}, nil
}

// Extract implements authz.Authenticator.
func (f *failing) Extract(a *authz.Attributes) (authz.Credential, error) {
	if at(a, "extract") {
		panic(errors.New("extract: " + say(a)))
	}
	credential, err := f.Authenticator.Extract(a)
	credential.Name = a.Request.Path
	return credential, err //nolint:wrapcheck // a fake passes on what it is given
}

// Authenticate implements authz.Authenticator.
func (f *failing) Authenticate(ctx context.Context, c authz.Credential) (authz.Caller, authz.Basis, error) {
	switch {
	case strings.HasPrefix(c.Name, "/authenticate?"):
		panic("authenticate: " + c.Value.Reveal())
	case strings.HasPrefix(c.Name, "/rejected?"):
		return authz.Caller{}, authz.Basis{}, fmt.Errorf("%w: no key %s", authz.ErrRejected, c.Value.Reveal())
	case strings.HasPrefix(c.Name, "/down?"):
		return authz.Caller{}, authz.Basis{}, fmt.Errorf("ask about %s", c.Value.Reveal())
	default:
		return f.Authenticator.Authenticate(ctx, c)
	}
}

// Tenant implements authz.TenantSource.
func (*failing) Tenant(a *authz.Attributes, _ authz.Match, _ authz.Caller) (string, error) {
	if at(a, "tenant") {
		panic(a.Request.Headers)
	}
	return "", nil
}

func (*failing) Reads() authz.Reads { return nil }

// Decide implements authz.Policy.
func (*failing) Decide(_ context.Context, in *authz.Input) (authz.Answer, error) {
	switch {
	case strings.HasPrefix(in.Request.Path, "/policy?"):
		panic(fmt.Sprintf("%+v", in))
	case strings.HasPrefix(in.Request.Path, "/evaluation?"):
		return authz.Answer{}, fmt.Errorf("evaluate %+v", in)
	default:
		return authz.Answer{Allow: true, Message: fmt.Sprintf("%+v", in)}, nil
	}
}

// Record implements authz.Recorder.
func (f *failing) Record(e authz.Event) {
	f.next.Record(e)
	if at(e.Attributes, "recorder") {
		panic("record: " + say(e.Attributes))
	}
}

// TestCanariesInPanics sends canaries through a service whose every stage panics,
// or wraps them into its error. Guards: Panicked, in each of the places that recover,
// and scrub.
func TestCanariesInPanics(t *testing.T) {
	known := newCage()
	var records, log lines
	address, operators := panickingService(t, known, &records, &log)
	upstream, err := echo.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, upstream.Close()) })
	text, err := mesh.Bootstrap(openEnvoy, mesh.Places{Clusters: map[string]string{"authz": address, "echo": upstream.Web()}})
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := mesh.StartEnvoy(t.Context(), text, short(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, proxy.Stop()) })
	stages := []string{"router", "extract", "authenticate", "rejected", "down", "tenant", "policy", "evaluation", "recorder", "none"}
	for _, stage := range stages {
		for _, asked := range known.calls("/" + stage) {
			got := sendHTTP1(t, proxy.Address("open"), asked)
			known.checkClient(t, asked, got)
			if got.seen != nil && stage != "none" && strings.HasPrefix(asked.path, "/"+stage+"?") {
				t.Errorf("%s: the upstream was reached", stage)
			}
		}
	}
	wrote := map[string]string{"pages": operators.pages(t), "traces": operators.endTraces(t)}
	wrote["records"], wrote["log"] = records.text(t), log.text(t) // last: the pages are logged too
	for name, text := range wrote {
		if len(text) < 100 {
			t.Errorf("%s: nothing was written: %q", name, text)
		}
		for _, found := range canary.Find(text, known.secrets()...) {
			t.Errorf("%s: %v", name, found)
		}
	}
	for _, want := range []string{"Match (", "Extract (", "Authenticate (", "Tenant (", "Decide (", "no key MASKED", "ask about MASKED", `evaluate \u0026{`} {
		if !strings.Contains(records.text(t), want) {
			t.Errorf("no %q in the records: that was not tried", want)
		}
	}
	if !strings.Contains(log.text(t), "Record (") {
		t.Errorf("the recorder's panic is not in the log:\n%s", log.text(t))
	}
}

// lines is what was written so far.
type lines struct {
	mu   sync.Mutex
	kept bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.Write(p)
}

func (l *lines) text(t *testing.T) string {
	t.Helper()
	time.Sleep(20 * time.Millisecond) // records follow their answers
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.String()
}

// panickingService is a service in this process that knows the cage's keys and
// shows all that it may, and what operators see of it.
func panickingService(t *testing.T, c cage, records, log *lines) (address string, operators *watched) {
	t.Helper()
	f := &failing{}
	for _, header := range []string{"x-api-key", "authorization"} {
		inner, err := apikey.New(apikey.Settings{Header: header, Keys: []keylist.Key{
			{ID: "bearer", Digest: keylist.Digest(c.value("bearer"))}, {ID: "env", Digest: keylist.Digest(c.value("env"))},
		}}, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		one := &failing{Authenticator: inner}
		f.all = append(f.all, &authz.Configured{Name: header, Kind: "apikey", Word: "key", Traits: inner.Traits(), Authenticator: one})
	}
	carriers := []authz.Carrier{authz.InHeader("x-api-key"), authz.InHeader("authorization")}
	recorder := decisionlog.New(records, decisionlog.Settings{View: decisionlog.View{Headers: []string{"*"}, Claims: []string{"*"}, Carriers: carriers}})
	t.Cleanup(func() { must(t, recorder.Close(context.Background())) })
	authorizer, err := authz.NewAuthorizer(authz.Limits{InFlight: 8, Timeout: time.Second, Margin: 20 * time.Millisecond}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	authorizer.Swap(authz.NewSnapshot(authz.Snapshot{Generation: 1, Router: f, Policy: f, Carriers: carriers}))
	logger := slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	operators = watch(t, c, authorizer, logger)
	f.next = authz.Recorders{recorder, operators.metrics, operators.tracer}
	return inProcess(t, envoy.Settings{Checker: authorizer, Recorder: f, Logger: logger}), operators
}
