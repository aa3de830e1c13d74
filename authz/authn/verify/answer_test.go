package verify_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/verify"
	"github.com/sallyport-authz/sallyport/authz/claimset"
)

// TestCaller (C33): who calls is what claims say under their names.
func TestCaller(t *testing.T) {
	whole := authz.Caller{Subject: "ann", Scopes: []string{"read", "write"}, Tenant: "A", Role: "admin", Claims: map[string]any{"plan": "free"}}
	for _, test := range []struct {
		name, answer string
		claims       claimset.Names
		want         authz.Caller
	}{
		{"documented", ann, settings(nil).Claims, whole},
		{"without the token", `{"claims":{"userId":"ann"}}`, claimset.Names{}, authz.Caller{Subject: "ann"}},
		{"scopes in a text", ` {"claims":{"userId":"ann","scopes":"read write"}} `, claimset.Names{}, authz.Caller{Subject: "ann", Scopes: []string{"read", "write"}}},
		{"no scopes", `{"claims":{"userId":"ann","scopes":[]}}`, claimset.Names{}, authz.Caller{Subject: "ann", Scopes: []string{}}},
		{"other names", `{"claims":{"who":{"id":"ann"},"may":"read","sid":"s1","mail":"a@b"}}`, claimset.Names{Subject: "who.id", Scopes: "may", TokenID: "sid", User: "mail"}, authz.Caller{Subject: "ann", Scopes: []string{"read"}, TokenID: "s1", User: "a@b"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, basis, err := ask(t.Context(), authenticator(t, settings(about(test.answer), func(s *verify.Settings) { s.Claims = test.claims })))
			if err != nil || basis.Lasting {
				t.Fatal(basis, err)
			}
			if diff := cmp.Diff(got, test.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

// TestAnswers (C32): null rejects; whatever is neither null nor an identity, nobody can
// tell. Each row turns red without the case of judge or members that it is about, and no
// error holds the answer or the token.
func TestAnswers(t *testing.T) {
	for _, test := range []struct {
		name, answer string
		rejects      bool
		cause        string
	}{
		{"null", "null", true, "does not know"},
		{"null and white space", "\r\n\tnull \n", true, "does not know"},
		{"null twice", "null null", false, "JSON"},
		{"nothing", "", false, "JSON"},
		{"false", "false", false, "JSON object"},
		{"true", "true", false, "JSON object"},
		{"a text", `"ann"`, false, "JSON object"},
		{"a list", `[{"claims":{"userId":"ann"}}]`, false, "JSON object"},
		{"half", `{"claims":{"userId":"ann"`, false, "JSON"},
		{"two", `{"claims":{"userId":"ann"}}{"claims":{"userId":"bob"}}`, false, "JSON"},
		{"empty", `{}`, false, "claims is no object"},
		{"claims null", `{"claims":null}`, false, "claims is no object"},
		{"claims a list", `{"claims":[]}`, false, "claims is no object"},
		{"an identity without claims", `{"userId":"ann"}`, false, "neither token nor claims"},
		{"not active", `{"active":false,"claims":{"userId":"ann"}}`, false, "neither token nor claims"},
		{"Claims", `{"Claims":{"userId":"ann"}}`, false, "neither token nor claims"},
		{"claims twice", `{"claims":{"userId":"ann"},"claims":{"userId":"bob"}}`, false, "twice"},
		{"a claim twice", `{"claims":{"userId":"ann","userId":"bob"}}`, false, "twice"},
		{"another token", `{"token":"another","claims":{"userId":"ann"}}`, false, "not the one"},
		{"a token that is none", `{"token":null,"claims":{"userId":"ann"}}`, false, "not the one"},
		{"nobody", `{"claims":{"scopes":["read"]}}`, false, "name nobody"},
		{"nobody's empty name", `{"claims":{"userId":""}}`, false, "name nobody"},
		{"a number", `{"claims":{"userId":7}}`, false, "no text"},
		{"a line break", `{"claims":{"userId":"a\nb"}}`, false, "no text"},
		{"no scope", `{"claims":{"userId":"ann","scopes":["a b"]}}`, false, "no scope token"},
		{"scopes a number", `{"claims":{"userId":"ann","scopes":7}}`, false, "scopes"},
		{"the token as the subject", `{"claims":{"userId":"` + token + `"}}`, false, "says the token"},
		{"the token in a scope", `{"claims":{"userId":"ann","scopes":["read:` + token + `"]}}`, false, "says the token"},
		{"the token in what is passed", `{"claims":{"userId":"ann","plan":{"of":["` + token + `"]}}}`, false, "says the token"},
		{"64 KiB and more", `{"claims":{"userId":"ann","x":"` + strings.Repeat("x", 64<<10) + `"}}`, false, "more than"},
	} {
		t.Run(test.name, func(t *testing.T) {
			caller, basis, err := ask(t.Context(), authenticator(t, settings(about(test.answer))))
			if errors.Is(err, authz.ErrRejected) != test.rejects || !test.rejects && !unknown(err) || basis.Lasting || caller.Subject != "" {
				t.Fatalf("got %q, %+v, %v", caller.Subject, basis, err)
			}
			if !strings.Contains(err.Error(), test.cause) || strings.Contains(err.Error(), token) || strings.Contains(err.Error(), "bob") {
				t.Errorf("got %q, want the cause %q, and nothing of the answer", err, test.cause)
			}
		})
	}
}

// FuzzAnswer: whatever a hook says, only an object whose claims have a text as userId is
// a caller, and only null rejects.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{ann, "null", " null", `{"claims":{"userId":"ann"},"active":true}`, `{"claims":{"userId":"\u0000"}}`, "{", "", `[true]`, "nul", "NULL"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		caller, _, err := ask(t.Context(), authenticator(t, settings(about(string(text)))))
		var plain map[string]any // a struct would take Claims for claims
		plainErr := json.Unmarshal(text, &plain)
		claims, _ := plain["claims"].(map[string]any)
		_, told := plain["token"]
		switch {
		case err == nil && (plainErr != nil || claims["userId"] != caller.Subject || caller.Subject == "" || len(plain) > 2 || told && plain["token"] != token):
			t.Errorf("%q is a caller %q; read plainly: %+v, %v", text, caller.Subject, plain, plainErr)
		case err != nil && caller.Subject != "":
			t.Errorf("a caller beside %v", err)
		case errors.Is(err, authz.ErrRejected) && (plainErr != nil || plain != nil):
			t.Errorf("%q rejects; read plainly: %+v, %v", text, plain, plainErr)
		}
	})
}
