package mtls

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// forwarded is the certificate in x-forwarded-client-cert, in Envoy's text form:
// elements with commas between, each of key=value pairs with semicolons between. Cert,
// Subject and Chain stand in double quotes, within which \" is a quote. URI and DNS do
// not, and nothing in them is escaped: a client whose certificate has the right name
// adds pairs and elements of its own. So there is exactly one element, which a hop
// makes that replaces what it was sent (SANITIZE_SET), and exactly one Cert in it,
// before all names, where Envoy writes it: what a name brings along is behind the name.
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
	if len(elements) != 1 {
		return nil, malformed("it has %d elements: the hop must replace what it was sent (forward_client_cert_details: SANITIZE_SET)", len(elements))
	}
	pairs, err := split(elements[0], ';')
	if err != nil {
		return nil, err
	}
	text, found, named := "", false, false
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		switch {
		case !ok:
			return nil, malformed("a part has no value")
		case !strings.EqualFold(key, "Cert"):
			named = named || slices.ContainsFunc(names(), func(name string) bool { return strings.EqualFold(key, name) })
			continue
		case found:
			return nil, malformed("it has Cert twice")
		case named:
			return nil, malformed("Cert stands behind a name")
		}
		text, found = unquoted(value), true
	}
	if !found {
		return nil, malformed("it has no Cert: set_current_client_cert_details: {cert: true}")
	}
	return decode(text)
}

// names are the keys whose values a client's certificate chooses.
func names() []string { return []string{"Subject", "URI", "DNS"} }

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
