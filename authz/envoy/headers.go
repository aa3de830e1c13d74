package envoy

import (
	"cmp"
	"slices"
	"strings"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"

	"github.com/sallyport-authz/sallyport/authz"
)

// readHeaders reads either encoding: headers, a map whose repeated names are
// joined with commas, or header_map, a list of raw values. Pseudo headers and
// host are compared with the fields that stand for them, and taken out.
func readHeaders(http *authv3.AttributeContext_HttpRequest) (authz.Headers, error) {
	joined, raw := http.GetHeaders(), http.GetHeaderMap().GetHeaders()
	if len(joined) > 0 && len(raw) > 0 {
		return authz.Headers{}, ambiguous("headers in both encodings")
	}
	s := sieve{http: http, seen: map[string]bool{}}
	s.list = make([]authz.Header, 0, len(joined)+len(raw))
	for name, value := range joined {
		if err := s.add(name, value); err != nil {
			return authz.Headers{}, err
		}
	}
	// The wire's order of a map is random, and means nothing.
	slices.SortFunc(s.list, func(a, b authz.Header) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value))
	})
	for _, h := range raw {
		if h.GetValue() != "" && len(h.GetRawValue()) > 0 {
			return authz.Headers{}, ambiguous("header with two values")
		}
		if err := s.add(h.GetKey(), h.GetValue()+string(h.GetRawValue())); err != nil {
			return authz.Headers{}, err
		}
	}
	return authz.Headers{Joined: len(joined) > 0, List: s.list}, nil
}

// sieve parts the headers from what only stands for fields of the request.
type sieve struct {
	http *authv3.AttributeContext_HttpRequest
	list []authz.Header
	seen map[string]bool
}

func (s *sieve) add(name, value string) error {
	name = strings.ToLower(name)
	if strings.HasPrefix(name, ":") || name == "host" {
		return s.compare(name, value)
	}
	if !authz.IsHeaderName(name) {
		return ambiguous("header name is no token")
	}
	if strings.ContainsAny(value, "\x00\r\n") {
		return ambiguous("header %q holds a line end or NUL", name)
	}
	s.list = append(s.list, authz.Header{Name: name, Value: value})
	return nil
}

// compare refuses a pseudo header, or host, that appears twice or says another
// thing than the request does. Bytes that are not UTF-8 are "!" in the field
// and themselves in the raw encoding, and are refused by that.
func (s *sieve) compare(name, value string) error {
	if s.seen[name] {
		return ambiguous("%s appears twice", name)
	}
	s.seen[name] = true
	if field, known := s.field(name); known && field != value {
		return ambiguous("%s differs from the request's own", name)
	}
	return nil
}

func (s *sieve) field(name string) (string, bool) {
	switch name {
	case "host", ":authority":
		return s.http.GetHost(), true
	case ":path":
		return s.http.GetPath(), true
	case ":method":
		return s.http.GetMethod(), true
	case ":scheme":
		return s.http.GetScheme(), true
	default:
		return "", false
	}
}
