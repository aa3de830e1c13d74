package admin_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/admin"
	"github.com/sallyport-authz/sallyport/authz/store/storetest"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// What the fakes make holds these words, so that tests find them wherever they are.
const (
	secretWord   = "S3cretOfAToken"
	verifierWord = "VerifierOfSomething"
	passwordWord = "correct horse battery staple"
)

// minter makes tokens whose lookups are next, or numbers.
type minter struct {
	next []string
	made atomic.Int64
	err  error
}

func (m *minter) Mint(_ context.Context, prefix string) (authz.Secret, authz.TokenRef, string, error) {
	n := int(m.made.Add(1))
	lookup := fmt.Sprint(n)
	if n <= len(m.next) {
		lookup = m.next[n-1]
	}
	secret := authz.NewSecret(fmt.Sprint(prefix, lookup, "_", secretWord, n))
	return secret, authz.TokenRef{Prefix: prefix, Lookup: lookup}, fmt.Sprint(verifierWord, "Token", n), m.err
}

// Makes takes long lookups for those of another system.
func (m *minter) Makes(ref authz.TokenRef) bool { return len(ref.Lookup) < 64 }

// hasher numbers what it makes: the verifier of a password is another each time.
type hasher struct {
	made atomic.Int64
	err  error
}

func (h *hasher) Password(_ context.Context, password authz.Secret) (string, error) {
	return fmt.Sprint(verifierWord, h.made.Add(1), "of", len(password.Reveal())), h.err
}

// keys are told as they are.
type keys []admin.KeyUse

func (k keys) ServerKeys(context.Context) ([]admin.KeyUse, error) { return k, nil }

// scene is a server on a socket, with all that stands behind it.
type scene struct {
	*testing.T
	folder   string
	store    *storetest.Memory
	changes  *authz.Changes
	minter   *minter
	hasher   *hasher
	log      *lockedBuffer
	settings admin.Settings
	// told is every answer, as bytes on the wire.
	told [][]byte
}

// lockedBuffer is written to by calls that run side by side.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{
		T: t, folder: dataFolder(t), store: storetest.NewMemory(time.Now), changes: &authz.Changes{},
		minter: &minter{}, hasher: &hasher{}, log: &lockedBuffer{},
	}
	s.settings = admin.Settings{
		Applier: admin.NewApplier(s.store, s.changes), Lister: s.store, Tokens: s.store, Principals: s.store, Auditor: s.store,
		Minter: s.minter, Hasher: s.hasher, Importer: importer{}, Keys: keys{{ID: "k1", Tokens: 2}, {ID: "k2"}}, Owner: admin.CurrentUser(),
		Logger: slog.New(slog.NewTextHandler(s.log, nil)),
	}
	return s
}

// dataFolder is one that others may not enter.
func dataFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	return folder
}

// serve runs the server until the test ends, and gives a client of it.
func (s *scene) serve() *admin.Client {
	s.Helper()
	server, err := admin.NewServer(s.settings)
	if err != nil {
		s.Fatal(err)
	}
	listener, err := admin.Listen(s.folder)
	if err != nil {
		s.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	client, err := admin.Dial(s.Context(), s.folder)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() {
		_ = client.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			s.Errorf("shut down: %v", err)
		}
		if err := <-done; err != nil {
			s.Errorf("serve: %v", err)
		}
	})
	return client
}

// call wants an answer, and keeps its bytes.
func call[Q, A proto.Message](s *scene, method func(context.Context, Q, ...grpc.CallOption) (A, error), q Q) A {
	s.Helper()
	a, err := method(s.Context(), q)
	if err != nil {
		s.Fatalf("%T: %v", q, err)
	}
	wire, err := proto.Marshal(a)
	if err != nil {
		s.Fatal(err)
	}
	s.told = append(s.told, wire)
	return a
}

func grant(subject string) *adminv1.Grant { return &adminv1.Grant{Subject: subject} }
