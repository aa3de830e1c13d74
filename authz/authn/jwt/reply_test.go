package jwt_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// TestBadReplies is T-F6: whatever an issuer answers that is no set of fit keys
// is not installed, and the last good one stays. After it a good one is.
func TestBadReplies(t *testing.T) {
	s, other := newSigner(t), newSigner(t)
	set := func(keys ...object) []byte { return asJSON(t, object{"keys": keys}) }
	whole := set(other.ecJWK())
	text := func(replace, by string) fetch {
		return document([]byte(strings.Replace(string(whole), replace, by, 1)))
	}
	many := make([]object, 257)
	for i := range many {
		many[i] = other.ecJWK()
		delete(many[i], "kid")
	}
	weak, twin := with(other.rsaJWK(), "e", "AQ"), with(other.rsaJWK(), "kid", ecKey)
	for name, reply := range map[string]fetch{
		"nothing":              document(nil),
		"an empty object":      document([]byte(`{}`)),
		"no keys":              document([]byte(`{"keys":[]}`)),
		"keys null":            document([]byte(`{"keys":null}`)),
		"keys an object":       document([]byte(`{"keys":{"a":1}}`)),
		"a list":               document([]byte(`[` + string(whole) + `]`)),
		"a key alone":          document(asJSON(t, other.ecJWK())),
		"HTML":                 document([]byte("<!doctype html><title>Maintenance</title>")),
		"HTML behind it":       document(append(bytes.Clone(whole), "<!-- served by lb-2 -->"...)),
		"truncated":            document(whole[:len(whole)-2]),
		"twice the keys":       text(`{"keys":`, `{"keys":[],"keys":`),
		"a member twice":       text(`"kty":`, `"kty":"EC","kty":`),
		"not UTF-8":            text(ecKey, "\xff"),
		"deep":                 text(`"kty":`, `"a":`+strings.Repeat("[", 99)+strings.Repeat("]", 99)+`,"kty":`),
		"a shared secret":      document(set(other.macJWK())),
		"a secret beside keys": document(set(other.ecJWK(), other.macJWK())),
		"metadata":             document(asJSON(t, object{"issuer": issuer, "jwks_uri": jwksURL})),
		"a token":              document([]byte(other.ann(t))),
		"too many keys":        document(set(many...)),
		"all unfit":            document(set(with(other.ecJWK(), "use", "enc"), weak, with(other.edJWK(), "crv", "X25519"))),
		"all twins":            document(set(other.ecJWK(), twin)),
		"private keys":         document(set(with(other.ecJWK(), "d", "AQAB"))),
		"an error":             down,
		"an error and keys":    func(context.Context, string) ([]byte, error) { return whole, errors.New("status 500") },
		"a panic":              func(context.Context, string) ([]byte, error) { panic("in the fetcher") },
	} {
		t.Run("T-F6/"+name, func(t *testing.T) {
			play(t, s, keys(t, s.ecJWK()), func(s *scene) {
				s.at.now(reply)
				tick := s.changes.Tick()
				time.Sleep(refresh + time.Second)
				s.want(s.signer.lasting(s, ecKey), known)
				s.want(other.lasting(s, ecKey), rejected)
				if got := s.fetched.Stats(); got.Keys != 1 || got.Failures != 1 || got.Problem == "" || s.changes.Tick() != tick {
					s.Errorf("stats %+v, tick %d", got, s.changes.Tick()-tick)
				}
				s.at.now(keys(s, other.ecJWK()))
				time.Sleep(minInterval + time.Second)
				s.want(other.lasting(s, ecKey), known)
			})
			play(t, s, reply, func(s *scene) {
				s.want(other.lasting(s, ecKey), cannotTell)
				s.want(s.signer.lasting(s, ecKey), cannotTell)
			})
		})
	}
}

// TestUnfitKeysAreLeftOut is T-C11: one bad key takes no good one with it.
func TestUnfitKeysAreLeftOut(t *testing.T) {
	s := newSigner(t)
	set := setOf(t, s.ecJWK(), with(s.rsaJWK(), "e", "Ag"), with(s.edJWK(), "key_ops", []string{"sign"}), object{"kty": "new"})
	if set.Len() != 1 || len(set.Unfit) != 3 {
		t.Errorf("%d keys, unfit: %v", set.Len(), set.Unfit)
	}
}
