package decider

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// Claim is a class of values that an authenticator takes from its carrier: those with a
// prefix, those with two dots (and a typ), or else all others.
type Claim struct {
	// Scheme is that of the header authorization; elsewhere it is "".
	Scheme string
	Prefix string
	Dots   bool
	// Type chooses among those that take two dots; "" takes every other typ.
	Type string
}

// claimant says who claims a value, and gives the text of the credential. Where nobody
// does, readable tells whether somebody could have.
func (b *Block) claimant(carrier Carrier, value string) (owner *Authenticator, text string, readable bool) {
	scheme, text := "", value
	if carrier == Authorization {
		scheme, text, _ = strings.Cut(value, " ")
		if !isWord(scheme) {
			return nil, "", false
		}
		scheme = strings.ToLower(scheme)
	}
	var rivals []*Authenticator
	for _, a := range b.Authenticators {
		if a.Carrier == carrier && a.Claim.Scheme == scheme {
			rivals = append(rivals, a)
		}
	}
	switch {
	case carrier == Authorization && len(rivals) == 0:
		return nil, "", true
	case !isWord(text):
		return nil, "", false
	default:
		return choose(rivals, text), text, true
	}
}

// choose is the order of design.md section 3: the longest prefix; two dots, where typ
// chooses; otherwise the one of opaque values.
func choose(rivals []*Authenticator, text string) *Authenticator {
	var longest, opaque *Authenticator
	var dotted []*Authenticator
	for _, a := range rivals {
		switch {
		case a.Claim.Dots:
			dotted = append(dotted, a)
		case a.Claim.Prefix == "":
			opaque = a
		case strings.HasPrefix(text, a.Claim.Prefix) && (longest == nil || len(a.Claim.Prefix) > len(longest.Claim.Prefix)):
			longest = a
		}
	}
	switch {
	case longest != nil:
		return longest
	case strings.Count(text, ".") == 2 && len(dotted) > 0:
		return ofType(dotted, text)
	default:
		return opaque
	}
}

// ofType gives the one of a token's typ, or the one of every other; where there is one
// only there is no choice.
func ofType(dotted []*Authenticator, text string) *Authenticator {
	if len(dotted) == 1 {
		return dotted[0]
	}
	header, _, _ := strings.Cut(text, ".")
	decoded, _ := base64.RawURLEncoding.DecodeString(header)
	var said struct {
		Type string `json:"typ"`
	}
	_ = json.Unmarshal(decoded, &said) // what says no typ is of no typ
	var other *Authenticator
	for _, a := range dotted {
		if a.Claim.Type == "" {
			other = a
		}
		if a.Claim.Type != "" && strings.EqualFold(a.Claim.Type, said.Type) {
			return a
		}
	}
	return other
}

// isWord tells of a text that is not empty and in which every byte can be seen.
func isWord(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	return text != ""
}
