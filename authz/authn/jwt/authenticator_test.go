package jwt_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
	"github.com/sallyport-authz/sallyport/authz/authn/jwt"
)

func present(a *authz.Attributes, token string) {
	authntest.ByHeader("authorization", "Bearer")(a, token)
}

// ask extracts and authenticates.
func ask(ctx context.Context, a *jwt.Authenticator, token string) (authz.Caller, authz.Basis, error) {
	attributes := authntest.Full()
	present(attributes, token)
	credential, err := a.Extract(attributes)
	if err != nil {
		return authz.Caller{}, authz.Basis{}, err
	}
	return a.Authenticate(ctx, credential)
}

func TestContract(t *testing.T) {
	s := newSigner(t)
	source := jwt.NewStatic("file", s.published(t))
	authntest.Run(t, authntest.Suite{
		New: func(t testing.TB) authntest.Subject {
			t.Helper()
			a := authenticator(t, settings(source))
			return authntest.Subject{Traits: a.Traits(), Authenticator: a}
		},
		Present: present,
		Valid: []string{
			s.ann(t), s.token(t, object{"alg": "RS256", "kid": rsaKey}, good()), s.token(t, object{"alg": "EdDSA", "kid": edKey}, good()),
			s.token(t, object{"alg": "ES256"}, good()),
		},
		Rejected: []string{
			s.token(t, es256(), with(good(), "aud", "https://other.example.com")),
			s.token(t, es256(), with(good(), "exp", noon().Add(-time.Hour).Unix())),
			s.token(t, object{"alg": "ES256", "kid": "nobody's"}, good()),
			newSigner(t).ann(t),
		},
		Malformed: []string{"not-a-token", "a.b", "a..c.d", ".b.c", "a.b.", "a.b.c\n", "a.b/.c", "a.b+.c", "a.b.c,a.b.c", s.ann(t) + "=", strings.Repeat("a", 9000) + ".b.c", strings.Repeat("a", 1367) + ".b.c"},
	})
}

func TestCaller(t *testing.T) {
	s := newSigner(t)
	conf := settings(jwt.NewStatic("file", s.published(t)))
	conf.Claims.Pass = []string{"role", "absent"}
	caller, basis, err := ask(t.Context(), authenticator(t, conf), s.ann(t))
	if err != nil {
		t.Fatal(err)
	}
	want := authz.Caller{
		Subject: "ann", Tenant: "acme", Role: "owner", Scopes: []string{"read", "write"}, TokenID: "t-1",
		Claims: map[string]any{"role": "owner"}, Expires: noon().Add(time.Hour + time.Minute),
	}
	if diff := cmp.Diff(caller, want); diff != "" {
		t.Errorf("caller (-got +want):\n%s", diff)
	}
	if !basis.Lasting || !basis.Until.Equal(want.Expires) || len(basis.Stripes) != 1 || basis.Stripes[0] != authz.StripeOf(authz.TopicIssuerKey, "file", ecKey) {
		t.Errorf("got %+v", basis)
	}
}

// TestSpelling is T-C19: of a valid token, every other last character of every
// segment is another token, and none.
func TestSpelling(t *testing.T) {
	s := newSigner(t)
	for alg, head := range map[string]object{
		"ES256": es256(), "RS256": {"alg": "RS256", "kid": rsaKey}, "EdDSA": {"alg": "EdDSA", "kid": edKey}, "HS256": {"alg": "HS256", "kid": macKey},
	} {
		t.Run("T-C19/"+alg, func(t *testing.T) {
			conf := settings(jwt.NewStatic("file", s.published(t)))
			if alg == "HS256" {
				conf.Keys, conf.Algorithms = jwt.NewStatic("file", setOf(t, s.macJWK())), []string{"HS256"}
			}
			a := authenticator(t, conf)
			// Claims of three lengths have each number of unused bits.
			for _, padding := range []string{"", "x", "xx"} {
				token := s.token(t, head, with(good(), "pad", padding+"y"))
				if _, _, err := ask(t.Context(), a, token); err != nil {
					t.Fatal(err)
				}
				for _, end := range ends(token) {
					mutants := flip(token, end)
					if len(mutants) != 63 {
						t.Fatalf("%d mutants", len(mutants))
					}
					for _, mutant := range mutants {
						if _, _, err := ask(t.Context(), a, mutant); !errors.Is(err, authz.ErrRejected) {
							t.Errorf("position %d: got %v", end, err)
						}
					}
				}
			}
		})
	}
}

