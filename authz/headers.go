package authz

import "strings"

// Header is one header field; Name is lower case.
type Header struct{ Name, Value string }

// Headers are the request's headers in the order of the wire, without pseudo
// headers. Joined tells Envoy's default encoding, in which repeated headers
// arrive as one value joined by commas and bytes that are not UTF-8 as "!".
type Headers struct {
	Joined bool
	List   []Header
}

// Values gives every value of the header called name, which must be lower case.
func (h Headers) Values(name string) []string {
	var values []string
	for i := range h.List {
		if h.List[i].Name == name {
			values = append(values, h.List[i].Value)
		}
	}
	return values
}

// Get gives the first value of the header called name and whether it is there.
func (h Headers) Get(name string) (string, bool) {
	for i := range h.List {
		if h.List[i].Name == name {
			return h.List[i].Value, true
		}
	}
	return "", false
}

// Presence is what a carrier was found to hold.
type Presence int

// The ways in which a carrier is found. The zero one is not a value.
const (
	// Absent: the carrier is not in the request.
	Absent Presence = iota
	// Single: there is one value.
	Single
	// Repeated: the carrier holds two values, or may: which of them the
	// upstream reads is unknown.
	Repeated
	// Mangled: Envoy replaced bytes, so that different values look alike.
	Mangled
)

// Carried reads one carrier. A header that appears twice or holds a comma is
// Repeated in both encodings, because Envoy joins its inline headers, which
// authorization is among, even in the raw one; the grammars of the credentials
// that we know hold no comma. The value is without surrounding white space.
func (h Headers) Carried(c Carrier) (string, Presence) {
	switch c.Kind {
	case HeaderCarrier:
		return h.header(c.Name)
	case CookieCarrier:
		return h.cookie(c.Name)
	case NoCarrier:
		return "", Absent
	default:
		return "", Repeated
	}
}

func (h Headers) header(name string) (string, Presence) {
	values := h.Values(name)
	switch {
	case len(values) == 0:
		return "", Absent
	case len(values) > 1 || strings.Contains(values[0], ","):
		return "", Repeated
	case h.mangled(values[0]):
		return "", Mangled
	default:
		return strings.Trim(values[0], " \t"), Single
	}
}

// mangled reports whether the value may stand for bytes that it does not hold.
func (h Headers) mangled(value string) bool { return h.Joined && strings.Contains(value, "!") }
