package session_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
	"github.com/sallyport-authz/sallyport/authz/authn/session"
)

func TestContract(t *testing.T) {
	for name, change := range map[string]func(*session.Signed){
		"with guests":    func(*session.Signed) {},
		"without guests": func(s *session.Signed) { s.Guests = nil },
	} {
		t.Run(name, func(t *testing.T) {
			authntest.Run(t, authntest.Suite{
				New: func(t testing.TB) authntest.Subject {
					t.Helper()
					a := newScene(t, change)
					return authntest.Subject{Traits: a.Traits(), Authenticator: a}
				},
				Present: func(a *authz.Attributes, value string) {
					authntest.ByHost()(a, shop)
					authntest.ByCookie(secure)(a, value)
				},
				Valid:       []string{escaped(of("ann")), of("bob"), of("ex"), of("visitor"), `"` + check + `"`},
				Rejected:    []string{of("made-up"), sign(token("ann"), strings.ToUpper(secret)), of("ended"), of("ann")[:32] + of("bob")[32:]},
				Malformed:   []string{token("ann"), token("ann") + ".", "a" + of("ann")[32:], of("ann") + "=", "%" + of("ann"), `"` + of("ann")},
				Unavailable: []string{of("down"), of("lost"), of("odd"), of("noid"), of("nobody"), of("endless"), of("tells"), of("tells2")},
			})
		})
	}
}

// TestSpellings (F-1): the cookie as it is sent, decoded and in quotes, and nothing that
// is nearly one. Each case of parse, and verified, has a row that turns.
func TestSpellings(t *testing.T) {
	const signature = "7Bx9xtrjxAYIXLHD3cgM0AiXWZytlxEiyn/FL5K+jew="
	long := strings.Repeat("a", 256)
	for _, test := range []struct {
		name, value string
		want        error
	}{
		{"as it is", check, nil},
		{"escaped", escaped(check), nil},
		{"escaped in lower case", strings.NewReplacer("%2F", "%2f", "%2B", "%2b", "%3D", "%3d").Replace(escaped(check)), nil},
		{"in quotes", `"` + check + `"`, nil},
		{"escaped, in quotes", `"` + escaped(check) + `"`, nil},
		{"without a signature", check[:32], authz.ErrMalformed},
		{"without a token", "." + signature, authz.ErrMalformed},
		{"a dot alone", check[:33], authz.ErrMalformed},
		{"a signature without padding", check[:len(check)-1], authz.ErrMalformed},
		{"a signature of 33 bytes", strings.Replace(check, "jew=", "jewA", 1), authz.ErrMalformed},
		{"base64url", strings.NewReplacer("/", "_", "+", "-").Replace(check), authz.ErrMalformed},
		{"more behind it", check + "=", authz.ErrMalformed},
		{"a dot more", check + ".", authz.ErrMalformed},
		{"a token with a dot", "a." + check, authz.ErrMalformed},
		{"an escaped dot", strings.Replace(check, ".", "%2E", 1), authz.ErrMalformed},
		{"an escaped letter", strings.Replace(check, "X", "%58", 1), authz.ErrMalformed},
		{"escaped twice", escaped(escaped(check)), authz.ErrMalformed},
		{"one quote", `"` + check, authz.ErrMalformed},
		{"quotes twice", `""` + check + `""`, authz.ErrMalformed},
		{"a short token", sign("short", secret), authz.ErrMalformed},
		{"the longest token", sign(long, secret), nil},
		{"a long token", sign(long+"a", secret), authz.ErrMalformed},
		{"100 kB", sign(strings.Repeat("a", 100_000), secret), authz.ErrMalformed},
		{"other bits that base64 ignores", strings.Replace(check, "jew=", "jex=", 1), authz.ErrRejected},
		{"another signature", strings.Replace(check, "7Bx", "8Bx", 1), authz.ErrRejected},
		{"another token", "Y" + check[1:], authz.ErrRejected},
		{"another case", strings.ToLower(check[:32]) + check[32:], authz.ErrRejected},
		{"of another secret", sign(check[:32], secret[1:]+"0"), authz.ErrRejected},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			caller, _, err := s.ask(t, request(shop, plain+"="+test.value))
			if !errors.Is(err, test.want) || (caller.Subject == "u-ann") != (test.want == nil) {
				t.Errorf("got %q, %v, want %v", caller.Subject, err, test.want)
			}
			if asked := s.sessions.asked.Load(); asked > 0 && test.want != nil {
				t.Errorf("%d look-ups for what nobody of ours signed", asked)
			}
		})
	}
}

