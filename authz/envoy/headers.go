package envoy

import (
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// readHeaders reads either encoding: headers, a map whose repeated names are
// joined with commas, or header_map, a list of raw values. Pseudo headers and
// host are compared with the fields that stand for them, and taken out.
func readHeaders(from *view) (authz.Headers, error) {
	if len(from.joined) > 0 && len(from.raw) > 0 {
		return authz.Headers{}, ambiguous("headers in both encodings")
	}
	s := sieve{from: &from.asked, list: from.joined[:0]} // in place: add only leaves out
	if len(from.raw) > 0 {
		s.list = make([]authz.Header, 0, len(from.raw))
	}
	for _, h := range from.joined {
		if err := s.add(h.Name, h.Value); err != nil {
			return authz.Headers{}, err
		}
	}
	// The wire's order of a map is random, and means nothing.
	if !slices.IsSortedFunc(s.list, inOrder) {
		slices.SortFunc(s.list, inOrder)
	}
	for _, h := range from.raw {
		if h.value != "" && h.raw != "" {
			return authz.Headers{}, ambiguous("header with two values")
		}
		if err := s.add(h.name, h.value+h.raw); err != nil {
			return authz.Headers{}, err
		}
	}
	return authz.Headers{Joined: len(from.joined) > 0, List: s.list}, nil
}

func inOrder(a, b authz.Header) int {
	if order := strings.Compare(a.Name, b.Name); order != 0 {
		return order
	}
	return strings.Compare(a.Value, b.Value)
}

// sieve parts the headers from what only stands for fields of the request.
type sieve struct {
	from *asked
	list []authz.Header
	// seen are the pseudo headers that came, and how many.
	seen   [mostPseudo]string
	pseudo int
}

func (s *sieve) add(name, value string) error {
	name = strings.ToLower(name)
	if strings.HasPrefix(name, ":") || name == "host" {
		return s.compare(name, value)
	}
	if !authz.IsHeaderName(name) {
		return ambiguous("header name is no token")
	}
	if endsLine(value) {
		return ambiguous("header %q holds a line end or NUL", name)
	}
	s.list = append(s.list, authz.Header{Name: name, Value: value})
	return nil
}

func endsLine(value string) bool {
	return strings.IndexByte(value, '\n') >= 0 || strings.IndexByte(value, '\r') >= 0 || strings.IndexByte(value, 0) >= 0
}

// mostPseudo is above all pseudo headers that there are.
const mostPseudo = 16

// compare refuses a pseudo header, or host, that appears twice or says another
// thing than the request does. Bytes that are not UTF-8 are "!" in the field
// and themselves in the raw encoding, and are refused by that.
func (s *sieve) compare(name, value string) error {
	if s.pseudo == mostPseudo || slices.Contains(s.seen[:s.pseudo], name) {
		return ambiguous("%s appears twice, or among too many", name)
	}
	s.seen[s.pseudo] = name
	s.pseudo++
	if field, known := s.field(name); known && field != value {
		return ambiguous("%s differs from the request's own", name)
	}
	return nil
}

func (s *sieve) field(name string) (string, bool) {
	switch name {
	case "host", ":authority":
		return s.from.host, true
	case ":path":
		return s.from.path, true
	case ":method":
		return s.from.method, true
	case ":scheme":
		return s.from.scheme, true
	default:
		return "", false
	}
}
