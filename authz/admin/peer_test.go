package admin_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/admin"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// A server that belongs to another user than the client's refuses the connection.
// The guard is the comparison in check.
func TestAnotherUsersServer(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.settings.Owner++
	c := s.serve()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	a, err := c.PutOrganization(ctx, &adminv1.PutOrganizationRequest{Organization: &adminv1.Organization{Id: "acme"}})
	if !errors.Is(err, admin.ErrUnsure) {
		t.Errorf("got %v, %v", a, err)
	}
	s.untouched()
}

// untouched wants a store that nobody changed.
func (s *scene) untouched() {
	s.Helper()
	entries, err := s.store.Audit(s.Context(), 0, 1)
	if err != nil || len(entries) != 0 || s.changes.Tick() != 0 {
		s.Errorf("changed: %v, %v, tick %d", entries, err, s.changes.Tick())
	}
}

// A client tells nothing to another user's server. The guards are ClientHandshake,
// and visit, which says it in words.
func TestAnotherUsersClient(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.serve()
	path := filepath.Join(s.folder, admin.SocketName)
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := admin.ShakeAsClient(admin.CurrentUser(), conn); err != nil {
		t.Errorf("own server: %v", err)
	}
	if err := admin.ShakeAsClient(admin.CurrentUser()+1, conn); !errors.Is(err, admin.ErrStranger) {
		t.Errorf("shake: %v", err)
	}
	err = admin.Visit(admin.CurrentUser()+1, path)
	if !errors.Is(err, admin.ErrStranger) || !strings.Contains(err.Error(), "run this as the server's user") {
		t.Errorf("visit: %v", err)
	}
}

// Whoever does not come through a Unix socket is nobody, whatever listener the
// server was given. The guard is the type of the connection in check.
func TestTCP(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	server, err := admin.NewServer(s.settings)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	defer func() {
		if err := errors.Join(server.Shutdown(t.Context()), <-done); err != nil {
			t.Error(err)
		}
	}()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, err = adminv1.NewAdminServiceClient(conn).PutOrganization(t.Context(),
		&adminv1.PutOrganizationRequest{Organization: &adminv1.Organization{Id: "acme"}})
	if err == nil {
		t.Error("it answered")
	}
	s.untouched()
}

// Every method wants to know who calls, should a server ever be made without the
// handshake. The guard is intercept's question.
func TestUnshaken(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	server, listener := admin.NewUnshaken(s.settings), bufconn.Listen(1<<16)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	defer func() {
		server.Stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	conn, err := grpc.NewClient("passthrough:///buffer", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	methods := adminv1.File_sallyport_admin_v1_admin_proto.Services().Get(0).Methods()
	const rpcs = 21
	if methods.Len() != rpcs {
		t.Errorf("%d methods, want %d", methods.Len(), rpcs)
	}
	for i := range methods.Len() {
		method := methods.Get(i)
		err := conn.Invoke(t.Context(), "/sallyport.admin.v1.AdminService/"+string(method.Name()), empty(t, method.Input()), empty(t, method.Output()))
		if status.Code(err) != codes.Unauthenticated {
			t.Errorf("%s: %v", method.Name(), err)
		}
	}
	// Without the interceptor too: the guard is apply's question.
	s.settings.Applier = engine(func(context.Context) (authz.Applied, error) {
		t.Error("a change for nobody")
		return authz.Applied{Seq: 1}, nil
	})
	_, err = admin.Unguarded(s.settings).PutOrganization(t.Context(),
		&adminv1.PutOrganizationRequest{Organization: &adminv1.Organization{Id: "acme"}})
	if err == nil {
		t.Error("the service answered nobody")
	}
	s.untouched()
}

func empty(t *testing.T, d protoreflect.MessageDescriptor) any {
	t.Helper()
	kind, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		return dynamicpb.NewMessage(d)
	}
	return kind.New().Interface()
}
