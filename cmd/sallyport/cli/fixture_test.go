package cli_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sallyport-authz/sallyport/cmd/sallyport/cli"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// service answers every call with what it was given, and keeps what it was asked.
type service struct {
	adminv1.AdminServiceClient
	answers []proto.Message
	err     error
	asked   []proto.Message
	done    int
}

// answer gives the next answer, the last one again and again.
func answer[A proto.Message](s *service, q proto.Message) (A, error) {
	var none A
	s.asked = append(s.asked, proto.Clone(q))
	if s.err != nil {
		return none, s.err
	}
	if len(s.answers) == 0 {
		made, _ := none.ProtoReflect().New().Interface().(A)
		return made, nil
	}
	next := s.answers[min(len(s.asked), len(s.answers))-1]
	made, ok := next.(A)
	if !ok {
		return none, errors.New("the test has another answer")
	}
	return made, nil
}

func (s *service) MintToken(_ context.Context, q *adminv1.MintTokenRequest, _ ...grpc.CallOption) (*adminv1.MintTokenResponse, error) {
	return answer[*adminv1.MintTokenResponse](s, q)
}

func (s *service) ImportToken(_ context.Context, q *adminv1.ImportTokenRequest, _ ...grpc.CallOption) (*adminv1.ImportTokenResponse, error) {
	return answer[*adminv1.ImportTokenResponse](s, q)
}

func (s *service) GetToken(_ context.Context, q *adminv1.GetTokenRequest, _ ...grpc.CallOption) (*adminv1.GetTokenResponse, error) {
	return answer[*adminv1.GetTokenResponse](s, q)
}

func (s *service) ListTokens(_ context.Context, q *adminv1.ListTokensRequest, _ ...grpc.CallOption) (*adminv1.ListTokensResponse, error) {
	return answer[*adminv1.ListTokensResponse](s, q)
}

func (s *service) RotateToken(_ context.Context, q *adminv1.RotateTokenRequest, _ ...grpc.CallOption) (*adminv1.RotateTokenResponse, error) {
	return answer[*adminv1.RotateTokenResponse](s, q)
}

func (s *service) RevokeToken(_ context.Context, q *adminv1.RevokeTokenRequest, _ ...grpc.CallOption) (*adminv1.RevokeTokenResponse, error) {
	return answer[*adminv1.RevokeTokenResponse](s, q)
}

func (s *service) UpdatePrincipal(_ context.Context, q *adminv1.UpdatePrincipalRequest, _ ...grpc.CallOption) (*adminv1.UpdatePrincipalResponse, error) {
	return answer[*adminv1.UpdatePrincipalResponse](s, q)
}

func (s *service) RemovePrincipal(_ context.Context, q *adminv1.RemovePrincipalRequest, _ ...grpc.CallOption) (*adminv1.RemovePrincipalResponse, error) {
	return answer[*adminv1.RemovePrincipalResponse](s, q)
}

func (s *service) ListPrincipals(_ context.Context, q *adminv1.ListPrincipalsRequest, _ ...grpc.CallOption) (*adminv1.ListPrincipalsResponse, error) {
	return answer[*adminv1.ListPrincipalsResponse](s, q)
}

func (s *service) PutOrganization(_ context.Context, q *adminv1.PutOrganizationRequest, _ ...grpc.CallOption) (*adminv1.PutOrganizationResponse, error) {
	return answer[*adminv1.PutOrganizationResponse](s, q)
}

func (s *service) RemoveOrganization(_ context.Context, q *adminv1.RemoveOrganizationRequest, _ ...grpc.CallOption) (*adminv1.RemoveOrganizationResponse, error) {
	return answer[*adminv1.RemoveOrganizationResponse](s, q)
}

func (s *service) ListOrganizations(_ context.Context, q *adminv1.ListOrganizationsRequest, _ ...grpc.CallOption) (*adminv1.ListOrganizationsResponse, error) {
	return answer[*adminv1.ListOrganizationsResponse](s, q)
}

func (s *service) PutMember(_ context.Context, q *adminv1.PutMemberRequest, _ ...grpc.CallOption) (*adminv1.PutMemberResponse, error) {
	return answer[*adminv1.PutMemberResponse](s, q)
}

func (s *service) RemoveMember(_ context.Context, q *adminv1.RemoveMemberRequest, _ ...grpc.CallOption) (*adminv1.RemoveMemberResponse, error) {
	return answer[*adminv1.RemoveMemberResponse](s, q)
}

func (s *service) ListMembers(_ context.Context, q *adminv1.ListMembersRequest, _ ...grpc.CallOption) (*adminv1.ListMembersResponse, error) {
	return answer[*adminv1.ListMembersResponse](s, q)
}

func (s *service) PutDomain(_ context.Context, q *adminv1.PutDomainRequest, _ ...grpc.CallOption) (*adminv1.PutDomainResponse, error) {
	return answer[*adminv1.PutDomainResponse](s, q)
}

func (s *service) RemoveDomain(_ context.Context, q *adminv1.RemoveDomainRequest, _ ...grpc.CallOption) (*adminv1.RemoveDomainResponse, error) {
	return answer[*adminv1.RemoveDomainResponse](s, q)
}

func (s *service) ListDomains(_ context.Context, q *adminv1.ListDomainsRequest, _ ...grpc.CallOption) (*adminv1.ListDomainsResponse, error) {
	return answer[*adminv1.ListDomainsResponse](s, q)
}

func (s *service) ListServerKeys(_ context.Context, q *adminv1.ListServerKeysRequest, _ ...grpc.CallOption) (*adminv1.ListServerKeysResponse, error) {
	return answer[*adminv1.ListServerKeysResponse](s, q)
}

func (s *service) ListAudit(_ context.Context, q *adminv1.ListAuditRequest, _ ...grpc.CallOption) (*adminv1.ListAuditResponse, error) {
	return answer[*adminv1.ListAuditResponse](s, q)
}

// printed is what a command left.
type printed struct {
	out, notes string
	err        error
}

// run runs one command, words apart by spaces, with standard input.
func (s *service) run(t *testing.T, words, stdin string) printed {
	t.Helper()
	connect := func(*cobra.Command) (adminv1.AdminServiceClient, func() error, error) {
		return s, func() error { s.done++; return nil }, nil
	}
	root := &cobra.Command{Use: "sallyport", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(cli.Commands(connect, func() time.Time { return at(0).AsTime() })...)
	root.AddCommand(cli.Keys(connect))
	var out, notes bytes.Buffer
	root.SetArgs(strings.Fields(words))
	root.SetIn(strings.NewReader(stdin))
	root.SetOut(&out)
	root.SetErr(&notes)
	err := root.ExecuteContext(t.Context())
	return printed{out.String(), notes.String(), err}
}

func at(hour int) *timestamppb.Timestamp {
	return timestamppb.New(time.Date(2030, 1, 31, hour, 0, 0, 0, time.UTC))
}

func mbz() *adminv1.TokenRef { return &adminv1.TokenRef{Prefix: "mbz_", Lookup: "1a2b3c4d"} }

// deploy is a token with everything, as it is told.
func deploy() *adminv1.Token {
	return &adminv1.Token{
		Id: "T1", Ref: mbz(), Name: "deploy", Owner: "P1", Expires: at(1), LastUsed: at(2),
		Grant: &adminv1.Grant{Subject: "bot", Tenant: "acme", Scopes: []string{"a", "b"}},
	}
}
