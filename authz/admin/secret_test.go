package admin_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/sallyport-authz/sallyport/authz"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// What proves a secret stands in no answer, and a secret in the one that tells of its
// making; neither in the store's rows for people, nor in the log. The guards are that
// the functions of message.go leave verifiers out, and that only two answers take
// the secret.
func TestSecretsStayIn(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.serve()
	call(s, c.PutOrganization, &adminv1.PutOrganizationRequest{Organization: &adminv1.Organization{Id: "acme"}})
	svc := &adminv1.Principal{Kind: "machine", Name: "svc1", Login: "password", Grant: grant("svc1")}
	call(s, c.PutPrincipal, &adminv1.PutPrincipalRequest{Principal: svc, Password: passwordWord})
	minted := call(s, c.MintToken, &adminv1.MintTokenRequest{Prefix: "mbz_", Grant: grant("bot")})
	rotated := call(s, c.RotateToken, &adminv1.RotateTokenRequest{Ref: minted.GetToken().GetRef()})
	const withSecret = 2
	if got := s.count(secretWord); got != withSecret || minted.GetSecret() == rotated.GetSecret() {
		t.Fatalf("secrets in %d answers, want them in %d", got, withSecret)
	}
	call(s, c.ListTokens, &adminv1.ListTokensRequest{})
	call(s, c.ListPrincipals, &adminv1.ListPrincipalsRequest{})
	call(s, c.RevokeToken, &adminv1.RevokeTokenRequest{Ref: rotated.GetToken().GetRef()})
	call(s, c.RemovePrincipal, &adminv1.RemovePrincipalRequest{Kind: "machine", Name: "svc1"})
	call(s, c.ListAudit, &adminv1.ListAuditRequest{})
	if got := s.count(secretWord); got != withSecret {
		t.Errorf("secrets in %d answers, want them in %d", got, withSecret)
	}
	if verifiers, passwords := s.count(verifierWord), s.count(passwordWord); verifiers+passwords != 0 {
		t.Errorf("%d answers with verifiers, %d with passwords", verifiers, passwords)
	}
	rows, err := s.store.List(t.Context(), authz.Query{Of: authz.Tokens, Most: 10})
	if err != nil || len(rows.Tokens) != 2 || !strings.Contains(fmt.Sprint(rows), verifierWord) {
		t.Errorf("the store has no verifiers: %v, %v", rows, err)
	}
	for _, kept := range []string{fmt.Sprint(rows), s.log.String()} {
		if strings.Contains(kept, secretWord) || strings.Contains(kept, passwordWord) {
			t.Errorf("a secret was kept: %s", kept)
		}
	}
}

// count gives how many answers hold a word.
func (s *scene) count(word string) int {
	n := 0
	for _, wire := range s.told {
		if bytes.Contains(wire, []byte(word)) {
			n++
		}
	}
	return n
}

// A new field that could hold what is secret is seen here: by its name, and because
// the fields that are marked as secret are these.
func TestSecretFields(t *testing.T) {
	t.Parallel()
	var marked []string
	messages := adminv1.File_sallyport_admin_v1_admin_proto.Messages()
	for i := range messages.Len() {
		fields := messages.Get(i).Fields()
		for j := range fields.Len() {
			field := fields.Get(j)
			if strings.Contains(string(field.Name()), "verifier") {
				t.Errorf("%s: what proves a secret is nobody's to see", field.FullName())
			}
			if redacted(field) {
				marked = append(marked, strings.TrimPrefix(string(field.FullName()), "sallyport.admin.v1."))
			}
		}
	}
	want := "MintTokenResponse.secret ImportTokenRequest.kept RotateTokenResponse.secret PutPrincipalRequest.password PutPrincipalRequest.password_hash UpdatePrincipalRequest.password UpdatePrincipalRequest.password_hash"
	if got := strings.Join(marked, " "); got != want {
		t.Errorf("marked: %s\nwant: %s", got, want)
	}
}

func redacted(field protoreflect.FieldDescriptor) bool {
	options, ok := field.Options().(*descriptorpb.FieldOptions)
	return ok && options.GetDebugRedact()
}
