package mtls

import (
	"crypto/x509"
	"fmt"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// forwarded is the certificate in the last element of x-forwarded-client-cert, in
// Envoy's text form: elements with commas between, each of key=value pairs with
// semicolons between; a value that holds one of ",;=" stands in double quotes, within
// which \" is a quote. Earlier elements are what somebody before the hop said.
func forwarded(lines []string) (*x509.Certificate, error) {
	if len(lines) != 1 {
		return nil, malformed("the header stands %d times", len(lines))
	}
	if len(lines[0]) > longest {
		return nil, malformed("it is longer than %d bytes", longest)
	}
	elements, err := split(lines[0], ',')
	if err != nil {
		return nil, err
	}
	pairs, err := split(elements[len(elements)-1], ';')
	if err != nil {
		return nil, err
	}
	text, found := "", false
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		switch {
		case !ok:
			return nil, malformed("a part has no value")
		case !strings.EqualFold(key, "Cert"):
			continue
		case found:
			return nil, malformed("it has Cert twice")
		}
		text, found = unquoted(value), true
	}
	if !found {
		return nil, malformed("the hop's element has no Cert: set_current_client_cert_details: {cert: true}")
	}
	return decode(text)
}

// split cuts at a separator outside of quotes.
func split(text string, separator byte) ([]string, error) {
	var parts []string
	start, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch {
		case quoted && text[i] == '\\':
			i++
		case text[i] == '"':
			quoted = !quoted
		case text[i] == separator && !quoted:
			parts = append(parts, strings.TrimSpace(text[start:i]))
			start = i + 1
		}
	}
	if quoted {
		return nil, malformed("a quote does not end")
	}
	return append(parts, strings.TrimSpace(text[start:])), nil
}

func unquoted(value string) string {
	if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
		return value
	}
	return strings.ReplaceAll(value[1:len(value)-1], `\"`, `"`)
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: "+forwardedHeader+": "+format, append([]any{authz.ErrMalformed}, args...)...)
}
