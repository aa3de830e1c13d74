package introspection_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
	"github.com/sallyport-authz/sallyport/authz/authn/introspection"
	"github.com/sallyport-authz/sallyport/authz/claimset"
)

// The contract of every kind.
func TestContract(t *testing.T) {
	f := &fake{
		answers: map[string]string{"opaque-of-ann": ann, "opaque-of-other": strings.Replace(ann, api, "elsewhere", 1), "opaque-broken": `{"active":"true"}`},
		faults:  map[string]func(context.Context) ([]byte, error){"opaque-down": func(context.Context) ([]byte, error) { return nil, errRefused }},
	}
	for header, present := range map[string]func(*authz.Attributes, string){
		"": authntest.ByHeader("authorization", "Bearer"), "X-Access-Token": authntest.ByHeader("x-access-token", ""),
	} {
		t.Run(header, func(t *testing.T) {
			authntest.Run(t, authntest.Suite{
				New: func(t testing.TB) authntest.Subject {
					t.Helper()
					a := authenticator(t, settings(f, func(s *introspection.Settings) { s.Header = header }))
					return authntest.Subject{Traits: a.Traits(), Authenticator: a}
				},
				Present:     present,
				Valid:       []string{"opaque-of-ann"},
				Rejected:    []string{"opaque-of-other", "opaque-of-nobody"},
				Malformed:   []string{"two words", "quote\"inside", "ümlaut-inside", "padding=inside", "========", strings.Repeat("a", 8<<10+1)},
				Unavailable: []string{"opaque-broken", "opaque-down"},
			})
		})
	}
}