// TestSecrets: while one secret follows another both are good, and only those.
func TestSecrets(t *testing.T) {
	old, another := strings.Repeat("o", 32), strings.Repeat("x", 32)
	for _, secrets := range [][]authz.Secret{{authz.NewSecret(secret), authz.NewSecret(old)}, {authz.NewSecret(old), authz.NewSecret(secret)}} {
		s := newScene(t, func(s *session.Signed) { s.Secrets = secrets })
		for by, want := range map[string]error{secret: nil, old: nil, another: authz.ErrRejected} {
			if _, _, err := s.ask(t, request(shop, plain+"="+sign(token("ann"), by))); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		}
	}
}

// TestCookies: one cookie counts, under either name. Two of the names are two
// credentials, also where both say the same.
func TestCookies(t *testing.T) {
	s := newScene(t)
	ann, bob := of("ann"), escaped(of("bob"))
	for _, test := range []struct {
		name    string
		cookies []string
		subject string
		want    error
	}{
		{"none", []string{"theme=dark"}, "", authz.ErrAbsent},
		{"plain", []string{"theme=dark", plain + "=" + ann}, "u-ann", nil},
		{"secure", []string{secure + "=" + bob}, "u-bob", nil},
		{"one name twice, equal", []string{plain + "=" + ann, plain + "=" + ann}, "u-ann", nil},
		{"one name twice", []string{plain + "=" + ann, plain + "=" + bob}, "", authz.ErrMalformed},
		{"both names", []string{plain + "=" + ann, secure + "=" + bob}, "", authz.ErrMalformed},
		{"both names, equal", []string{plain + "=" + ann, secure + "=" + ann}, "", authz.ErrMalformed},
		{"the document's name", []string{"better-auth.session=" + ann}, "", authz.ErrAbsent},
		{"another case", []string{strings.ToUpper(plain) + "=" + ann}, "", authz.ErrAbsent},
		{"another prefix", []string{"__Host-" + plain + "=" + ann}, "", authz.ErrAbsent},
		{"empty", []string{plain + "="}, "", authz.ErrMalformed},
	} {
		t.Run(test.name, func(t *testing.T) {
			caller, _, err := s.ask(t, request(shop, test.cookies...))
			if !errors.Is(err, test.want) || caller.Subject != test.subject {
				t.Errorf("got %q, %v, want %q, %v", caller.Subject, err, test.subject, test.want)
			}
		})
	}
	mangled := request(shop, plain+"="+ann+"!")
	mangled.Request.Headers.Joined = true
	if _, _, err := s.ask(t, mangled); !errors.Is(err, authz.ErrMalformed) {
		t.Errorf("a cookie of which bytes were lost: got %v, want malformed", err)
	}
	named := newScene(t, func(s *session.Signed) { s.Cookies = []string{"better-auth.session"} })
	if caller, _, err := named.ask(t, request(shop, "better-auth.session="+ann, plain+"="+bob)); caller.Subject != "u-ann" {
		t.Errorf("a name of the operator's: got %q, %v", caller.Subject, err)
	}
}

