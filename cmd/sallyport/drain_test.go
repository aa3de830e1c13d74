package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc/codes"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/admin"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

const drainingStore = `
mode: development
server: {drain: 10m, listeners: [{address: "unix:DIR/authz.sock"}]}
store: {path: data, keys: [{id: k1, secret: 'file:server.key'}]}
authenticators:
  - {name: token, token: {prefixes: [mbz_]}}
hosts:
  - name: all
    match: [api.example.com]
    routes:
      - {methods: [GET], path: /x, accept: [token], tenant: none}
`

// While Checks are drained, which may take minutes, a token can be revoked, and the
// next Check with it is refused. The guard is the place of end in service.liveAndStop.
func TestRevokedDuringTheDrain(t *testing.T) {
	folder := t.TempDir()
	configureIn(t, folder, drainingStore)
	said, stop, hurry, ended := serveHere(t, filepath.Join(folder, "sallyport.yaml"))
	awaitSaid(t, said, `"msg":"serving"`)
	client := administer(t, folder)
	minted, err := client.MintToken(t.Context(), &adminv1.MintTokenRequest{Prefix: "mbz_", Grant: &adminv1.Grant{Subject: "bot"}})
	if err != nil {
		t.Fatal(err)
	}
	checks := authv3.NewAuthorizationClient(connect(t, "unix:"+folder+"/authz.sock"))
	if got := checked(t, checks, minted.GetSecret()); got != codes.OK {
		t.Fatalf("before: got %s", got)
	}
	if err := client.Close(); err != nil {
		t.Error(err)
	}
	stop()
	awaitSaid(t, said, `"msg":"stopping"`)
	if got := checked(t, checks, minted.GetSecret()); got != codes.OK {
		t.Errorf("while draining: got %s", got)
	}
	client = administer(t, folder)
	defer func() { _ = client.Close() }()
	if _, err := client.RevokeToken(t.Context(), &adminv1.RevokeTokenRequest{Id: minted.GetToken().GetId(), Reason: "lost"}); err != nil {
		t.Errorf("while draining: %v", err)
	}
	if got := checked(t, checks, minted.GetSecret()); got != codes.Unauthenticated {
		t.Errorf("revoked while draining: got %s", got)
	}
	close(hurry)
	if err := <-ended; !errors.Is(err, errHurried) {
		t.Errorf("got %v", err)
	}
}

// A changed configuration says at once how imports are looked up. The guard is the
// word to the vault in service.take.
func TestReloadedFormsOfImports(t *testing.T) {
	folder := t.TempDir()
	configureIn(t, folder, drainingStore)
	said, stop, hurry, ended := serveHere(t, filepath.Join(folder, "sallyport.yaml"))
	awaitSaid(t, said, `"msg":"serving"`)
	client := administer(t, folder)
	defer func() { _ = client.Close() }()
	imported := func(digit string) error {
		_, err := client.ImportToken(t.Context(), &adminv1.ImportTokenRequest{
			Ref: &adminv1.TokenRef{Prefix: "late_"}, Scheme: "sha256", Kept: strings.Repeat(digit, 64), Grant: &adminv1.Grant{Subject: "bot"},
		})
		return err
	}
	if err := imported("a"); err != nil {
		t.Errorf("before: %v", err)
	}
	configureIn(t, folder, strings.Replace(drainingStore, "[mbz_]", "[mbz_, late_]", 1))
	awaitSaid(t, said, `"msg":"reloaded"`)
	if err := imported("b"); !errors.Is(err, authz.ErrInvalid) {
		t.Errorf("afterwards: %v", err)
	}
	stop()
	close(hurry)
	if err := <-ended; !errors.Is(err, errHurried) {
		t.Errorf("got %v", err)
	}
}

// configureIn writes a configuration, with its server key, into a folder.
func configureIn(t *testing.T, folder, text string) {
	t.Helper()
	for name, text := range map[string]string{
		"server.key":     strings.Repeat("0123456789abcdef", 4),
		"sallyport.yaml": strings.ReplaceAll(text, "DIR", folder),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// administer gives a client of the process that serves from a folder.
func administer(t *testing.T, folder string) *admin.Client {
	t.Helper()
	client, err := admin.Dial(t.Context(), filepath.Join(folder, "data"))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// serveHere serves a configuration until it is stopped, and drained or hurried.
func serveHere(t *testing.T, file string) (said *syncBuffer, stop func(), hurry chan struct{}, ended chan error) {
	t.Helper()
	said, hurry, ended = &syncBuffer{}, make(chan struct{}), make(chan error, 1)
	log := slog.New(slog.NewJSONHandler(said, nil))
	from := newSource(file, time.Now)
	from.ring = &keyring{changes: from.changes, now: time.Now, log: log}
	t.Cleanup(from.ring.close)
	p, _, err := from.whole(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	s := &service{plan: p, now: time.Now, hurry: hurry, log: log, changes: from.changes, vault: from.vault}
	s.reload = newReloader(from, p, log, nil)
	ctx, stop := context.WithCancel(t.Context())
	go func() { ended <- s.run(ctx, io.Discard) }()
	return said, stop, hurry, ended
}

func awaitSaid(t *testing.T, said *syncBuffer, words string) {
	t.Helper()
	for range 2000 {
		if strings.Contains(said.text(), words) {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("it does not say %s:\n%s", words, said.text())
}

// checked is the code of a Check with a token.
func checked(t *testing.T, checks authv3.AuthorizationClient, token string) codes.Code {
	t.Helper()
	answer, err := checks.Check(t.Context(), &authv3.CheckRequest{Attributes: &authv3.AttributeContext{Request: &authv3.AttributeContext_Request{
		Http: &authv3.AttributeContext_HttpRequest{Method: "GET", Scheme: "https", Host: "api.example.com", Path: "/x", Headers: map[string]string{"authorization": "Bearer " + token}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return codes.Code(answer.GetStatus().GetCode())
}
