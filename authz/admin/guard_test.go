package admin_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/admin"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// What a caller is told of each error. The guards are the cases of told; that of the
// default is the words of the cause, which are about anything.
func TestErrors(t *testing.T) {
	t.Parallel()
	const cause = "disk full at " + verifierWord
	for _, c := range []struct {
		name   string
		err    error
		panics bool
		is     error
		words  string
	}{
		{"not found", authz.ErrNotFound, false, authz.ErrNotFound, "not found: there is no such organization"},
		{"exists", fmt.Errorf("%w: name", authz.ErrExists), false, authz.ErrExists, "exists already: name"},
		{"invalid", fmt.Errorf("%w: organization's id", authz.ErrInvalid), false, authz.ErrInvalid, "invalid change: organization's id"},
		{"could not tell", errors.New(cause), false, admin.ErrUnsure, "look before doing it again"},
		{"ended", context.DeadlineExceeded, false, admin.ErrUnsure, "look before doing it again"},
		{"panic", errors.New(cause), true, admin.ErrUnsure, "look before doing it again"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.settings.Applier = engine(func(context.Context) (authz.Applied, error) {
				if c.panics {
					panic(c.err)
				}
				return authz.Applied{}, c.err
			})
			client := s.serve()
			_, err := client.PutOrganization(t.Context(), &adminv1.PutOrganizationRequest{})
			if !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.words) || strings.Contains(err.Error(), cause) {
				t.Errorf("got %v", err)
			}
			if logged := s.log.String(); strings.Contains(logged, "PutOrganization") != errors.Is(c.is, admin.ErrUnsure) {
				t.Errorf("logged: %s", logged)
			}
			if _, err := client.ListTokens(t.Context(), &adminv1.ListTokensRequest{}); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// Requests that mean nothing. Those about times would else mean "never".
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.serve()
	call(s, c.MintToken, &adminv1.MintTokenRequest{Prefix: "mbz_", Grant: grant("bot"), Most: 1})
	one := &adminv1.TokenRef{Prefix: "mbz_", Lookup: "1"}
	mint := func(expires *timestamppb.Timestamp) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := c.MintToken(ctx, &adminv1.MintTokenRequest{Prefix: "mbz_", Grant: grant("bot"), Expires: expires})
			return err
		}
	}
	revoke := func(q *adminv1.RevokeTokenRequest) func(context.Context) error {
		return func(ctx context.Context) error { _, err := c.RevokeToken(ctx, q); return err }
	}
	rotate := func(q *adminv1.RotateTokenRequest) func(context.Context) error {
		return func(ctx context.Context) error { _, err := c.RotateToken(ctx, q); return err }
	}
	list := func(q *adminv1.ListTokensRequest) func(context.Context) error {
		return func(ctx context.Context) error { _, err := c.ListTokens(ctx, q); return err }
	}
	put := func(q *adminv1.PutPrincipalRequest) func(context.Context) error {
		return func(ctx context.Context) error { _, err := c.PutPrincipal(ctx, q); return err }
	}
	login := func(login string) *adminv1.Principal {
		return &adminv1.Principal{Kind: "machine", Name: "svc1", Login: login, Grant: grant("svc1")}
	}
	known := login("password")
	known.Id = "somebody"
	for _, c := range []struct {
		name string
		ask  func(context.Context) error
		is   error
		// words are of the error, where more than one would do.
		words string
	}{
		{"expires at the zero time", mint(timestamppb.New(time.Time{})), authz.ErrInvalid, ""},
		{"expires at no time", mint(&timestamppb.Timestamp{Seconds: time.Now().Unix() + 3600, Nanos: -1}), authz.ErrInvalid, ""},
		{"expires in the past", mint(timestamppb.New(time.Now().Add(-time.Hour))), authz.ErrInvalid, ""},
		{"rotate into the zero time", rotate(&adminv1.RotateTokenRequest{Ref: one, Expires: timestamppb.New(time.Time{})}), authz.ErrInvalid, ""},
		{"overlap is no duration", rotate(&adminv1.RotateTokenRequest{Ref: one, Overlap: &durationpb.Duration{Seconds: 1, Nanos: -1}}), authz.ErrInvalid, "no duration"},
		{"overlap below zero", rotate(&adminv1.RotateTokenRequest{Ref: one, Overlap: durationpb.New(-1)}), authz.ErrInvalid, ""},
		{"rotate by neither", rotate(&adminv1.RotateTokenRequest{}), authz.ErrInvalid, ""},
		{"rotate nobody's", rotate(&adminv1.RotateTokenRequest{Ref: &adminv1.TokenRef{}}), authz.ErrNotFound, ""},
		{"revoke by neither", revoke(&adminv1.RevokeTokenRequest{}), authz.ErrInvalid, ""},
		{"revoke by both", revoke(&adminv1.RevokeTokenRequest{Id: "token-1", Ref: one}), authz.ErrInvalid, ""},
		{"revoke nobody's", revoke(&adminv1.RevokeTokenRequest{Id: "nobody's"}), authz.ErrNotFound, ""},
		{"page below zero", list(&adminv1.ListTokensRequest{PageSize: -1}), authz.ErrInvalid, "page_size"},
		{"page of a token that is none", list(&adminv1.ListTokensRequest{PageToken: "-1"}), authz.ErrInvalid, ""},
		{"page of a token too far", list(&adminv1.ListTokensRequest{PageToken: "2147483648"}), authz.ErrInvalid, ""},
		{"password for a token's login", put(&adminv1.PutPrincipalRequest{Principal: login("token"), Password: passwordWord}), authz.ErrInvalid, ""},
		{"no password for somebody new", put(&adminv1.PutPrincipalRequest{Principal: login("password")}), authz.ErrInvalid, "needed for somebody new"},
		{"keep the password of somebody gone", put(&adminv1.PutPrincipalRequest{Principal: known}), authz.ErrInvalid, "they are gone"},
		{"no login", put(&adminv1.PutPrincipalRequest{Principal: login("")}), authz.ErrInvalid, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.ask(t.Context()); !errors.Is(err, c.is) || !strings.Contains(fmt.Sprint(err), c.words) {
				t.Errorf("got %v, want %v, %q", err, c.is, c.words)
			}
		})
	}
	if entries, err := s.store.Audit(t.Context(), 0, 10); err != nil || len(entries) != 1 {
		t.Errorf("changed: %v, %v", entries, err)
	}
	if n := s.hasher.made.Load(); n != 0 {
		t.Errorf("%d slow hashes for nothing", n)
	}
}

// A message above the bound is refused before it is read whole; nobody is told what
// else there is. The guards are MaxRecvMsgSize, and that nothing is registered beside.
func TestBounds(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.serve()
	conn, err := admin.Bare(filepath.Join(s.folder, admin.SocketName))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	large := &adminv1.PutOrganizationRequest{Organization: &adminv1.Organization{Id: "acme", Name: strings.Repeat("a", admin.MostRequest)}}
	err = conn.Invoke(t.Context(), adminv1.AdminService_PutOrganization_FullMethodName, large, &adminv1.PutOrganizationResponse{})
	if status.Code(err) != codes.ResourceExhausted {
		t.Errorf("large: %v", err)
	}
	for _, method := range []string{
		"/sallyport.admin.v1.AdminService/PutServerKey",
		"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
		"/grpc.health.v1.Health/Check",
	} {
		err := conn.Invoke(t.Context(), method, &adminv1.ListTokensRequest{}, &adminv1.ListTokensResponse{})
		if status.Code(err) != codes.Unimplemented {
			t.Errorf("%s: %v", method, err)
		}
	}
	s.untouched()
}
