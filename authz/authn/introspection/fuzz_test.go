package introspection_test

import (
	"encoding/json"
	"testing"

	"github.com/sallyport-authz/sallyport/authz/authn/introspection"
)

// FuzzAnswer: whatever an endpoint says, only a JSON object whose active is true, whose
// sub is a text and whose aud holds one of ours is a caller (T-C22).
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		ann, `{"active":false}`, `{"active":"true"}`, `{"active":true,"active":false}`, with("aud", `["`+api+`"]`), with("cnf", "{}"), with("sub", `"\u0000"`), "{", "", `[true]`,
	} {
		f.Add([]byte(seed))
	}
	s := settings(about(ann))
	f.Fuzz(func(t *testing.T, text []byte) {
		subject, rejection, err := introspection.Judge(s, text, today)
		if err != nil || rejection != nil {
			if subject != "" {
				t.Fatalf("a caller beside %v, %v", rejection, err)
			}
			return
		}
		var plain map[string]any // a struct would take Active for active
		err = json.Unmarshal(text, &plain)
		_, bound := plain["cnf"]
		if err != nil || plain["active"] != true || plain["sub"] != subject || subject == "" || bound {
			t.Fatalf("%q is a caller %q; read plainly: %+v, %v", text, subject, plain, err)
		}
	})
}
