package agentjwt_test

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/agentjwt"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
)

func TestContract(t *testing.T) {
	ann, evil := newAgent(t), newAgent(t)
	known := register(ann.record())
	for id, change := range map[string]func(*agentjwt.Record){
		"waits":   func(r *agentjwt.Record) { r.Status = "pending" },
		"gone":    func(r *agentjwt.Record) { r.Status = "revoked" },
		"useless": func(r *agentjwt.Record) { r.Grants = nil },
		"foreign": func(r *agentjwt.Record) { r.Tenant = "C" },
		"owned":   func(r *agentjwt.Record) { r.User, r.Tenant = "down", "" },
	} {
		record := ann.record()
		record.ID = id
		change(&record)
		known[id] = record
	}
	of := func(id string) string { return ann.claiming(t, "sub", id) }
	authntest.Run(t, authntest.Suite{
		New: func(t testing.TB) authntest.Subject {
			t.Helper()
			a := authenticator(t, settings(known))
			return authntest.Subject{Traits: a.Traits(), Authenticator: a}
		},
		Present: present,
		Valid:   []string{ann.sign(t, head(), good()), ann.sign(t, with(head(), "kid", "any"), with(good(), "iss", hostID))},
		Rejected: []string{
			evil.sign(t, head(), good()), of("nobody"), evil.claiming(t, "sub", "waits"), ann.claiming(t, "jti", nil),
			ann.sign(t, object{"alg": "EdDSA", "typ": "JWT"}, good()),
		},
		Barred:      []string{of("waits"), of("gone"), of("useless"), of("foreign")},
		Unavailable: []string{of("down"), of("owned")},
		Malformed:   []string{"not-a-token", "a.b", "a..c.d", ".b.c", "a.b.", "a.b/.c", "a.b.c,a.b.c", ann.sign(t, head(), good()) + "=", strings.Repeat("a", 9000) + ".b.c"},
	})
}

// TestOwnHeader: a header of its own holds the token alone, and Authorization is then
// somebody else's.
func TestOwnHeader(t *testing.T) {
	ann := newAgent(t)
	s := settings(register(ann.record()))
	s.Header = "X-Agent"
	a := authenticator(t, s)
	if traits := a.Traits(); traits.Carriers[0] != authz.InHeader("x-agent") || traits.Claims[0].Scheme != "" {
		t.Errorf("got %+v", traits)
	}
	attributes := authntest.Full()
	present(attributes, ann.sign(t, head(), good()))
	if _, err := a.Extract(attributes); !errors.Is(err, authz.ErrAbsent) {
		t.Errorf("in Authorization: got %v", err)
	}
	authntest.ByHeader("x-agent", "")(attributes, ann.sign(t, head(), good()))
	credential, err := a.Extract(attributes)
	if err != nil {
		t.Fatal(err)
	}
	if caller, _, err := a.Authenticate(t.Context(), credential); err != nil || caller.Subject != anns {
		t.Errorf("got %q, %v", caller.Subject, err)
	}
}

// TestCaller is P34 and P38: who an agent is, found here, by the key that is registered.
func TestCaller(t *testing.T) {
	ann := newAgent(t)
	caller, err := ask(t.Context(), authenticator(t, settings(register(ann.record()))), ann.sign(t, head(), good()))
	if err != nil {
		t.Fatal(err)
	}
	want := authz.Caller{
		Subject: anns, User: "ann", Tenant: "A", Role: "owner", Settled: true, Scopes: []string{"storefront"}, TokenID: "j-1",
		Claims: map[string]any{"capabilities": []any{"listProducts", "createCart"}}, Expires: noon().Add(time.Minute),
	}
	if diff := cmp.Diff(caller, want); diff != "" {
		t.Errorf("caller (-got +want):\n%s", diff)
	}
}