// TestCallers (P12, P13, P22, P29): whose a session is, for whom, and what that rests on.
// Each case of find, session, standing and guest has a row that turns.
func TestCallers(t *testing.T) {
	const ex, visitor = "u-ex", "u-visitor"
	guest := func(id, user, tenant string) authz.Caller {
		c := authz.Caller{Subject: user, User: user, TokenID: id, Expires: today.Add(time.Hour), Tenant: tenant, Settled: tenant != ""}
		if tenant != "" {
			c.Scopes = []string{"storefront"}
		}
		return c
	}
	member := func(name, tenant, role string, scopes ...string) authz.Caller {
		c := guest("s-"+name, "u-"+name, tenant)
		c.Role, c.Scopes = role, scopes
		return c
	}
	rests := func(life int, names ...[]string) authz.Basis {
		b := authz.Basis{Lasting: true, Until: today.Add(time.Duration(life) * time.Second)}
		for _, name := range names {
			b.Stripes = append(b.Stripes, authz.StripeOf("fake", name...))
		}
		return b
	}
	on := func(parts ...string) []string { return parts }
	for _, test := range []struct {
		name, session, host string
		want                authz.Caller
		basis               authz.Basis
	}{
		{"member", "ann", shop, member("ann", "A", "owner", "admin", "storefront"), rests(4, on(token("ann")), on("u-ann", "A"))},
		{"member, at a host of nobody's", "ann", "api.test", member("ann", "A", "owner", "admin", "storefront"), rests(4, on(token("ann")), on("u-ann", "A"))},
		{"member of one, at another's host", "bob", shop, member("bob", "B", "member", "storefront"), rests(4, on(token("bob")), on("u-bob", "B"))},
		{"no longer a member", "ex", shop, guest("s-ex", ex, "A"), rests(3, on(token("ex")), on(ex, "A"), on(shop))},
		{"no longer a member, at a host of nobody's", "ex", "api.test", guest("s-ex", ex, ""), rests(3, on(token("ex")), on(ex, "A"), on("api.test"))},
		{"in no organization", "visitor", shop, guest("s-visitor", visitor, "A"), rests(3, on(token("visitor")), on(shop))},
		{"in no organization, at a host of nobody's", "visitor", "api.test", guest("s-visitor", visitor, ""), rests(3, on(token("visitor")), on("api.test"))},
		{"in no organization, without a host", "visitor", "", guest("s-visitor", visitor, ""), rests(5, on(token("visitor")))},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, basis, err := newScene(t).ask(t, request(test.host, plain+"="+of(test.session)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, test.want); diff != "" {
				t.Errorf("caller (-got +want):\n%s", diff)
			}
			if diff := cmp.Diff(basis, test.basis); diff != "" {
				t.Errorf("basis (-got +want):\n%s", diff)
			}
		})
	}
}

// TestWithoutGuests: where nobody knows guests the host is not looked at.
func TestWithoutGuests(t *testing.T) {
	s := newScene(t, func(s *session.Signed) { s.Guests = nil })
	for _, name := range []string{"ex", "visitor"} {
		for _, host := range []string{shop, "down.test"} {
			got, basis, err := s.ask(t, request(host, plain+"="+of(name)))
			if err != nil || got.Tenant != "" || got.Settled || len(got.Scopes) > 0 || got.User != "u-"+name || !basis.Lasting {
				t.Errorf("%s at %s: got %+v resting on %+v, %v", name, host, got, basis, err)
			}
		}
	}
	got, _, err := s.Authenticate(t.Context(), authz.Credential{Name: shop, Value: authz.NewSecret(of("visitor"))})
	if err != nil || got.Tenant != "" {
		t.Errorf("a host that nobody asked for: got %+v, %v", got, err)
	}
	if s.Traits().Reads.Has(authz.FieldHost) {
		t.Error("the host is declared")
	}
}

// TestNobodyCanTell: of a source that is down, or says half of something, nothing follows.
func TestNobodyCanTell(t *testing.T) {
	s := newScene(t)
	for name, a := range map[string]*authz.Attributes{
		"sessions down":              request(shop, plain+"="+of("down")),
		"members down":               request(shop, plain+"="+of("lost")),
		"another organization's":     request(shop, plain+"="+of("odd")),
		"hosts down":                 request("down.test", plain+"="+of("visitor")),
		"a host of nobody in person": request("half.test", plain+"="+of("ex")),
		"no id":                      request(shop, plain+"="+of("noid")),
		"no user":                    request(shop, plain+"="+of("nobody")),
		"no end":                     request(shop, plain+"="+of("endless")),
		"an id that is the token":    request(shop, plain+"="+of("tells")),
		"a user that says the token": request(shop, plain+"="+of("tells2")),
	} {
		t.Run(name, func(t *testing.T) {
			caller, basis, err := s.ask(t, a)
			if !unknown(err) || caller.Subject != "" || basis.Lasting {
				t.Errorf("got %+v resting on %+v, %v, want that nobody can tell", caller, basis, err)
			}
		})
	}
}

// TestRejectionsRest: that there is no session may turn when one begins, that nobody
// signed a cookie never.
func TestRejectionsRest(t *testing.T) {
	s := newScene(t)
	looked := func(name string) authz.Basis {
		return authz.Basis{Lasting: true, Until: today.Add(5 * time.Second), Stripes: []authz.Stripe{authz.StripeOf("fake", token(name))}}
	}
	for value, want := range map[string]authz.Basis{
		of("made-up"):              looked("made-up"),
		of("ended"):                looked("ended"),
		sign(token("ann"), "else"): authz.Lasting(),
	} {
		_, basis, err := s.ask(t, request(shop, plain+"="+value))
		if diff := cmp.Diff(basis, want); diff != "" || !errors.Is(err, authz.ErrRejected) {
			t.Errorf("%v, basis (-got +want):\n%s", err, diff)
		}
	}
}
