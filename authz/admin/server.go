package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"google.golang.org/grpc"

	"github.com/sallyport-authz/sallyport/authz"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

const (
	// mostRequest holds the largest grant that a store takes, as a message.
	mostRequest = 2 << 20
	// mostPage is where a page of a list ends, however few its rows. One row more
	// fits into mostAnswer.
	mostPage   = 2 << 20
	mostAnswer = 2 * mostPage
	// streams bounds what one connection asks at once, headers what a call says of
	// itself.
	streams = 32
	headers = 16 << 10
	// handshake bounds a connection that says nothing.
	handshake = 5 * time.Second
	// callTime bounds a call, a wait for a slow hash included.
	callTime = time.Minute
)

// Minter makes tokens.
type Minter interface {
	// Mint makes a token of a prefix that nobody can guess, with what it shows of
	// itself and what proves it. ErrInvalid is a prefix of which none are made;
	// its text is shown. It waits where what proves it is a slow hash.
	Mint(ctx context.Context, prefix string) (authz.Secret, authz.TokenRef, string, error)
	// Makes reports a reference of the form that Mint gives under its prefix.
	Makes(ref authz.TokenRef) bool
}

// Hasher makes what proves a password.
type Hasher interface {
	// Password gives what proves the password. ErrInvalid is a password that nobody
	// may have; its text is shown, and holds nothing of it.
	Password(ctx context.Context, password authz.Secret) (string, error)
}

// Importer reads what another system kept of a secret. ErrInvalid is what could not be
// verified, or would never be looked up; its text is shown, and holds nothing of what
// was kept.
type Importer interface {
	// Token gives what a token is looked up by and what proves it.
	Token(scheme string, ref authz.TokenRef, kept authz.Secret) (authz.TokenRef, string, error)
	// Password gives what proves a password.
	Password(kept authz.Secret) (string, error)
}

// Auditor tells what was changed: authz.Feeder.
type Auditor interface {
	Audit(ctx context.Context, after uint64, most int) ([]authz.AuditEntry, error)
}

// KeyUse is a server key, and how many tokens are under it that may still be used.
type KeyUse struct {
	ID     string
	Tokens uint64
}

// KeyTeller tells of server keys.
type KeyTeller interface {
	// ServerKeys gives all of them, by id. It may read the whole store.
	ServerKeys(ctx context.Context) ([]KeyUse, error)
}

// Settings are what a server needs; all of it but Origin.
type Settings struct {
	// Applier makes changes that act before it returns: an Applier of this room's.
	// The texts of authz's three errors are shown to callers.
	Applier    authz.Applier
	Lister     authz.Lister
	Tokens     authz.TokenStore
	Principals authz.PrincipalStore
	Auditor    Auditor
	Minter     Minter
	Hasher     Hasher
	Importer   Importer
	Keys       KeyTeller
	// Owner is the one user who may connect: CurrentUser, but for tests.
	Owner uint32
	// Origin is what the audit calls the socket: "cli", where it is "".
	Origin string
	// Logger is told why the store could not tell, which callers are not.
	Logger *slog.Logger
}

func (s Settings) whole() bool {
	return s.Applier != nil && s.Lister != nil && s.Tokens != nil && s.Principals != nil &&
		s.Auditor != nil && s.Minter != nil && s.Hasher != nil && s.Importer != nil && s.Keys != nil && s.Logger != nil
}

// Server serves sallyport.admin.v1 to one user of this machine.
type Server struct{ grpc *grpc.Server }

// NewServer makes a server that has not begun.
func NewServer(s Settings) (*Server, error) {
	if !s.whole() {
		return nil, errors.New("an admin server needs all of its settings")
	}
	guard := guard{logger: s.Logger}
	server := grpc.NewServer(
		grpc.Creds(sameUser{uid: s.Owner, act: authz.Act{Actor: Actor(s.Owner), Origin: cmp.Or(s.Origin, originSocket)}}),
		grpc.ConnectionTimeout(handshake),
		grpc.MaxRecvMsgSize(mostRequest),
		grpc.MaxSendMsgSize(mostAnswer),
		grpc.MaxConcurrentStreams(streams),
		grpc.MaxHeaderListSize(headers),
		grpc.UnaryInterceptor(guard.intercept),
	)
	adminv1.RegisterAdminServiceServer(server, newService(s))
	return &Server{grpc: server}, nil
}

// Serve answers until Shutdown, then gives nil. It closes the listener, and a
// connection that does not come through a Unix socket.
func (s *Server) Serve(listener net.Listener) error {
	if err := s.grpc.Serve(listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serve the control socket: %w", err)
	}
	return nil
}

// Shutdown takes no new connections and waits for the calls under way. When ctx ends
// first they are cut, and the context's error is given; a change that has begun is
// finished all the same, unless the process ends.
func (s *Server) Shutdown(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.grpc.GracefulStop()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		s.grpc.Stop()
		<-done
		return fmt.Errorf("wait for administration: %w", context.Cause(ctx))
	}
}