// TestRefused is P04 with P38, T-C4 to T-C6, T-C12 to T-C14, T-C16 and T-C17: each row
// is signed by the agent's own key, but for those that say otherwise.
func TestRefused(t *testing.T) {
	ann := newAgent(t)
	title := func(name string, value any) string { return ann.sign(t, with(head(), name, value), good()) }
	claim := func(name string, value any) string { return ann.claiming(t, name, value) }
	claims := func(changes object) string {
		c := good()
		maps.Copy(c, changes)
		return ann.sign(t, head(), c)
	}
	raw := func(h, c string) string { return ann.signRaw([]byte(h), []byte(c)) }
	const plain = `{"alg":"EdDSA","typ":"agent+jwt"}`
	sound := string(asJSON(t, good()))
	for name, token := range map[string]string{
		"P04/typ JWT":                   title("typ", "JWT"),
		"P04/typ host+jwt":              title("typ", "host+jwt"),
		"P04/typ at+jwt":                title("typ", "at+jwt"),
		"P04/no typ":                    title("typ", nil),
		"P04/typ a list":                title("typ", []string{"agent+jwt"}),
		"P04/iat of two minutes ago":    claims(object{"iat": after(-120), "exp": after(-60)}),
		"P04/iat of two minutes, alive": claims(object{"iat": after(-120), "exp": after(60)}),
		"P04/iat of a minute ago":       claims(object{"iat": after(-60), "exp": after(0)}),
		"P04/iat to come":               claims(object{"iat": after(11), "exp": after(60)}),
		"P04/no iat":                    claim("iat", nil),
		"P04/no exp":                    claim("exp", nil),
		"P04/exp long after iat":        claim("exp", after(61)),
		"P04/exp at iat":                claim("exp", after(0)),
		"P04/exp before iat":            claim("exp", after(-1)),
		"P04/over":                      claims(object{"iat": after(-30), "exp": after(-10)}),
		"P04/no jti":                    claim("jti", nil),
		"P04/jti empty":                 claim("jti", ""),
		"P04/jti a number":              claim("jti", 7),
		"P04/jti null":                  raw(plain, strings.Replace(sound, `"j-1"`, "null", 1)),
		"P04/jti long":                  claim("jti", strings.Repeat("j", 257)),
		"P04/jti with a line end":       claim("jti", "j\n1"),
		"P04/no sub":                    claim("sub", nil),
		"P04/sub empty":                 claim("sub", ""),
		"P04/sub a list":                claim("sub", []string{anns}),
		"P04/sub long":                  claim("sub", strings.Repeat("a", 257)),
		"P04/iss another host":          claim("iss", "host-2"),
		"P04/iss empty":                 claim("iss", ""),
		"P04/iss a list":                claim("iss", []string{hostID}),
		"P04/iss the agent":             claim("iss", anns),
		"P04/bound to a method":         claim("htm", "GET"),
		"P04/bound to a URL":            claim("htu", origin+"/v1/products"),
		"P04/bound to a token":          claim("ath", "x"),
		"P07/capabilities a text":       claim("capabilities", "listProducts"),
		"P07/capabilities of numbers":   claim("capabilities", []int{1}),
		"P07/capabilities null":         raw(plain, strings.Replace(sound, `{`, `{"capabilities":null,`, 1)),
		"P07/capabilities many":         claim("capabilities", make([]string, 257)),
		"P38/signed by another key":     newAgent(t).sign(t, head(), good()),
		"P38/alg none":                  title("alg", "none"),
		"P38/alg ES256":                 title("alg", "ES256"),
		"P38/alg HS256":                 title("alg", "HS256"),
		"P38/alg in lower case":         title("alg", "eddsa"),
		"P38/alg Ed25519":               title("alg", "Ed25519"),
		"P38/no alg":                    title("alg", nil),
		"T-C6/embedded jwk":             newAgent(t).sign(t, with(head(), "jwk", ann.jwk()), good()),
		"T-C6/jku":                      title("jku", "http://127.0.0.1:1/"),
		"T-C17/crit":                    title("crit", []string{"exp"}),
		"T-C12/exp a text":              claim("exp", "9999999999"),
		"T-C12/exp huge":                raw(plain, strings.Replace(sound, `"exp":`, `"exp":1e9,"x":`, 1)),
		"T-C12/iat with a fraction":     raw(plain, strings.Replace(sound, `"iat":`, `"iat":1767355200.5,"x":`, 1)),
		"T-C12/nbf to come":             claim("nbf", after(11)),
		"T-C12/nbf a text":              claim("nbf", "0"),
		"T-C13/no aud":                  claim("aud", nil),
		"T-C13/aud empty":               claim("aud", []string{}),
		"T-C13/aud with a slash":        claim("aud", origin+"/"),
		"T-C13/aud with a path":         claim("aud", origin+"/v1"),
		"T-C13/aud in another case":     claim("aud", "https://API.prood.test"),
		"T-C13/aud another service":     claim("aud", []string{"https://evil.test"}),
		"T-C16/a claim twice":           raw(plain, strings.Replace(sound, `{`, `{"jti":"j-2",`, 1)),
		"T-C16/typ twice":               raw(`{"typ":"JWT","alg":"EdDSA","typ":"agent+jwt"}`, sound),
		"T-C16/claims no object":        raw(plain, `[]`),
		"T-C19/another last character":  another(ann.sign(t, head(), good())),
	} {
		t.Run(name, func(t *testing.T) {
			a := authenticator(t, settings(register(ann.record())))
			if caller, err := ask(t.Context(), a, token); !errors.Is(err, authz.ErrRejected) {
				t.Errorf("got %+v, %v", caller, err)
			}
		})
	}
}

