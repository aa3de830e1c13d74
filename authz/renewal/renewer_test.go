package renewal_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/renewal"
	"github.com/sallyport-authz/sallyport/authz/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// maker makes a text of each secret, when it is let.
type maker struct {
	begun, goOn chan struct{}
	err         error
	thrown      any
}

func (m maker) Renew(ctx context.Context, a authz.Attempt) (string, error) {
	if m.begun != nil {
		select {
		case m.begun <- struct{}{}:
		case <-ctx.Done():
			return "", ctx.Err()
		}
		select {
		case <-m.goOn:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	if m.thrown != nil {
		panic(m.thrown)
	}
	return "new of " + a.Secret.Reveal(), m.err
}

// scene is a store with a token and a principal, and a Renewer before it.
type scene struct {
	*testing.T
	store *storetest.Memory
	token authz.Token
	ada   authz.Principal
	*renewal.Renewer
	end func()
}

var act = authz.Act{Actor: "sallyport", Origin: "serve"}

func newScene(t *testing.T, edit func(*renewal.Settings)) *scene {
	t.Helper()
	s := &scene{T: t, store: storetest.NewMemory(time.Now)}
	s.token = s.apply(authz.MintToken{Token: authz.Token{Ref: authz.TokenRef{Prefix: "mbz_", Lookup: "1"}, Verifier: "old", Grant: authz.Grant{Subject: "bot"}}}).Token
	s.ada = s.apply(authz.PutPrincipal{Principal: authz.Principal{Kind: authz.User, Name: "ada", Login: authz.LoginPassword, Verifier: "old", Grant: authz.Grant{Subject: "ada"}}}).Principal
	settings := renewal.Settings{Maker: maker{}, Applier: s.store, Act: act}
	edit(&settings)
	var err error
	if s.Renewer, err = renewal.New(settings); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Renewer.Run(ctx)
	}()
	s.end = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(s.end)
	return s
}

func (s *scene) apply(change authz.Mutation) authz.Applied {
	s.Helper()
	applied, err := s.store.Apply(s.Context(), act, change)
	if err != nil {
		s.Fatal(err)
	}
	return applied
}

func (s *scene) ofToken() authz.Attempt {
	return authz.Attempt{Verifier: "old", Secret: authz.NewSecret("mbz_1_x"), Holder: authz.Holder{Token: s.token.ID}}
}

func (s *scene) ofAda() authz.Attempt {
	return authz.Attempt{Verifier: "old", Secret: authz.NewSecret("s3cret"), Holder: authz.Holder{Kind: authz.User, Name: "ada"}}
}

// await waits until the Renewer has done so much.
func (s *scene) await(want renewal.Stats) {
	s.Helper()
	var got renewal.Stats
	for range 500 {
		if got = s.Stats(); got == want {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.Fatalf("got %+v, want %+v", got, want)
}

func (s *scene) verifiers() string {
	s.Helper()
	token, err := s.store.Token(s.Context(), s.token.Ref)
	ada, err2 := s.store.Principal(s.Context(), authz.User, "ada")
	if err := errors.Join(err, err2); err != nil {
		s.Fatal(err)
	}
	return token.Verifier + ", " + ada.Verifier
}

func TestRenewed(t *testing.T) {
	s := newScene(t, func(*renewal.Settings) {})
	s.Offer(s.ofToken())
	s.Offer(s.ofAda())
	s.Offer(authz.Attempt{Verifier: "old", Secret: authz.NewSecret("x")}) // nobody's
	s.await(renewal.Stats{Renewed: 2})
	if got := s.verifiers(); got != "new of mbz_1_x, new of s3cret" {
		t.Errorf("got %s", got)
	}
	entries, err := s.store.Audit(t.Context(), 0, 10)
	if err != nil || len(entries) != 4 || entries[3].Act != act || entries[3].Action != "renew_verifier" {
		t.Errorf("audit: %v, %v", entries, err)
	}
}

// A password that was changed before the turn came stays. The guard is Old.
func TestOvertaken(t *testing.T) {
	m := maker{begun: make(chan struct{}), goOn: make(chan struct{})}
	s := newScene(t, func(settings *renewal.Settings) { settings.Maker = m })
	s.Offer(s.ofAda())
	<-m.begun
	s.ada.Verifier = "of another password"
	s.apply(authz.PutPrincipal{Principal: s.ada})
	close(m.goOn)
	s.await(renewal.Stats{Overtaken: 1})
	if got := s.verifiers(); got != "old, of another password" {
		t.Errorf("got %s", got)
	}
}

// One holder waits once, as many as may wait do, and nobody waits for them.
func TestBounded(t *testing.T) {
	m := maker{begun: make(chan struct{}), goOn: make(chan struct{})}
	s := newScene(t, func(settings *renewal.Settings) { settings.Maker, settings.Most = m, 2 })
	s.Offer(s.ofToken())
	<-m.begun
	for i := range 5 {
		s.Offer(s.ofToken())
		s.Offer(authz.Attempt{Verifier: "old", Secret: authz.NewSecret("x"), Holder: authz.Holder{Token: fmt.Sprint("nobody", i)}})
	}
	if got, want := s.Stats(), (renewal.Stats{Dropped: 3, Waiting: 3}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	s.end()
	s.Offer(s.ofAda())
	if got := s.Stats(); got.Waiting != 0 || got.Dropped != 3 || s.verifiers() != "old, old" {
		t.Errorf("after the end: %+v, %s", got, s.verifiers())
	}
}

// What fails leaves everything as it was, is counted and told, and is tried again
// when it is offered again.
func TestFailed(t *testing.T) {
	for name, m := range map[string]maker{"error": {err: errors.New("no worker")}, "panic": {thrown: "no worker"}} {
		t.Run(name, func(t *testing.T) {
			told := make(chan authz.Holder, 2)
			s := newScene(t, func(settings *renewal.Settings) {
				settings.Maker = m
				settings.Failed = func(holder authz.Holder, _ error) { told <- holder }
			})
			for failures := range uint64(2) {
				s.Offer(s.ofToken())
				s.await(renewal.Stats{Failed: failures + 1})
				if got := <-told; got.Token != s.token.ID || s.verifiers() != "old, old" {
					t.Errorf("told of %v; %s", got, s.verifiers())
				}
			}
		})
	}
}

func TestSettings(t *testing.T) {
	whole := renewal.Settings{Maker: maker{}, Applier: storetest.NewMemory(time.Now), Act: act}
	for name, edit := range map[string]func(*renewal.Settings){
		"no maker":    func(s *renewal.Settings) { s.Maker = nil },
		"no applier":  func(s *renewal.Settings) { s.Applier = nil },
		"no actor":    func(s *renewal.Settings) { s.Act.Actor = "" },
		"no origin":   func(s *renewal.Settings) { s.Act.Origin = "" },
		"below least": func(s *renewal.Settings) { s.Most = -1 },
	} {
		s := whole
		edit(&s)
		if _, err := renewal.New(s); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
