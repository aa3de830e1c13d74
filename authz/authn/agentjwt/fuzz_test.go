package agentjwt_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
)

// FuzzClaims: whatever an agent signs, it is a caller only as itself, for us, now, and
// once; whatever it says, its scopes are those that it was granted.
func FuzzClaims(f *testing.F) {
	ann := newAgent(f)
	for _, claims := range []object{
		good(), with(good(), "iss", hostID), with(good(), "capabilities", []string{"listProducts"}), with(good(), "aud", []string{origin}),
		with(good(), "exp", after(61)), with(good(), "iat", after(-60)), with(good(), "sub", "down"), with(good(), "htm", "GET"),
		{},
	} {
		f.Add(asJSON(f, head()), asJSON(f, claims))
	}
	f.Add([]byte(`{"alg":"none","typ":"agent+jwt"}`), asJSON(f, good()))
	f.Add(asJSON(f, head()), []byte(`{"jti":"a","jti":"b"}`))
	f.Fuzz(func(t *testing.T, header, payload []byte) {
		a, token := authenticator(t, settings(register(ann.record()))), ann.signRaw(header, payload)
		caller, err := ask(t.Context(), a, token)
		if err != nil {
			if caller.Subject != "" {
				t.Errorf("a caller beside %v", err)
			}
			return
		}
		var plain, top object
		if err := errors.Join(json.Unmarshal(header, &top), json.Unmarshal(payload, &plain)); err != nil {
			t.Fatalf("%s: %v", payload, err)
		}
		issued, _ := plain["iat"].(float64)
		ends, _ := plain["exp"].(float64)
		if top["alg"] != "EdDSA" || plain["sub"] != anns || plain["jti"] != caller.TokenID || caller.TokenID == "" ||
			ends <= issued || ends-issued > 60 || issued <= float64(after(-60)) || issued > float64(after(10)) || ends <= float64(after(-10)) {
			t.Errorf("%s is a caller", payload)
		}
		if caller.Subject != anns || caller.Tenant != "A" || len(caller.Scopes) != 1 || caller.Scopes[0] != "storefront" {
			t.Errorf("%s is %+v", payload, caller)
		}
		if _, err := ask(t.Context(), a, token); !errors.Is(err, authz.ErrRejected) {
			t.Errorf("%s passed twice: %v", payload, err)
		}
	})
}

// FuzzMutant: what is not the token that was signed is none, however near.
func FuzzMutant(f *testing.F) {
	ann := newAgent(f)
	token := ann.sign(f, head(), good())
	f.Add(0, byte('A'))
	f.Add(len(token)-1, byte('='))
	f.Add(40, byte(1))
	f.Fuzz(func(t *testing.T, at int, by byte) {
		if at < 0 || at >= len(token) {
			return
		}
		mutant := token[:at] + string([]byte{by}) + token[at+1:]
		_, err := ask(t.Context(), authenticator(t, settings(register(ann.record()))), mutant)
		if mutant == token {
			if err != nil {
				t.Errorf("the token itself: %v", err)
			}
		} else if !errors.Is(err, authz.ErrRejected) && !errors.Is(err, authz.ErrMalformed) && !errors.Is(err, authz.ErrAbsent) {
			t.Errorf("%q: got %v", mutant, err)
		}
	})
}
