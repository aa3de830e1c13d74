package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// published answers every fetch with one key set, or fails.
type published struct {
	asked atomic.Int64
	down  atomic.Bool
}

const onePublicKey = `{"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}`

func (p *published) Get(context.Context, string) ([]byte, error) {
	p.asked.Add(1)
	if p.down.Load() {
		return nil, errors.New("connection refused")
	}
	return []byte(onePublicKey), nil
}

func (*published) PostForm(context.Context, string, string, string) ([]byte, error) {
	return nil, errors.New("asked about a token")
}

func (*published) AskAs(context.Context, string, string, string) (int, []byte, error) {
	return 0, nil, errors.New("asked about a session")
}

func (*published) PostJSON(context.Context, string, string, string) ([]byte, error) {
	return nil, errors.New("nobody asks for records")
}

func (*published) PostOnce(context.Context, string, string, string) ([]byte, error) {
	return nil, errors.New("asked about a token")
}

func (*published) CheckURL(string) error { return nil }

func (*published) Close() {}

// issued is sound with an issuer whose keys are fetched.
func issued(more string) string {
	return byToken("issuer: 'https://id.example.com', audiences: [api], jwks_url: 'https://id.example.com/keys'" + more)
}

func fetching(t *testing.T) (source, *published) {
	t.Helper()
	at := &published{}
	from := newSource("", time.Now)
	from.ring = &keyring{changes: &authz.Changes{}, now: time.Now, log: slog.New(slog.DiscardHandler), fetcher: at}
	t.Cleanup(from.ring.close)
	return from, at
}

func compiled(t *testing.T, from source, text string) *plan {
	t.Helper()
	from.file = write(t, text)
	p, err := from.load(t.Context(), newInventory(), 1)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestKeysOutliveReloads: a reload that changes something else keeps an issuer's
// keys, and asks it for nothing; the last plan that uses them ends the fetching.
func TestKeysOutliveReloads(t *testing.T) {
	from, at := fetching(t)
	first := compiled(t, from, issued(""))
	if told := first.held.told(); len(told) != 1 || told[0].Source != "guest" || told[0].Count != 1 || told[0].Loaded.IsZero() {
		t.Fatalf("got %+v, want one key", told)
	}
	second := compiled(t, from, strings.Replace(issued(""), "max_checks: 64", "max_checks: 65", 1))
	first.release()
	first.release()
	if len(from.ring.held) != 1 || at.asked.Load() != 1 {
		t.Errorf("%d sources, %d fetches, want one of each", len(from.ring.held), at.asked.Load())
	}
	second.release()
	if len(from.ring.held) != 0 {
		t.Error("keys that nobody uses are fetched on")
	}
}

// TestKeysOutliveTheirIntervals: who changes how often keys are fetched while the
// issuer is down keeps those that there are. The guard is keyring.last.
func TestKeysOutliveTheirIntervals(t *testing.T) {
	from, at := fetching(t)
	first := compiled(t, from, issued(""))
	at.down.Store(true)
	second := compiled(t, from, issued(", refresh: 1m"))
	first.release()
	for second.held.told()[0].Failures == 0 {
		time.Sleep(time.Millisecond)
	}
	if told := second.held.told(); told[0].Count != 1 {
		t.Errorf("got %+v, want the key from before", told)
	}
}

// TestRefusedPlansHoldNothing: a reload that is refused ends what it began.
func TestRefusedPlansHoldNothing(t *testing.T) {
	from, _ := fetching(t)
	from.file = write(t, strings.Replace(issued(""), "denial: plain", "denial: none", 1))
	if _, err := from.load(t.Context(), newInventory(), 1); err == nil {
		t.Fatal("it was taken")
	}
	if len(from.ring.held) != 0 {
		t.Error("keys are fetched for a plan that there is not")
	}
}

// TestIssuerDownAtTheStart: nothing waits long for an issuer, and operators see
// why its tokens are 503.
func TestIssuerDownAtTheStart(t *testing.T) {
	from, at := fetching(t)
	at.down.Store(true)
	told := compiled(t, from, issued("")).held.told()
	if told[0].Count != 0 || !told[0].Loaded.IsZero() || !strings.Contains(told[0].Problem, "connection refused") {
		t.Errorf("got %+v", told)
	}
}