// another changes bits that a decoder without strictness leaves out.
func another(token string) string {
	last := token[len(token)-1]
	return token[:len(token)-1] + string(last+1)
}

// TestTaken: the other side of each line above.
func TestTaken(t *testing.T) {
	ann := newAgent(t)
	claims := func(changes object) string {
		c := good()
		maps.Copy(c, changes)
		return ann.sign(t, head(), c)
	}
	for name, token := range map[string]string{
		"P04/fresh":              claims(nil),
		"P04/a second younger":   claims(object{"iat": after(-59), "exp": after(1)}),
		"P04/iat within skew":    claims(object{"iat": after(10), "exp": after(60)}),
		"P04/exp within skew":    claims(object{"iat": after(-30), "exp": after(-9)}),
		"P04/a short life":       claims(object{"exp": after(1)}),
		"P04/nbf":                claims(object{"nbf": after(0)}),
		"P04/iss the host's id":  claims(object{"iss": hostID}),
		"P04/iss the thumbprint": claims(object{"iss": thumbprint}),
		"P04/aud one of several": claims(object{"aud": []string{"https://evil.test", "https://auth.prood.test"}}),
		"P04/typ in upper case":  ann.sign(t, with(head(), "typ", "Agent+JWT"), good()),
		"P04/kid of another key": ann.sign(t, with(head(), "kid", "other"), good()),
		"P04/jti of 256 bytes":   claims(object{"jti": strings.Repeat("j", 256)}),
		"P04/other claims":       claims(object{"mode": "delegated", "x": []int{1}}),
		"P07/capabilities":       claims(object{"capabilities": []string{"listProducts", "unknown"}}),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ask(t.Context(), authenticator(t, settings(register(ann.record()))), token); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestLife: a token ends for us after MaxAge at the latest, whatever exp and the clocks
// allow.
func TestLife(t *testing.T) {
	ann := newAgent(t)
	for _, row := range []struct {
		name     string
		iat, exp int
		maxAge   time.Duration
		want     time.Duration
	}{
		{"by exp and the skew", 0, 20, 0, 30 * time.Second},
		{"by iat", 0, 60, 0, time.Minute},
		{"by a younger age", 0, 60, 5 * time.Second, 5 * time.Second},
		{"signed before", -50, 10, 0, 10 * time.Second},
		{"by a clock ahead", 10, 70, 0, 70 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := authenticator(t, settings(register(ann.record()), func(s *agentjwt.Settings) { s.MaxAge = row.maxAge }))
			token := ann.sign(t, head(), with(with(good(), "iat", after(row.iat)), "exp", after(row.exp)))
			caller, err := ask(t.Context(), a, token)
			if got := caller.Expires.Sub(noon()); err != nil || got != row.want {
				t.Errorf("ends in %s, want %s (%v)", got, row.want, err)
			}
		})
	}
}

// TestRegisteredKey is P38 and T-C11: only a public key of Ed25519 is one, and none
// under which anybody can sign.
func TestRegisteredKey(t *testing.T) {
	ann := newAgent(t)
	for name, key := range map[string]object{
		"none":            nil,
		"of another kind": {"kty": "EC", "crv": "P-256", "x": ann.jwk()["x"], "y": ann.jwk()["x"]},
		"symmetric":       {"kty": "oct", "k": ann.jwk()["x"]},
		"of X25519":       with(ann.jwk(), "crv", "X25519"),
		"for ES256":       with(ann.jwk(), "alg", "ES256"),
		"for encryption":  with(ann.jwk(), "use", "enc"),
		"private":         with(ann.jwk(), "d", "AAAA"),
		"short":           with(ann.jwk(), "x", encode(make([]byte, 31))),
		"padded":          with(ann.jwk(), "x", ann.jwk()["x"].(string)+"="),
		"a number":        with(ann.jwk(), "kty", 7),
	} {
		t.Run(name, func(t *testing.T) {
			record := ann.record()
			record.Key = key
			if _, err := ask(t.Context(), authenticator(t, settings(register(record))), ann.sign(t, head(), good())); !errors.Is(err, authz.ErrRejected) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("of small order", func(t *testing.T) {
		record := ann.record()
		record.Key = with(ann.jwk(), "x", encode(make([]byte, 32)))
		a, signature := authenticator(t, settings(register(record))), make([]byte, 64)
		signature[0] = 1 // fits a key of order 4 for every fourth text
		for i := range 40 {
			token := ann.claiming(t, "n", i)
			if _, err := ask(t.Context(), a, token[:strings.LastIndexByte(token, '.')+1]+encode(signature)); !errors.Is(err, authz.ErrRejected) {
				t.Errorf("got %v", err)
			}
		}
	})
}

// TestUnknown: what is no answer about the agent or its user lets nobody pass, and is no
// rejection.
func TestUnknown(t *testing.T) {
	ann := newAgent(t)
	for name, change := range map[string]func(*agentjwt.Record, members) registry{
		"no registry": func(r *agentjwt.Record, _ members) registry { return registry{} },
		"another's record": func(r *agentjwt.Record, _ members) registry {
			return registry{anns: {ID: "other", Status: "active", Key: r.Key}}
		},
		"no list of members": func(r *agentjwt.Record, _ members) registry { r.User = "down"; return register(*r) },
		"a standing elsewhere": func(r *agentjwt.Record, m members) registry {
			m["eve"], r.User, r.Tenant = []authz.Standing{{}}, "eve", ""
			return register(*r)
		},
		"a standing in another tenant": func(r *agentjwt.Record, m members) registry { r.User, r.Tenant = "liar", "A"; return register(*r) },
	} {
		t.Run(name, func(t *testing.T) {
			record, m := ann.record(), shops()
			known := change(&record, m)
			token := ann.sign(t, head(), good())
			if len(known) == 0 {
				token = ann.claiming(t, "sub", "down")
			}
			if caller, err := ask(t.Context(), authenticator(t, settings(known, func(s *agentjwt.Settings) { s.Standings = m })), token); !unknown(err) {
				t.Errorf("got %+v, %v", caller, err)
			}
		})
	}
}

// TestNewRefuses: half of what is needed is not enough.
func TestNewRefuses(t *testing.T) {
	mapping := func(all ...agentjwt.Mapping) func(*agentjwt.Settings) {
		return func(s *agentjwt.Settings) { s.Scopes = all }
	}
	for name, change := range map[string]func(*agentjwt.Settings){
		"no agents":                    func(s *agentjwt.Settings) { s.Agents = nil },
		"no standings":                 func(s *agentjwt.Settings) { s.Standings = nil },
		"no memory":                    func(s *agentjwt.Settings) { s.Memory = nil },
		"no clock":                     func(s *agentjwt.Settings) { s.Now = nil },
		"no audience":                  func(s *agentjwt.Settings) { s.Audiences = nil },
		"an empty audience":            func(s *agentjwt.Settings) { s.Audiences = append(s.Audiences, "") },
		"an age of nothing":            func(s *agentjwt.Settings) { s.MaxAge = time.Millisecond },
		"an age of more than a minute": func(s *agentjwt.Settings) { s.MaxAge = time.Minute + time.Second },
		"a skew below zero":            func(s *agentjwt.Settings) { s.Skew = -1 },
		"a skew of a minute":           func(s *agentjwt.Settings) { s.Skew = time.Minute },
		"bytes without end":            func(s *agentjwt.Settings) { s.MaxBytes = 1 << 20 },
		"bytes below zero":             func(s *agentjwt.Settings) { s.MaxBytes = -1 },
		"a header of another kind":     func(s *agentjwt.Settings) { s.Header = "cookie" },
		"a mapping of nothing":         mapping(agentjwt.Mapping{Scope: "admin"}),
		"a mapping to nothing":         mapping(agentjwt.Mapping{Capability: "*"}),
		"a star within":                mapping(agentjwt.Mapping{Capability: "a*b", Scope: "admin"}),
		"two stars":                    mapping(agentjwt.Mapping{Capability: "a**", Scope: "admin"}),
		"a mapping twice":              mapping(agentjwt.Mapping{Capability: "a", Scope: "x"}, agentjwt.Mapping{Capability: "a", Scope: "y"}),
		"a mapping behind all":         mapping(agentjwt.Mapping{Capability: "*", Scope: "x"}, agentjwt.Mapping{Capability: "admin*", Scope: "y"}),
		"a name behind its beginning":  mapping(agentjwt.Mapping{Capability: "ad*", Scope: "x"}, agentjwt.Mapping{Capability: "admin", Scope: "y"}),
	} {
		s := settings(registry{})
		change(&s)
		if _, err := agentjwt.New(s); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
	s := settings(registry{})
	mapping(agentjwt.Mapping{Capability: "a", Scope: "x"}, agentjwt.Mapping{Capability: "a*", Scope: "y"}, agentjwt.Mapping{Capability: "b*", Scope: "z"})(&s)
	if _, err := agentjwt.New(s); err != nil {
		t.Errorf("names before beginnings: %v", err)
	}
}
