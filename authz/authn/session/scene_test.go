package session_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/session"
)

// today is when the tests happen, unless they wind the clock.
var today = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

const (
	plain  = "better-auth.session_token"
	secure = "__Secure-better-auth.session_token"
	// secret and check are those of the format's own description (F-1).
	secret = "0123456789abcdef0123456789abcdef"
	check  = "Xt1yTDCf94qHbrzeKspf1G9TqNM1LWCL.7Bx9xtrjxAYIXLHD3cgM0AiXWZytlxEiyn/FL5K+jew="
)

var errDown = errors.New("down")

// sign makes a cookie's value as Better Auth does.
func sign(token, by string) string {
	mac := hmac.New(sha256.New, []byte(by))
	_, _ = mac.Write([]byte(token))
	return token + "." + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// token is one of 32 characters that begins with a name.
func token(name string) string { return (name + strings.Repeat("0", 32))[:32] }

// of is a good cookie of the session of this name.
func of(name string) string { return sign(token(name), secret) }

// escaped is encodeURIComponent, which leaves only what url.QueryEscape leaves too.
func escaped(value string) string { return url.QueryEscape(value) }

// held are sessions by their tokens. It counts who asks.
type held struct {
	records map[string]session.Record
	asked   atomic.Int64
}

func (h *held) Session(_ context.Context, of string) (session.Record, authz.Basis, error) {
	h.asked.Add(1)
	basis := authz.Basis{Lasting: true, Until: today.Add(5 * time.Second), Stripes: []authz.Stripe{authz.StripeOf("fake", of)}}
	record, known := h.records[of]
	switch {
	case of == token("down"):
		return session.Record{}, authz.Basis{}, errDown
	case !known:
		return session.Record{}, basis, authz.ErrNotFound
	default:
		return record, basis, nil
	}
}

// members are who is what where: "user organization".
type members map[string]authz.Standing

func (m members) Standing(_ context.Context, user, organization string) (authz.Standing, authz.Basis, error) {
	basis := authz.Basis{Lasting: true, Until: today.Add(4 * time.Second), Stripes: []authz.Stripe{authz.StripeOf("fake", user, organization)}}
	standing, known := m[user+" "+organization]
	switch {
	case user == "u-lost":
		return authz.Standing{}, authz.Basis{}, errDown
	case !known:
		return authz.Standing{}, basis, authz.ErrNotMember
	default:
		return standing, basis, nil
	}
}

// hosts are whose a host is.
type hosts map[string]string

func (h hosts) Authenticate(_ context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error) {
	basis := authz.Basis{Lasting: true, Until: today.Add(3 * time.Second), Stripes: []authz.Stripe{authz.StripeOf("fake", credential.Name)}}
	tenant, known := h[credential.Name]
	switch {
	case credential.Name == "down.test":
		return authz.Caller{}, authz.Basis{}, errDown
	case !known:
		return authz.Caller{}, basis, authz.ErrAbsent
	default:
		return authz.Caller{Tenant: tenant, Scopes: []string{"of-hosts"}}, basis, nil
	}
}

const shop = "shop.acme.test"

// scene is an authenticator with what it asks.
type scene struct {
	*session.Authenticator
	sessions *held
}

// records are the sessions of everybody in the tests.
func records() map[string]session.Record {
	all := map[string]session.Record{"Xt1yTDCf94qHbrzeKspf1G9TqNM1LWCL": {ID: "s-check", User: "u-ann", Expires: today.Add(time.Hour), Tenant: "A"}}
	for name, record := range map[string]session.Record{
		"ann":     {ID: "s-ann", User: "u-ann", Tenant: "A"},
		"bob":     {ID: "s-bob", User: "u-bob", Tenant: "B"},
		"ex":      {ID: "s-ex", User: "u-ex", Tenant: "A"},
		"visitor": {ID: "s-visitor", User: "u-visitor"},
		"lost":    {ID: "s-lost", User: "u-lost", Tenant: "A"},
		"odd":     {ID: "s-odd", User: "u-odd", Tenant: "a"},
		"ended":   {ID: "s-ended", User: "u-ann", Tenant: "A", Expires: today},
		"noid":    {User: "u-ann", Tenant: "A"},
		"nobody":  {ID: "s-nobody", Tenant: "A"},
		"tells":   {ID: token("tells"), User: "u-ann"},
		"tells2":  {ID: "s", User: "u-" + token("tells2")},
	} {
		if record.Expires.IsZero() {
			record.Expires = today.Add(time.Hour)
		}
		all[token(name)] = record
	}
	all[strings.Repeat("a", 256)] = all[token("ann")]
	all[token("endless")] = session.Record{ID: "s-endless", User: "u-ann", Tenant: "A"}
	return all
}

// settings know everybody; a change makes them others.
func settings(h *held, changes ...func(*session.Signed)) session.Signed {
	s := session.Signed{
		Cookies: session.DefaultCookies(), Secrets: []authz.Secret{authz.NewSecret(secret)}, Sessions: h,
		Standings: members{
			"u-ann A": {Tenant: "A", Role: "owner", Scopes: []string{"admin", "storefront"}},
			"u-bob B": {Tenant: "B", Role: "member", Scopes: []string{"storefront"}},
			"u-odd a": {Tenant: "A", Role: "owner", Scopes: []string{"admin"}},
		},
		Guests: &session.Guests{Owner: hosts{shop: "A", "half.test": ""}, Scopes: []string{"storefront"}},
		Now:    func() time.Time { return today },
	}
	for _, change := range changes {
		change(&s)
	}
	return s
}

func newScene(t testing.TB, changes ...func(*session.Signed)) scene {
	t.Helper()
	h := &held{records: records()}
	a, err := session.NewSigned(settings(h, changes...))
	if err != nil {
		t.Fatal(err)
	}
	return scene{a, h}
}

// request asks a host with cookies, given as "name=value".
func request(host string, cookies ...string) *authz.Attributes {
	return &authz.Attributes{Request: &authz.Request{
		Method: "GET", Host: host, Path: "/v1/products",
		Headers: authz.Headers{List: []authz.Header{{Name: "cookie", Value: strings.Join(cookies, "; ")}}},
	}}
}

func (s scene) ask(t testing.TB, a *authz.Attributes) (authz.Caller, authz.Basis, error) {
	t.Helper()
	credential, err := s.Extract(a)
	if err != nil {
		return authz.Caller{}, authz.Basis{}, err
	}
	return s.Authenticate(t.Context(), credential)
}

// unknown reports an error by which nobody can tell.
func unknown(err error) bool {
	return err != nil && !errors.Is(err, authz.ErrRejected) && !errors.Is(err, authz.ErrMalformed) && !errors.Is(err, authz.ErrAbsent)
}
