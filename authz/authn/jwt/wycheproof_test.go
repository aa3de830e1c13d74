package jwt_test

import (
	"encoding/json"
	"io/fs"
	"slices"
	"testing"

	"github.com/c2sp/wycheproof"

	"github.com/sallyport-authz/sallyport/authz/authn/jwt"
)

// vectors is the part of Wycheproof's files that is used here.
type vectors struct {
	Groups []struct {
		Comment string          `json:"comment"`
		Public  json.RawMessage `json:"public"`
		Private json.RawMessage `json:"private"`
		Tests   []struct {
			ID      int    `json:"tcId"`
			Comment string `json:"comment"`
			JWS     string `json:"jws"`
			Result  string `json:"result"`
		} `json:"tests"`
	} `json:"testGroups"`
}

func readVectors(t *testing.T, name string) vectors {
	t.Helper()
	text, err := fs.ReadFile(wycheproof.TestVectors, name)
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// check gives what we say of a vector: its key or set parsed as any other.
func check(set json.RawMessage, token string) error {
	parsed, err := jwt.ParseSet(set, true)
	if err != nil {
		return err
	}
	return jwt.VerifyJWS(token, parsed)
}

// unusable are vectors that are mislabelled, or right to refuse (threats.md
// section 5): algorithms that the key is not for, padding, invalid characters.
func unusable() []int { return []int{346, 350, 367, 370, 372, 373} }

// TestWycheproofSignatures is T-G3: none wrongly accepted, no valid one refused.
func TestWycheproofSignatures(t *testing.T) {
	used := 0
	for _, group := range readVectors(t, "json_web_signature_test.json").Groups {
		one := group.Public
		if one == nil {
			one = group.Private
		}
		set := json.RawMessage(`{"keys":[` + string(one) + `]}`)
		for _, test := range group.Tests {
			if slices.Contains(unusable(), test.ID) {
				continue
			}
			used++
			if err := check(set, test.JWS); (err == nil) != (test.Result == "valid") {
				t.Errorf("%d %s (%s): %s, got %v", test.ID, test.Comment, group.Comment, test.Result, err)
			}
		}
	}
	if used != 395 {
		t.Errorf("%d vectors, want 395", used)
	}
}

func TestWycheproofKeys(t *testing.T) {
	used := 0
	for _, group := range readVectors(t, "json_web_key_test.json").Groups {
		set := group.Public
		if set == nil {
			set = group.Private
		}
		for _, test := range group.Tests {
			used++
			if err := check(set, test.JWS); (err == nil) != (test.Result == "valid") {
				t.Errorf("%d %s (%s): %s, got %v", test.ID, test.Comment, group.Comment, test.Result, err)
			}
		}
	}
	if used != 26 {
		t.Errorf("%d vectors, want 26", used)
	}
}
