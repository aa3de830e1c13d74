package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// brokenJWT are faults of one issuer's settings. Each row goes red when its check
// in compiler.jwt, or in what that calls, is out.
func brokenJWT() []broken {
	with := func(name, settings, want string) broken {
		return broken{name, "    anonymous: {}\n", "    jwt: {" + settings + "}\n", ":17:" + want}
	}
	const (
		named = "issuer: 'https://id.example.com', audiences: [api], "
		keys  = named + "discovery: true, "
	)
	return []broken{
		with("anybody's tokens", "audiences: [api], discovery: true", "5: authenticators[1].jwt.issuer: no issuer; expected the exact iss"),
		with("tokens for anybody", "issuer: 'https://id.example.com', discovery: true", "5: authenticators[1].jwt.audiences: no audience: tokens for any service would be taken"),
		with("an empty audience", "issuer: 'https://id.example.com', audiences: [''], discovery: true", "57: authenticators[1].jwt.audiences[0]: an empty audience"),
		with("tokens without keys", "issuer: 'https://id.example.com', audiences: [api]", "5: authenticators[1].jwt: no keys; expected one of [jwks_file jwks_url discovery]"),
		with("discovery that is none", named+"discovery: false", "74: authenticators[1].jwt.discovery: discovery: false; expected"),
		with("none", keys+"algorithms: [none]", `93: authenticators[1].jwt.algorithms[0]: algorithm "none"; expected one of [ES256`),
		with("a secret that is published", keys+"algorithms: [HS256]", "93: authenticators[1].jwt.algorithms[0]: HS256 with published keys: who can verify could sign"),
		with("keys elsewhere", named+"jwks_file: keys.json", `74: authenticators[1].jwt.jwks_file: reference "keys.json"; expected file:path`),
		with("keys nowhere", named+"jwks_file: 'file:gone.json'", "74: authenticators[1].jwt.jwks_file: stat "),
		with("an interval of a file", named+"jwks_file: 'file:gone.json', refresh: 1m", "101: authenticators[1].jwt.refresh: an interval of a file"),
		with("a clock that is far off", keys+"clock_skew: 5m", "92: authenticators[1].jwt.clock_skew: duration 5m0s; expected 0s to 1m0s"),
		with("fetching all the time", keys+"min_interval: 1ms", "94: authenticators[1].jwt.min_interval: duration 1ms; expected 1s to 1h0m0s"),
		with("refreshing more often than fetching", keys+"refresh: 10s", "5: authenticators[1].jwt: min_interval 30s, refresh 10s, max_age 24h0m0s; expected each at least the one before, max_age above refresh"),
		with("keys that grow too old at once", keys+"max_age: 1m", "5: authenticators[1].jwt: min_interval 30s, refresh 5m0s, max_age 1m0s; expected each at least the one before, max_age above refresh"),
		with("tokens without end", keys+"max_token_bytes: 1000000", "97: authenticators[1].jwt.max_token_bytes: 1000000 bytes; expected at most 32768"),
		with("a header that routes", keys+"header: x-forwarded-host", `5: authenticators[1].jwt: header "x-forwarded-host" cannot carry a token`),
		with("a claim without a name", keys+"required_claims: ['']", "5: authenticators[1].jwt: a claim without a name"),
		with("keys in clear", named+"jwks_url: 'http://id.example.com/keys'", "73: authenticators[1].jwt.jwks_url: refused URL: it is http"),
		with("keys next door", named+"jwks_url: 'https://127.0.0.1/keys'", "73: authenticators[1].jwt.jwks_url: refused address: 127.0.0.1 is loopback"),
		with("a secret in a URL", named+"jwks_url: 'https://me:hunter2@id.example.com/keys'", "73: authenticators[1].jwt.jwks_url: refused URL: it has a user"),
		with("an issuer that has no metadata", "issuer: accounts, audiences: [api], discovery: true", "58: authenticators[1].jwt.discovery: discover keys: the issuer is no URL"),
	}
}

// TestBrokenKeyFiles: a key set that could not be trusted is refused at its
// reference, and what is left out of a sound one is told.
func TestBrokenKeyFiles(t *testing.T) {
	const public = `{"kty":"EC","crv":"P-256","kid":"a","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}`
	for _, c := range []struct{ name, algorithms, text, want, warning string }{
		{"sound", "[ES256]", `{"keys":[` + public + `]}`, "", ""},
		{"a key for encryption beside", "[ES256]", `{"keys":[` + public + `,{"kty":"oct","use":"enc","k":"AAAA"}]}`, "", "a key is not used: key 2: not for verifying"},
		{"no set", "[ES256]", `[]`, "key set: ", ""},
		{"no keys", "[ES256]", `{"keys":[]}`, "key set: no key is fit", ""},
		{"a member twice", "[ES256]", `{"keys":[],"keys":[` + public + `]}`, "key set: a member that stands twice", ""},
		{"a secret that nobody named", "[ES256]", `{"keys":[{"kty":"oct","alg":"HS256","k":"` + strings.Repeat("A", 43) + `"}]}`, "key set: a shared secret among published keys", ""},
		{"a secret beside a public key", "[ES256, HS256]", `{"keys":[` + public + `,{"kty":"oct","alg":"HS256","k":"` + strings.Repeat("A", 43) + `"}]}`, "key set: shared secrets beside public keys", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := write(t, byToken("issuer: me, audiences: [api], algorithms: "+c.algorithms+", jwks_file: 'file:keys.json'"))
			if err := os.WriteFile(filepath.Join(filepath.Dir(file), "keys.json"), []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			p, err := load(t.Context(), file, time.Now)
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), ".jwt.jwks_file: "+c.want) {
					t.Fatalf("got %v, want %s", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if c.warning == "" && len(p.warnings) > 0 || c.warning != "" && (len(p.warnings) != 1 || !strings.Contains(p.warnings[0].String(), c.warning)) {
				t.Errorf("got warnings %v, want %q", p.warnings, c.warning)
			}
		})
	}
}

// byToken is sound with tokens in the place of anybody.
func byToken(settings string) string {
	closed := strings.Replace(sound, "        public: true\n", "", 1)
	return strings.Replace(closed, "    anonymous: {}\n", "    jwt: {"+settings+"}\n", 1)
}