// TestRefused is T-C4 to T-C7, T-C12 to T-C14, T-C16 and T-C18, a row each: signed
// by the right key wherever that is possible.
func TestRefused(t *testing.T) {
	s := newSigner(t)
	head := func(name string, value any) string { return s.token(t, with(es256(), name, value), good()) }
	claim := func(name string, value any) string { return s.token(t, es256(), with(good(), name, value)) }
	raw := func(head, claims string) string { return s.sign(t, []byte(head), []byte(claims), "ES256") }
	const plain = `{"alg":"ES256","kid":"ec-1"}`
	now := noon().Unix()
	confused := *s
	confused.mac = asJSON(t, s.ecJWK())
	sound := string(asJSON(t, good()))
	rows := map[string]string{
		"T-C4/alg none":                   s.token(t, object{"alg": "none"}, good()),
		"T-C4/alg nOnE":                   s.token(t, object{"alg": "nOnE", "kid": ecKey}, good()),
		"T-C4/no alg":                     raw(`{"kid":"ec-1"}`, sound),
		"T-C4/alg a number":               raw(`{"alg":256,"kid":"ec-1"}`, sound),
		"T-C4/alg a list":                 raw(`{"alg":["ES256"],"kid":"ec-1"}`, sound),
		"T-C5/alg of another key":         s.token(t, object{"alg": "ES256", "kid": rsaKey}, good()),
		"T-C4/alg in lower case":          raw(`{"alg":"es256","kid":"ec-1"}`, sound),
		"T-C5/PS256 by a key for RS256":   s.token(t, object{"alg": "PS256", "kid": rsaKey}, good()),
		"T-C5/HS256 by the public key":    confused.token(t, object{"alg": "HS256", "kid": ecKey}, good()),
		"T-C6/embedded jwk":               head("jwk", s.ecJWK()),
		"T-C6/jku":                        head("jku", "http://127.0.0.1:1/"),
		"T-C6/x5u":                        head("x5u", "http://127.0.0.1:1/"),
		"T-C6/x5c":                        head("x5c", []string{"MIIB"}),
		"T-C17/crit":                      head("crit", []string{"exp"}),
		"T-C17/b64":                       head("b64", true),
		"T-C17/zip":                       head("zip", "DEF"),
		"T-C17/enc":                       head("enc", "A256GCM"),
		"T-C7/kid an SQL text":            head("kid", "' OR 1=1--"),
		"T-C7/kid with a NUL":             head("kid", ecKey+"\x00"),
		"T-C7/kid null":                   raw(`{"alg":"ES256","kid":null}`, sound),
		"T-C4/alg empty":                  raw(`{"alg":"","kid":"ec-1"}`, sound),
		"T-C12/exp null":                  raw(plain, strings.Replace(sound, `"exp":`, `"exp":null,"x":`, 1)),
		"T-C12/exp after the year 9999":   claim("exp", 253402300800),
		"T-C12/nbf a fraction":            raw(plain, strings.Replace(sound, `"sub":`, `"nbf":1.5,"sub":`, 1)),
		"T-C12/iat below zero":            claim("iat", -1),
		"T-C12/iat a text":                claim("iat", "1"),
		"T-C16/sub null":                  raw(plain, strings.Replace(sound, `"ann"`, `null`, 1)),
		"T-C16/sub empty":                 claim("sub", ""),
		"T-C16/sub long":                  claim("sub", strings.Repeat("a", 1025)),
		"T-C16/sub with a space behind":   claim("sub", "ann "),
		"T-C16/jti a number":              claim("jti", 7),
		"T-C16/scope with a backslash":    claim("scope", `a\b`),
		"T-C16/scope not in ASCII":        claim("scope", "réad"),
		"T-C16/scope with DEL":            claim("scope", "a\x7f"),
		"T-C16/scope with a tab":          claim("scope", "a\tb"),
		"T-C16/scopes with a space":       claim("scope", []string{"a b"}),
		"T-C16/scopes with a number":      claim("scope", []any{"a", 1}),
		"T-C16/a number of any size":      raw(plain, strings.Replace(sound, `"sub":`, `"x":1e999999999,"sub":`, 1)),
		"T-C7/kid a path":                 head("kid", "../../dev/null"),
		"T-C7/kid long":                   head("kid", strings.Repeat("k", 300)),
		"T-C7/kid a list":                 head("kid", []string{ecKey}),
		"T-C7/kid twice":                  raw(`{"alg":"ES256","kid":"ec-1","kid":"ec-1"}`, sound),
		"T-C7/kid in another case":        head("kid", "EC-1"),
		"T-C14/typ of an ID token's hint": head("typ", "id+jwt"),
		"T-C14/typ of a logout token":     head("typ", "logout+jwt"),
		"T-C14/typ a number":              head("typ", 1),
		"T-C14/typ none in words":         head("typ", "none"),
		"T-C14/typ empty":                 head("typ", ""),
		"T-C14/typ of nothing":            head("typ", "application/"),
		"T-C12/exp missing":               claim("exp", nil),
		"T-C12/exp a text":                claim("exp", "9999999999"),
		"T-C12/exp a fraction":            raw(plain, strings.Replace(sound, `"exp":`, `"exp":0.5,"x":`, 1)),
		"T-C12/exp with an exponent":      raw(plain, strings.Replace(sound, `"exp":`, `"exp":1e999,"x":`, 1)),
		"T-C12/exp huge":                  raw(plain, strings.Replace(sound, `"exp":`, `"exp":99999999999999999999,"x":`, 1)),
		"T-C12/exp below zero":            claim("exp", -1),
		"T-C12/expired with the skew":     claim("exp", now-60),
		"T-C12/nbf beyond the skew":       claim("nbf", now+61),
		"T-C12/nbf a text":                claim("nbf", "0"),
		"T-C12/iat beyond the skew":       claim("iat", now+61),
		"T-C13/aud missing":               claim("aud", nil),
		"T-C13/aud empty":                 claim("aud", []string{}),
		"T-C13/aud a prefix":              claim("aud", audience+"/v1"),
		"T-C13/aud in another case":       claim("aud", strings.ToUpper(audience)),
		"T-C13/aud a number in a list":    claim("aud", []any{audience, 1}),
		"T-C13/aud an object":             claim("aud", object{audience: true}),
		"T-C15/iss missing":               claim("iss", nil),
		"T-C15/iss with a slash":          claim("iss", issuer+"/"),
		"T-C15/iss a list":                claim("iss", []string{issuer}),
		"T-C16/sub missing":               claim("sub", nil),
		"T-C16/sub a number":              claim("sub", 7),
		"T-C16/sub with a line feed":      claim("sub", "ann\nx-authz-role: root"),
		"T-C16/sub with a space before":   claim("sub", " ann"),
		"T-C16/sub twice":                 raw(plain, strings.Replace(sound, `"sub":`, `"sub":"bob","sub":`, 1)),
		"T-C16/a member twice below":      raw(plain, strings.Replace(sound, `"sub":`, `"x":{"a":1,"a":2},"sub":`, 1)),
		"T-C16/half a surrogate pair":     raw(plain, strings.Replace(sound, `"ann"`, `"a\ud800"`, 1)),
		"T-C16/bytes that are not UTF-8":  raw(plain, strings.Replace(sound, `ann`, "a\xff", 1)),
		"T-C16/deep":                      raw(plain, strings.Replace(sound, `"sub":`, `"x":`+strings.Repeat("[", 40)+strings.Repeat("]", 40)+`,"sub":`, 1)),
		"T-C16/claims a list":             raw(plain, "["+sound+"]"),
		"T-C16/claims with a tail":        raw(plain, sound+"{}"),
		"T-C16/claims empty":              raw(plain, ""),
		"T-C16/header a list":             raw(`["ES256"]`, sound),
		"T-C16/scope with a quote":        claim("scope", `a"b`),
		"T-C16/scope a number":            claim("scope", 1),
		"T-C16/scopes with an empty one":  claim("scope", []string{"a", ""}),
		"T-C16/role a list":               claim("role", []string{"owner"}),
		"T-C16/tenant a number":           claim("org", object{"id": 1}),
	}
	a := authenticator(t, settings(jwt.NewStatic("file", s.published(t))))
	for name, token := range rows {
		t.Run(name, func(t *testing.T) {
			caller, _, err := ask(t.Context(), a, token)
			if !errors.Is(err, authz.ErrRejected) {
				t.Errorf("got %+v, %v", caller, err)
			}
		})
	}
}

