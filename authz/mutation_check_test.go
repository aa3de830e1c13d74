package authz_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// A change without a fault passes; each fault alone is refused. What a store makes
// of them is storetest's.
func TestCheckMutation(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	act := authz.Act{Actor: "ada", Origin: "cli"}
	minted := func(edit func(*authz.Token)) authz.Mutation {
		token := authz.Token{Ref: authz.TokenRef{Prefix: "mbz_", Lookup: "1"}, Verifier: "v", Grant: authz.Grant{Subject: "s"}}
		edit(&token)
		return authz.MintToken{Token: token}
	}
	claims := func(value any) authz.Mutation {
		return minted(func(k *authz.Token) { k.Claims = map[string]any{"a": value} })
	}
	endless := map[string]any{}
	endless["again"] = endless
	text := strings.Repeat("x", authz.MostText)
	for _, c := range []struct {
		name   string
		act    authz.Act
		change authz.Mutation
		fine   bool
	}{
		{"minimal", act, minted(func(*authz.Token) {}), true},
		{"nobody acts", authz.Act{Origin: "cli"}, minted(func(*authz.Token) {}), false},
		{"from nowhere", authz.Act{Actor: "ada"}, minted(func(*authz.Token) {}), false},
		{"nil", act, nil, false},
		{"pointer", act, &authz.MintToken{}, false},
		{"longest text", act, minted(func(k *authz.Token) { k.Name = text }), true},
		{"longer", act, minted(func(k *authz.Token) { k.Name = text + "x" }), false},
		{"half a rune", act, minted(func(k *authz.Token) { k.Tenant = "\xc3" }), false},
		{"NUL", act, minted(func(k *authz.Token) { k.Role = "a\x00" }), false},
		{"most scopes", act, minted(func(k *authz.Token) { k.Scopes = strings.Split(strings.Repeat("a,", authz.MostScopes-1)+"a", ",") }), true},
		{"more scopes", act, minted(func(k *authz.Token) { k.Scopes = strings.Split(strings.Repeat("a,", authz.MostScopes)+"a", ",") }), false},
		{"plain claims", act, claims([]any{nil, true, 1.5, "a", map[string]any{"b": "c"}}), true},
		{"whole number", act, claims(1), false},
		{"no number", act, claims(math.NaN()), false},
		{"no end of numbers", act, claims([]any{math.Inf(1)}), false},
		{"function", act, claims(func() {}), false},
		{"half a rune in a claim", act, claims("\xc3"), false},
		{"longest verifier", act, minted(func(k *authz.Token) { k.Verifier = strings.Repeat("v", authz.MostVerifier) }), true},
		{"longer verifier", act, minted(func(k *authz.Token) { k.Verifier = strings.Repeat("v", authz.MostVerifier+1) }), false},
		{"NUL in a claim", act, claims("\x00"), false},
		{"NUL in a claim's name", act, claims(map[string]any{"\x00": true}), false},
		{"endless claims", act, claims(endless), false},
		{"largest claims", act, claims(strings.Repeat("x", authz.MostClaims-len(`{"a":""}`))), true},
		{"larger claims", act, claims(strings.Repeat("x", authz.MostClaims-len(`{"a":""}`)+1)), false},
		{"year 9999", act, minted(func(k *authz.Token) { k.Expires = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC) }), true},
		{"year 10000", act, minted(func(k *authz.Token) { k.Expires = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }), false},
		{"expires now", act, minted(func(k *authz.Token) { k.Expires = now }), false},
		{"expires within the microsecond", act, minted(func(k *authz.Token) { k.Expires = now.Add(999) }), false},
		{"expires after it", act, minted(func(k *authz.Token) { k.Expires = now.Add(time.Microsecond) }), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := authz.CheckMutation(c.act, c.change, now)
			if (err == nil) != c.fine || err != nil && !errors.Is(err, authz.ErrInvalid) {
				t.Errorf("got %v, want fine: %t", err, c.fine)
			}
		})
	}
}

// Taking the value out of an error's text is what keeps a secret that was put into
// the wrong field out of logs.
func TestCheckMutationTellsNoValue(t *testing.T) {
	secret := "canary-8f2d" + strings.Repeat("x", authz.MostText)
	err := authz.CheckMutation(authz.Act{Actor: "ada", Origin: "cli"}, authz.RevokeToken{ID: secret}, time.Time{})
	if err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %v, want an error that does not hold the value", err)
	}
}
