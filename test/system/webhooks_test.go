package system_test

import (
	"os"
	"path/filepath"
	"testing"
)

// TestWebhooks: a service that shares a secret, and nobody else, calls its one route.
func TestWebhooks(t *testing.T) {
	config := configure(t, "testdata/webhooks")
	const current, next = "the-checkout-secret-of-today", "the-checkout-secret-that-follows"
	for name, secret := range map[string]string{"checkout.secret": current, "next.secret": next} {
		must(t, os.WriteFile(filepath.Join(filepath.Dir(config), name), []byte(secret+"\n"), 0o600))
	}
	w := beginOn(t, config, wireEnvoy)
	hook := func(query string, headers ...field) func() reply {
		return func() reply {
			return w.ask(t, "raw", post(host, "/v1/webhooks/payments/stripe"+query, headers...))
		}
	}
	shows := func(secret string) field { return field{"x-checkout-secret", secret} }
	t.Run("P40", func(t *testing.T) {
		refused(t, hook("?org=A", key("ann-key"))(), 401, `{"code":"unauthenticated"}`)
		got := hook("?org=A", shows(current), key("ann-key"))()
		passes(t, got)
		if got.upstream("x-api-key") != "" {
			t.Error("the upstream saw a key that decided nothing")
		}
		refused(t, w.ask(t, "raw", get(host, "/key", shows(current))), 401, `{"code":"rejected"}`)
	})
	t.Run("P41", func(t *testing.T) {
		for _, c := range []struct {
			name   string
			ask    func() reply
			status int
			body   string
		}{
			{"wrong", hook("?org=A", shows("the-checkout-secret-of-todax")), 401, `{"code":"rejected"}`},
			{"empty", hook("?org=A", shows("")), 401, `{"code":"malformed"}`},
			{"absent", hook("?org=A"), 401, `{"code":"unauthenticated"}`},
			{"twice", hook("?org=A", shows(current), shows(current)), 400, `{"code":"conflict"}`},
			{"two tenants", hook("?org=A&org=B", shows(current)), 400, `{"code":"malformed"}`},
			{"unknown tenant", hook("?org=C", shows(current)), 403, `{"code":"tenant"}`},
			{"no tenant", hook("", shows(current)), 403, `{"code":"tenant"}`},
		} {
			t.Run(c.name, func(t *testing.T) {
				for range 2 { // the second time remembered
					refused(t, c.ask(), c.status, c.body)
				}
			})
		}
		for org, secret := range map[string]string{"A": current, "B": next} {
			for range 2 {
				got := hook("?org="+org, shows(secret))()
				passes(t, got)
				onlyIdentity(t, got, map[string]string{
					"x-authz-kind": "webhook", "x-authz-subject": "checkout", "x-authz-tenant": org, "x-authz-scopes": "payments",
				})
				if got.upstream("x-checkout-secret") != "" {
					t.Error("the upstream saw the secret")
				}
			}
		}
	})
}