// TestClock is T-C12's other side: what clocks may differ by.
func TestClock(t *testing.T) {
	s := newSigner(t)
	a := authenticator(t, settings(jwt.NewStatic("file", s.published(t))))
	now := noon().Unix()
	for name, value := range map[string]int64{"exp": now - 59, "nbf": now + 60, "iat": now + 60} {
		caller, _, err := ask(t.Context(), a, s.token(t, es256(), with(good(), name, value)))
		if err != nil || !noon().Before(caller.Expires) {
			t.Errorf("%s %d: got %v, %v", name, value-now, caller.Expires, err)
		}
	}
	_, basis, err := ask(t.Context(), a, s.token(t, es256(), with(good(), "nbf", now+100)))
	if want := noon().Add(40 * time.Second); err == nil || !basis.Lasting || !basis.Until.Equal(want) {
		t.Errorf("a token of the future: got %v, %v, want a denial until %v", basis, err, want)
	}
}

func TestRequiredClaims(t *testing.T) {
	s := newSigner(t)
	conf := settings(jwt.NewStatic("file", s.published(t)))
	conf.Required = []string{"email", "org.id"}
	a := authenticator(t, conf)
	for claims, want := range map[string]bool{`"email":"a@b.c"`: true, `"email":null`: false, `"mail":"a@b.c"`: false} {
		text := strings.Replace(string(asJSON(t, good())), "{", "{"+claims+",", 1)
		_, _, err := ask(t.Context(), a, s.sign(t, []byte(`{"alg":"ES256","kid":"ec-1"}`), []byte(text), "ES256"))
		if (err == nil) != want {
			t.Errorf("%s: got %v", claims, err)
		}
	}
}

