package session_test

import (
	"errors"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/session"
)

// TestServices: how services answer that people run, and the settings that read them.
func TestServices(t *testing.T) {
	casdoor := func(s *session.Asked) {
		s.Claims = session.Claims{User: "name", Tenant: "data.owner"}
		s.Live = map[string]string{"status": "ok"}
		s.Gone.Members = map[string]string{"status": "error", "data": "Please login first"}
	}
	kratos := func(s *session.Asked) {
		s.Claims = session.Claims{Subject: "identity.id", TokenID: "id", Expires: "expires_at"}
		s.Live = map[string]string{"active": "true"}
	}
	better := func(s *session.Asked) {
		s.Claims = session.Claims{Subject: "user.id", TokenID: "session.id", Tenant: "session.activeOrganizationId", Expires: "session.expiresAt"}
	}
	mobazha := func(s *session.Asked) {
		s.Subject, s.Claims = "admin", session.Claims{Expires: "expiresAt"}
		s.Live = map[string]string{"authenticated": "true"}
		s.CSRF = session.CSRF{Header: "x-csrf-token", Claim: "csrfToken"}
	}
	for _, test := range []struct {
		name, subject, tenant string
		settings              func(*session.Asked)
		answer                told
		want                  error
	}{
		{"Casdoor's get-account", "9eb2", "acme", casdoor, told{200, `{"status":"ok","msg":"","sub":"9eb2","name":"alice","data":{"owner":"acme","id":"9eb2"},"data2":{"name":"acme"}}`, nil}, nil},
		{"Casdoor's, signed out", "", "", casdoor, told{200, `{"status":"error","msg":"请先登录","sub":"","name":"","data":"Please login first","data2":null}`, nil}, authz.ErrRejected},
		{"Casdoor's, which cannot tell", "", "", casdoor, told{200, `{"status":"error","msg":"dial tcp: connection refused","sub":"","name":"","data":null,"data2":null}`, nil}, errDown},
		{"Kratos' whoami", "7f3a", "", kratos, told{200, `{"id":"s1","active":true,"expires_at":"2026-03-05T05:06:07.123456Z","identity":{"id":"7f3a","traits":{"email":"a@b.test"}}}`, nil}, nil},
		{"Kratos', signed out", "", "", kratos, told{401, `{"error":{"code":401,"status":"Unauthorized"}}`, nil}, authz.ErrRejected},
		{"Kratos', which wants a second factor", "", "", kratos, told{403, `{"error":{"code":403,"id":"session_aal2_required"}}`, nil}, errDown},
		{"Better Auth's get-session", "u1", "A", better, told{200, `{"session":{"id":"s1","userId":"u1","expiresAt":"2026-03-10T05:06:07.000Z","activeOrganizationId":"A"},"user":{"id":"u1"}}`, nil}, nil},
		{"Better Auth's, in no organization", "u1", "", better, told{200, `{"session":{"id":"s1","userId":"u1","expiresAt":"2026-03-10T05:06:07.000Z","activeOrganizationId":null},"user":{"id":"u1"}}`, nil}, nil},
		{"Better Auth's, signed out", "", "", better, told{200, "null", nil}, authz.ErrRejected},
		{"Mobazha's admin-session", "admin", "", mobazha, told{200, `{"authenticated":true,"csrfToken":"k2Jd8sQ0zYvXw3Lm","expiresAt":"2026-03-04T05:36:07Z"}`, nil}, nil},
		{"Mobazha's, signed out", "", "", mobazha, told{401, "", nil}, authz.ErrRejected},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := newAsked(t, asking(&fake{answers: map[string]told{annSession: test.answer}}, test.settings))
			caller, _, err := a.Authenticate(t.Context(), authz.Credential{Value: authz.NewSecret(sid + "=" + annSession)})
			if caller.Subject != test.subject || caller.Tenant != test.tenant || caller.Settled {
				t.Errorf("got %+v, want %q of %q", caller, test.subject, test.tenant)
			}
			if errors.Is(test.want, errDown) != unknown(err) || !unknown(err) && !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}
