package jose

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/sallyport-authz/sallyport/authz/claimset"
)

const (
	// longestHeader bounds a header: what is read before a key is asked about must
	// cost little, whoever sends it.
	longestHeader = 1 << 10
	// longestKeyID bounds kid, which is looked up and kept in stripes.
	longestKeyID = 256
)

// ErrForm is every way in which a text is no token of ours. It says which rule
// it breaks, and nothing of the text.
var ErrForm = errors.New("no token")

// strict is base64url without padding whose unused bits are zero (RFC 4648
// section 3.5): any other spelling of a token is another token.
var strict = base64.RawURLEncoding.Strict() //nolint:gochecknoglobals // a constant that Go cannot express

// Header is what of a JOSE header matters (RFC 7515 section 4.1).
type Header struct {
	Algorithm string
	KeyID     string
	// Type is typ in lower case, without "application/"; "" is none.
	Type string
}

// Token is a compact JWS (RFC 7515 section 7.1) that has been taken apart and not
// verified.
type Token struct {
	Header Header
	// Signed is what the signature is over.
	Signed    string
	Payload   []byte
	Signature []byte
}

// Form is what can be told of a text without decoding it: three segments of the
// alphabet of base64url, of which the first and the last are not empty.
func Form(text string, longest int) error {
	if _, err := segments(text, longest); err != nil {
		return err
	}
	for i := range len(text) {
		if b := text[i]; !(b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '-' || b == '_' || b == '.') {
			return fmt.Errorf("%w: a character outside base64url", ErrForm)
		}
	}
	return nil
}

// segments cuts a text at its two dots.
func segments(text string, longest int) ([3]string, error) {
	if len(text) > longest {
		return [3]string{}, fmt.Errorf("%w: longer than %d bytes", ErrForm, longest)
	}
	if strings.Count(text, ".") != 2 || text[0] == '.' || text[len(text)-1] == '.' {
		return [3]string{}, fmt.Errorf("%w: not three segments", ErrForm)
	}
	first, rest, _ := strings.Cut(text, ".")
	second, third, _ := strings.Cut(rest, ".")
	if strict.DecodedLen(len(first)) > longestHeader {
		return [3]string{}, fmt.Errorf("%w: a header longer than %d bytes", ErrForm, longestHeader)
	}
	return [3]string{first, second, third}, nil
}

// Parse takes a token apart, strictly, before any key is looked at.
func Parse(text string, longest int) (Token, error) {
	parts, err := segments(text, longest)
	if err != nil {
		return Token{}, err
	}
	h, err := parseHeader(parts[0])
	if err != nil {
		return Token{}, fmt.Errorf("%w: header: %w", ErrForm, err)
	}
	payload, errPayload := canonical(parts[1])
	signature, errSignature := canonical(parts[2])
	if errPayload != nil || errSignature != nil {
		return Token{}, fmt.Errorf("%w: claims or signature are not canonical base64url", ErrForm)
	}
	signed := text[:len(text)-len(parts[2])-1]
	return Token{Header: h, Signed: signed, Payload: payload, Signature: signature}, nil
}

// canonical decodes base64url of which there is one spelling. Go's decoder skips
// line ends, also where it is strict.
func canonical(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("a line end")
	}
	return strict.DecodeString(text)
}

// refused are header members that would bring a key along, change what is
// signed or ask for what we do not do (RFC 7515 sections 4.1.2 to 4.1.6 and
// 4.1.11, RFC 7797, RFC 7516 section 4.1.3). Nothing behind a URL is ever read.
// A thumbprint (x5t) brings nothing: it is only not used.
func refused() [8]string {
	return [8]string{"jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc"}
}

func parseHeader(segment string) (Header, error) {
	text, err := canonical(segment)
	if err != nil {
		return Header{}, errors.New("not canonical base64url")
	}
	members, err := claimset.Read(text)
	if err != nil {
		return Header{}, err
	}
	for _, name := range refused() {
		if _, there := members[name]; there {
			return Header{}, fmt.Errorf("a member %q", name)
		}
	}
	algorithm, errAlgorithm := headerText(members, "alg")
	keyID, errKeyID := headerText(members, "kid")
	kind, errKind := headerText(members, "typ")
	if err := errors.Join(errAlgorithm, errKeyID, errKind); err != nil {
		return Header{}, err
	}
	if len(keyID) > longestKeyID {
		return Header{}, fmt.Errorf("kid longer than %d bytes", longestKeyID)
	}
	// RFC 7515 section 4.1.9: compared without case, "application/" may be left out.
	kind = strings.TrimPrefix(strings.ToLower(kind), "application/")
	if _, there := members["typ"]; there && kind == "" {
		return Header{}, errors.New("an empty typ, which is not the same as none")
	}
	return Header{Algorithm: algorithm, KeyID: keyID, Type: kind}, nil
}

// headerText gives a member's text; "" is none.
func headerText(members map[string]any, name string) (string, error) {
	value, there := members[name]
	text, isText := value.(string)
	if there && !isText {
		return "", fmt.Errorf("%s is no text", name)
	}
	return text, nil
}