// with is ann with one member replaced, or added; "" takes it out.
func with(name, value string) string {
	members := map[string]string{
		"active": "true", "token_type": `"Bearer"`, "sub": `"ann"`, "aud": `"` + api + `"`, "scope": `"read write"`, "exp": "1772601067", name: value,
	}
	var parts []string
	for _, name := range []string{"active", "token_type", "sub", "aud", "scope", "exp", "nbf", "iat", "iss", "jti", "cnf", "role", "groups", "org", "username", "client_id"} {
		if members[name] != "" {
			parts = append(parts, `"`+name+`":`+members[name])
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

const (
	calls = iota
	rejects
	tellsNothing
)

// TestAnswers (T-C22): exactly true is a caller, exactly false is none, and of anything
// else nobody can tell. Each row goes red without the case of judge, lifetime, forUs or
// caller that it is about.
func TestAnswers(t *testing.T) {
	for _, row := range []struct {
		name, text string
		want       int
	}{
		{"active", ann, calls},
		{"inactive", `{"active":false}`, rejects},
		{"inactive, with all the rest", with("active", "false"), rejects},
		{"no active", with("active", ""), tellsNothing},
		{"active as text", with("active", `"true"`), tellsNothing},
		{"active as number", with("active", "1"), tellsNothing},
		{"active is null", with("active", "null"), tellsNothing},
		{"active in capitals", `{"Active":true,"sub":"ann","aud":"` + api + `","token_type":"Bearer"}`, tellsNothing},
		{"active twice", `{"active":false,` + ann[1:], tellsNothing},
		{"a member twice, deep", with("groups", `{"a":1,"a":2}`), tellsNothing},
		{"nothing", ``, tellsNothing},
		{"cut", ann[:len(ann)-1], tellsNothing},
		{"a tail", ann + "{}", tellsNothing},
		{"a list", "[" + ann + "]", tellsNothing},
		{"just true", "true", tellsNothing},
		{"HTML", "<html>", tellsNothing},
		{"no UTF-8", with("role", "\"\xff\""), tellsNothing},
		{"64 KiB", with("groups", `"`+strings.Repeat("x", 64<<10-len(with("groups", `""`)))+`"`), calls},
		{"a byte more", with("groups", `"`+strings.Repeat("x", 64<<10+1-len(with("groups", `""`)))+`"`), tellsNothing},
		{"a byte more, inactive", `{"active":false}` + strings.Repeat(" ", 64<<10), tellsNothing},

		{"no end", with("exp", ""), calls},
		{"ended", with("exp", seconds(-time.Minute)), rejects},
		{"end as text", with("exp", `"1772601067"`), tellsNothing},
		{"end as fraction", with("exp", "1772601067.5"), tellsNothing},
		{"end without bounds", with("exp", "1e999"), tellsNothing},
		{"negative end", with("exp", "-1"), tellsNothing},
		{"end is null", with("exp", "null"), tellsNothing},
		{"begin as text", with("nbf", `"0"`), tellsNothing},

		{"another audience", with("aud", `"https://shop.example/"`), rejects},
		{"longer audience", with("aud", `"`+api+`/"`), rejects},
		{"audience in capitals", with("aud", `"`+strings.ToUpper(api)+`"`), rejects},
		{"one of several audiences", with("aud", `["x","`+api+`"]`), calls},
		{"no audience", with("aud", ""), rejects},
		{"empty audiences", with("aud", "[]"), rejects},
		{"an audience that is no text", with("aud", `["`+api+`",1]`), tellsNothing},
		{"audience as object", with("aud", `{}`), tellsNothing},

		{"token type in another case", with("token_type", `"bEARER"`), calls},
		{"no token type, as of a refresh token", with("token_type", ""), rejects},
		{"another token type", with("token_type", `"DPoP"`), rejects},
		{"token type as list", with("token_type", `["Bearer"]`), tellsNothing},
		{"token type that says there is none", with("token_type", `"none"`), tellsNothing},
		{"bound to a certificate", with("cnf", `{"x5t#S256":"AA"}`), rejects},
		{"bound to nothing", with("cnf", `null`), rejects},

		{"no subject", with("sub", ""), rejects},
		{"empty subject", with("sub", `""`), rejects},
		{"subject as number", with("sub", "7"), tellsNothing},
		{"subject with a line end", with("sub", `"ann\n"`), tellsNothing},
		{"role as list", with("role", `["admin"]`), tellsNothing},
		{"scopes as list", with("scope", `["read","write"]`), calls},
		{"scopes as object", with("scope", `{"read":true}`), tellsNothing},
		{"a scope that is none", with("scope", `"read \"x\""`), tellsNothing},
		{"issuer that nobody asked for", with("iss", `"anyone"`), calls},
		{"issuer as number", with("iss", `1`), tellsNothing},
		{"jti is the token", with("jti", `"`+token+`"`), tellsNothing},
		{"jti holds the token", with("jti", `"Bearer `+token+`"`), tellsNothing},
		{"the token in a claim", with("groups", `[{"a":["`+token+`"]}]`), tellsNothing},
		{"the token as a name", with("groups", `{"`+token+`":1}`), tellsNothing},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := about(row.text)
			a := authenticator(t, settings(f))
			for range 2 {
				caller, basis, err := ask(t, a, token)
				got := calls
				switch {
				case errors.Is(err, authz.ErrRejected):
					got = rejects
				case unknown(err):
					got = tellsNothing
				case err != nil || caller.Subject != "ann":
					t.Fatalf("got %v, %v", caller, err)
				}
				if got != row.want || got == tellsNothing && basis.Lasting {
					t.Fatalf("got %v, %v, %v", caller, basis, err)
				}
				if err != nil && strings.Contains(err.Error(), token) {
					t.Errorf("%v shows the token", err)
				}
			}
			if want := int64(1 + row.want/tellsNothing); f.calls.Load() != want {
				t.Errorf("asked %d times, want %d: what nobody could tell is not remembered, all else is", f.calls.Load(), want)
			}
		})
	}
}

// TestCaller: who calls is what the members say that are named, and no more.
func TestCaller(t *testing.T) {
	full := `{"active":true,"token_type":"Bearer","sub":"ann","aud":"` + api + `","scope":"read  write","exp":1772601067,"nbf":1772600767,"iat":1772600767,
		"iss":"https://id.example","jti":"7","username":"a.n","client_id":"web","role":"admin","org":{"id":"acme"},"groups":["x",{"y":null}],"email":"a@example"}`
	want := authz.Caller{
		Subject: "ann", Tenant: "acme", Role: "admin", User: "a.n", TokenID: "7", Scopes: []string{"read", "write"},
		Claims: map[string]any{"groups": []any{"x", map[string]any{"y": nil}}}, Expires: ends.Add(10 * time.Second),
	}
	caller, basis, err := ask(t, authenticator(t, settings(about(full))), token)
	if diff := cmp.Diff([]any{caller, basis}, []any{want, authz.Basis{Lasting: true, Until: today.Add(30 * time.Second)}}); diff != "" || err != nil {
		t.Errorf("%v (-got +want):\n%s", err, diff)
	}
	for name, change := range map[string]func(*claimset.Names){
		"web": func(c *claimset.Names) { c.Subject = "client_id" }, "a.n": func(c *claimset.Names) { c.Subject = "username" }, "acme": func(c *claimset.Names) { c.Subject = "org.id" },
	} {
		caller, _, err := ask(t, authenticator(t, settings(about(full), func(s *introspection.Settings) { change(&s.Claims) })), token)
		if err != nil || caller.Subject != name {
			t.Errorf("got %q, %v, want %q", caller.Subject, err, name)
		}
	}
	for _, row := range []struct {
		name   string
		change func(*introspection.Settings)
		text   string
		ok     bool
	}{
		{"exact issuer", func(s *introspection.Settings) { s.Issuer = "https://id.example" }, full, true},
		{"another issuer", func(s *introspection.Settings) { s.Issuer = "https://id.example/" }, full, false},
		{"no issuer in the answer", func(s *introspection.Settings) { s.Issuer = "https://id.example" }, ann, false},
		{"any audience", func(s *introspection.Settings) { s.Audiences, s.AnyAudience = nil, true }, with("aud", ""), true},
		{"no type, where that is accepted", func(s *introspection.Settings) { s.Types = []string{"none"} }, with("token_type", ""), true},
		{"a type, where none is accepted", func(s *introspection.Settings) { s.Types = []string{"none"} }, ann, false},
	} {
		_, _, err := ask(t, authenticator(t, settings(about(row.text), row.change)), token)
		if row.ok && err != nil || !row.ok && !errors.Is(err, authz.ErrRejected) {
			t.Errorf("%s: got %v", row.name, err)
		}
	}
}

func seconds(from time.Duration) string { return strconv.FormatInt(today.Add(from).Unix(), 10) }

// TestLifetime: an answer holds until the token ends, or is too old; a rejection for
// five seconds, or until the token begins.
func TestLifetime(t *testing.T) {
	for _, row := range []struct {
		name, text string
		age        time.Duration
		until      time.Duration
		ok         bool
	}{
		{"age", ann, 30 * time.Second, 30 * time.Second, true},
		{"longer age", ann, 5 * time.Minute, 5 * time.Minute, true},
		{"the token's end and the skew", with("exp", seconds(15*time.Second)), 30 * time.Second, 25 * time.Second, true},
		{"ended, within the skew", with("exp", seconds(-9*time.Second)), 30 * time.Second, time.Second, true},
		{"ended, beyond the skew", with("exp", seconds(-10*time.Second)), 30 * time.Second, 5 * time.Second, false},
		{"begins, within the skew", with("nbf", seconds(10*time.Second)), 30 * time.Second, 30 * time.Second, true},
		{"begins, beyond the skew", with("nbf", seconds(12*time.Second)), 30 * time.Second, 2 * time.Second, false},
		{"issued, beyond the skew", with("iat", seconds(time.Hour)), 30 * time.Second, 5 * time.Second, false},
		{"inactive", `{"active":false}`, 30 * time.Second, 5 * time.Second, false},
		{"inactive, shorter age", `{"active":false}`, 2 * time.Second, 2 * time.Second, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, basis, err := ask(t, authenticator(t, settings(about(row.text), func(s *introspection.Settings) { s.MaxAge = row.age })), token)
			if (err == nil) != row.ok || !row.ok && !errors.Is(err, authz.ErrRejected) || !basis.Lasting || !basis.Until.Equal(today.Add(row.until)) {
				t.Errorf("got %v, %v, want until %v", basis, err, today.Add(row.until))
			}
		})
	}
}