// TestHalfSetSettings: what would take anybody's tokens does not start.
func TestHalfSetSettings(t *testing.T) {
	s := newSigner(t)
	for name, change := range map[string]func(*jwt.Settings){
		"no issuer":         func(s *jwt.Settings) { s.Issuer = "" },
		"no audience":       func(s *jwt.Settings) { s.Audiences = nil },
		"an empty audience": func(s *jwt.Settings) { s.Audiences = []string{audience, ""} },
		"a skew below zero": func(s *jwt.Settings) { s.Skew = -1 },
		"a wide skew":       func(s *jwt.Settings) { s.Skew = time.Hour },
		"alg none":          func(s *jwt.Settings) { s.Algorithms = []string{"none"} },
		"an empty type":     func(s *jwt.Settings) { s.Types = []string{""} },
		"sizes below zero":  func(s *jwt.Settings) { s.MaxBytes = -1 },
		"an identity":       func(s *jwt.Settings) { s.Header = "X-Authz-Subject" },
		"Envoy's own":       func(s *jwt.Settings) { s.Header = "x-envoy-token" },
		"no header name":    func(s *jwt.Settings) { s.Header = "x token" },
		"requires nothing":  func(s *jwt.Settings) { s.Required = []string{""} },
		"passes nothing":    func(s *jwt.Settings) { s.Claims.Pass = []string{""} },
		"large tokens":      func(s *jwt.Settings) { s.MaxBytes = 1 << 20 },
		"the cookie header": func(s *jwt.Settings) { s.Header = "Cookie" },
		"no keys":           func(s *jwt.Settings) { s.Keys = nil },
		"no clock":          func(s *jwt.Settings) { s.Now = nil },
	} {
		conf := settings(jwt.NewStatic("file", s.published(t)))
		change(&conf)
		if _, err := jwt.New(conf); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// TestSharedSecrets: never among published keys, never beside public ones, and
// only where their algorithm is named (T-C5).
func TestSharedSecrets(t *testing.T) {
	s := newSigner(t)
	if _, err := jwt.ParseSet(asJSON(t, object{"keys": []object{s.macJWK()}}), false); err == nil {
		t.Error("a published secret was taken")
	}
	if _, err := jwt.ParseSet(asJSON(t, object{"keys": []object{s.macJWK(), s.ecJWK()}}), true); err == nil {
		t.Error("a secret beside a public key was taken")
	}
	conf := settings(jwt.NewStatic("file", setOf(t, s.macJWK())))
	token := s.token(t, object{"alg": "HS256", "kid": macKey}, good())
	if _, _, err := ask(t.Context(), authenticator(t, conf), token); err == nil {
		t.Error("HS256 was taken without being named")
	}
	conf.Algorithms = []string{"HS256"}
	if _, _, err := ask(t.Context(), authenticator(t, conf), token); err != nil {
		t.Error(err)
	}
}
