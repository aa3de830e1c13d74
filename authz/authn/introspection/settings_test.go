package introspection_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/introspection"
)

// TestNewRefuses: half of what is needed is not enough.
func TestNewRefuses(t *testing.T) {
	for name, change := range map[string]func(*introspection.Settings){
		"no asker":                  func(s *introspection.Settings) { s.Asker = nil },
		"no clock":                  func(s *introspection.Settings) { s.Now = nil },
		"no endpoint":               func(s *introspection.Settings) { s.Endpoint = "" },
		"no credential":             func(s *introspection.Settings) { s.Authorization = authz.Secret{} },
		"no audience":               func(s *introspection.Settings) { s.Audiences = nil },
		"empty audience":            func(s *introspection.Settings) { s.Audiences = []string{api, ""} },
		"audiences, and any":        func(s *introspection.Settings) { s.AnyAudience = true },
		"empty type":                func(s *introspection.Settings) { s.Types = []string{""} },
		"claim without a name":      func(s *introspection.Settings) { s.Claims.Pass = []string{""} },
		"negative skew":             func(s *introspection.Settings) { s.Skew = -1 },
		"skew above a minute":       func(s *introspection.Settings) { s.Skew = time.Minute + 1 },
		"no age":                    func(s *introspection.Settings) { s.MaxAge = 0 },
		"age above five minutes":    func(s *introspection.Settings) { s.MaxAge = 5*time.Minute + 1 },
		"no timeout":                func(s *introspection.Settings) { s.Timeout = 0 },
		"header of the proxy":       func(s *introspection.Settings) { s.Header = "X-Forwarded-For" },
		"header that is none":       func(s *introspection.Settings) { s.Header = "x token" },
		"prefix with a space":       func(s *introspection.Settings) { s.Prefix = "a b" },
		"prefix, and JWT-shaped":    func(s *introspection.Settings) { s.Prefix, s.JWTShaped = "x_", true },
		"prefix as long as a token": func(s *introspection.Settings) { s.Prefix, s.MaxBytes = "abcd", 4 },
		"tokens of 32 KiB and more": func(s *introspection.Settings) { s.MaxBytes = 32<<10 + 1 },
		"negative calls":            func(s *introspection.Settings) { s.MostCalls = -1 },
		"calls without a bound":     func(s *introspection.Settings) { s.MostCalls = 257 },
	} {
		if _, err := introspection.New(settings(about(ann), change)); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
}

// question is an endpoint that keeps what it was asked.
type question struct{ url, authorization, form string }

func (q *question) PostForm(_ context.Context, url, authorization, form string) ([]byte, error) {
	*q = question{url, authorization, form}
	return []byte(ann), nil
}

// TestQuestion: the token stands in the form and nowhere else, escaped.
func TestQuestion(t *testing.T) {
	for _, row := range []struct{ hint, form string }{
		{"", "token=a%2Bb%2F%3D&token_type_hint=access_token"},
		{"urn:x:token", "token=a%2Bb%2F%3D&token_type_hint=urn%3Ax%3Atoken"},
		{introspection.None, "token=a%2Bb%2F%3D"},
	} {
		q := &question{}
		_, _, err := ask(t, authenticator(t, settings(q, func(s *introspection.Settings) { s.Hint = row.hint })), "a+b/=")
		if want := (question{endpoint, "Basic YTpi", row.form}); err != nil || *q != want {
			t.Errorf("got %+v, %v, want %+v", *q, err, want)
		}
	}
}

// TestCredential: a client's id and secret are form-urlencoded (RFC 6749 section
// 2.3.1), so that a colon in the id is none between the two.
func TestCredential(t *testing.T) {
	const id, secret = "shop:api é", "p%s+ /&=:\n"
	made, err := introspection.Basic(id, authz.NewSecret(secret))
	if err != nil {
		t.Fatal(err)
	}
	encoded, isBasic := strings.CutPrefix(made.Reveal(), "Basic ")
	pair, err := base64.StdEncoding.DecodeString(encoded)
	first, second, _ := strings.Cut(string(pair), ":")
	gotID, errID := url.QueryUnescape(first)
	gotSecret, errSecret := url.QueryUnescape(second)
	if errors.Join(err, errID, errSecret) != nil || !isBasic || gotID != id || gotSecret != secret || strings.Contains(second, ":") {
		t.Errorf("got %q", pair)
	}
	if made, err := introspection.Bearer(authz.NewSecret("abc")); err != nil || made.Reveal() != "Bearer abc" {
		t.Errorf("got %q, %v", made.Reveal(), err)
	}
	for name, of := range map[string]func() (authz.Secret, error){
		"no id":             func() (authz.Secret, error) { return introspection.Basic("", authz.NewSecret("x")) },
		"no secret":         func() (authz.Secret, error) { return introspection.Basic("x", authz.Secret{}) },
		"no token":          func() (authz.Secret, error) { return introspection.Bearer(authz.Secret{}) },
		"a token and a CR":  func() (authz.Secret, error) { return introspection.Bearer(authz.NewSecret("a\r\nb: c")) },
		"a token in spaces": func() (authz.Secret, error) { return introspection.Bearer(authz.NewSecret(" a")) },
	} {
		if made, err := of(); err == nil || made.Reveal() != "" {
			t.Errorf("%s: got %q, %v", name, made.Reveal(), err)
		}
	}
}

// TestTraits: which tokens are claimed where.
func TestTraits(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(*introspection.Settings)
		want   []authz.Claim
	}{
		{"opaque", func(*introspection.Settings) {}, []authz.Claim{{Scheme: "bearer", Shape: authz.ShapeOpaque}}},
		{"JWT-shaped too", func(s *introspection.Settings) { s.JWTShaped = true }, []authz.Claim{{Scheme: "bearer", Shape: authz.ShapeOpaque}, {Scheme: "bearer", Shape: authz.ShapeJWT}}},
		{"prefix", func(s *introspection.Settings) { s.Prefix = "ory_at_" }, []authz.Claim{{Scheme: "bearer", Shape: authz.ShapePrefix, Prefix: "ory_at_"}}},
		{"header of its own", func(s *introspection.Settings) { s.Header = "X-Access-Token" }, []authz.Claim{{Shape: authz.ShapeOpaque}}},
	} {
		a := authenticator(t, settings(about(ann), row.change))
		if diff := cmp.Diff(a.Traits().Claims, row.want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", row.name, diff)
		}
	}
	a := authenticator(t, settings(about(ann), func(s *introspection.Settings) { s.Prefix = "ory_at_" }))
	other := &authz.Attributes{Request: &authz.Request{Headers: authz.Headers{List: []authz.Header{{Name: "authorization", Value: "Bearer ory_rt_x"}}}}}
	if _, err := a.Extract(other); !errors.Is(err, authz.ErrAbsent) {
		t.Errorf("another prefix: got %v", err)
	}
}
