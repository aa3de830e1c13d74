package authntest_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
)

// headerSuite is one that a fake with the header x-key passes.
func headerSuite() authntest.Suite {
	return suiteOf(authntest.FakeSettings{Carrier: authz.InHeader("x-key")}, authntest.ByHeader("X-Key", ""))
}

func suiteOf(settings authntest.FakeSettings, present func(*authz.Attributes, string)) authntest.Suite {
	settings.Name, settings.Reuse = "fake", authz.ReuseAllowed
	settings.Callers = map[string]authz.Caller{"valid-value": {Subject: "ada", Scopes: []string{"read"}}}
	settings.Malformed = map[string]bool{"malformed-value": true}
	settings.Barred = map[string]string{"barred-value": "waiting"}
	settings.Unavailable = map[string]bool{"unavailable-value": true}
	s := authntest.Suite{
		New: func(testing.TB) authntest.Subject {
			c := authntest.NewFake(settings).Configured()
			return authntest.Subject{Traits: c.Traits, Authenticator: c.Authenticator}
		},
		Present: present,
		Valid:   []string{"valid-value"}, Unavailable: []string{"unavailable-value"},
	}
	if settings.Carrier.Kind == authz.NoCarrier {
		s.Absent = []string{"unknown-value"}
	} else {
		s.Rejected, s.Malformed, s.Barred = []string{"rejected-value"}, []string{"malformed-value"}, []string{"barred-value"}
	}
	return s
}

func TestFakesPass(t *testing.T) {
	bearer := authz.InHeader("authorization")
	for name, s := range map[string]authntest.Suite{
		"header":          headerSuite(),
		"bearer":          suiteOf(authntest.FakeSettings{Carrier: bearer}, authntest.ByHeader("authorization", "Bearer")),
		"cookie":          suiteOf(authntest.FakeSettings{Carrier: authz.InCookie("session")}, authntest.ByCookie("session")),
		"without carrier": suiteOf(authntest.FakeSettings{}, authntest.ByHost()),
	} {
		t.Run(name, func(t *testing.T) { authntest.Run(t, s) })
	}
}

// bad is the header fake with one thing about it broken.
type bad struct {
	authz.Authenticator
	extract      func(*authz.Attributes, authz.Credential, error) (authz.Credential, error)
	authenticate func(context.Context, authz.Credential, authz.Caller, error) (authz.Caller, error)
}

func (b bad) Extract(a *authz.Attributes) (authz.Credential, error) {
	credential, err := b.Authenticator.Extract(a)
	if b.extract == nil {
		return credential, err
	}
	return b.extract(a, credential, err)
}

func (b bad) Authenticate(ctx context.Context, c authz.Credential) (authz.Caller, authz.Basis, error) {
	caller, basis, err := b.Authenticator.Authenticate(ctx, c)
	if b.authenticate == nil {
		return caller, basis, err
	}
	caller, err = b.authenticate(ctx, c, caller, err)
	return caller, basis, err
}

// breaking gives the header suite over a broken subject.
func breaking(breakIt func(*authntest.Subject)) authntest.Suite {
	s := headerSuite()
	fine := s.New
	s.New = func(t testing.TB) authntest.Subject {
		subject := fine(t)
		breakIt(&subject)
		return subject
	}
	return s
}

func extracting(f func(*authz.Attributes, authz.Credential, error) (authz.Credential, error)) authntest.Suite {
	return breaking(func(s *authntest.Subject) { s.Authenticator = bad{Authenticator: s.Authenticator, extract: f} })
}

func authenticating(f func(context.Context, authz.Credential, authz.Caller, error) (authz.Caller, error)) authntest.Suite {
	return breaking(func(s *authntest.Subject) { s.Authenticator = bad{Authenticator: s.Authenticator, authenticate: f} })
}

// TestSuiteFindsUndeclaredReads: a subject that looks at one more field of the
// attributes fails, whichever field it is. Taking a row out of the suite's
// changes turns the field's line red.
func TestSuiteFindsUndeclaredReads(t *testing.T) {
	for _, path := range leaves(reflect.TypeFor[authz.Attributes](), nil) {
		t.Run(pathName(path), func(t *testing.T) {
			err := authntest.Check(t, extracting(func(a *authz.Attributes, c authz.Credential, err error) (authz.Credential, error) {
				c.Name = fmt.Sprint(reach(a, path))
				return c, err
			}))
			wantBreach(t, err, "undeclared")
		})
	}
}

// leaves lists the paths to all fields of Attributes that are no structs of
// ours. Headers.List is left to the tests below: the key itself stands in it.
func leaves(of reflect.Type, above []int) [][]int {
	var all [][]int
	for i := range of.NumField() {
		path := append(append([]int(nil), above...), i)
		field := of.Field(i).Type
		if field.Kind() == reflect.Pointer {
			field = field.Elem()
		}
		switch {
		case field == reflect.TypeFor[authz.Headers]():
			continue
		case field.Kind() == reflect.Struct && strings.HasSuffix(field.PkgPath(), "/authz"):
			all = append(all, leaves(field, path)...)
		default:
			all = append(all, path)
		}
	}
	return all
}

// reach follows a path; a connection has no request to follow it into.
func reach(a *authz.Attributes, path []int) any {
	v := reflect.ValueOf(a).Elem()
	for _, i := range path {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return nil
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v.Interface()
}

func pathName(path []int) string {
	names, of := []string{}, reflect.TypeFor[authz.Attributes]()
	for _, i := range path {
		if of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		names, of = append(names, of.Field(i).Name), of.Field(i).Type
	}
	return strings.Join(names, ".")
}

// TestSuiteFindsUndeclaredCarriers: a subject that lets another header, another
// cookie or the encoding decide fails.
func TestSuiteFindsUndeclaredCarriers(t *testing.T) {
	for name, peek := range map[string]func(authz.Headers) bool{
		"a header's value":   func(h authz.Headers) bool { return h.Values("x-debug")[0] == "true" },
		"a header's absence": func(h authz.Headers) bool { return len(h.Values("x-tenant")) == 0 },
		"a second header":    func(h authz.Headers) bool { return len(h.Values("authorization")) > 1 },
		"a cookie":           func(h authz.Headers) bool { v, _ := h.Carried(authz.InCookie("theme")); return v == "changed" },
		"a cookie's absence": func(h authz.Headers) bool {
			_, presence := h.Carried(authz.InCookie("session"))
			return presence == authz.Absent
		},
		"two headers together": func(h authz.Headers) bool {
			return len(h.Values("x-user-id")) == 0 || h.Values("x-debug")[0] == "changed" && h.Values("x-tenant")[0] == "changed"
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := authntest.Check(t, extracting(func(a *authz.Attributes, c authz.Credential, err error) (authz.Credential, error) {
				if a.Request != nil && len(a.Request.Headers.Values("x-debug")) > 0 && peek(a.Request.Headers) {
					return authz.Credential{}, authz.ErrMalformed
				}
				return c, err
			}))
			wantBreach(t, err, "undeclared")
		})
	}
}
