package authz

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
)

// ErrAmbiguous marks a request that two parsers may read in two ways. It is
// answered with 400, never with a guess.
var ErrAmbiguous = errors.New("ambiguous request")

// ParseHost gives the canonical form of an authority: lower case, without port
// and without the trailing dot. Userinfo, commas, white space, an empty name
// and characters outside those of a host name (RFC 3986 section 3.2.2, letters
// beyond ASCII excluded) are ErrAmbiguous. Punycode is kept as it is.
func ParseHost(authority string) (string, error) {
	host, err := withoutPort(authority)
	if err != nil {
		return "", err
	}
	host = strings.TrimSuffix(host, ".")
	if host == "" || len(host) > 255 || strings.HasSuffix(host, ".") || strings.HasPrefix(host, ".") {
		return "", ErrAmbiguous
	}
	if host[0] == '[' {
		return literal(host)
	}
	for i := range len(host) {
		if !hostByte(host[i]) {
			return "", ErrAmbiguous
		}
	}
	if strings.Contains(host, "..") {
		return "", ErrAmbiguous
	}
	return strings.ToLower(host), nil
}

// literal gives the one spelling of an IPv6 address in brackets (RFC 5952).
// Zones are refused: they mean something on one machine only.
func literal(host string) (string, error) {
	address, err := netip.ParseAddr(strings.TrimSuffix(host[1:], "]"))
	if err != nil || !address.Is6() || address.Zone() != "" {
		return "", ErrAmbiguous
	}
	return "[" + address.String() + "]", nil
}

// withoutPort cuts ":port" off, also behind an IPv6 literal in brackets.
func withoutPort(authority string) (string, error) {
	end := 0
	if strings.HasPrefix(authority, "[") {
		end = strings.IndexByte(authority, ']') + 1
		if end == 0 {
			return "", ErrAmbiguous
		}
	}
	colon := strings.IndexByte(authority[end:], ':')
	if colon < 0 {
		if end > 0 && end != len(authority) {
			return "", ErrAmbiguous
		}
		return authority, nil
	}
	if end > 0 && colon != 0 {
		return "", ErrAmbiguous
	}
	port := authority[end+colon+1:]
	if _, err := strconv.ParseUint(port, 10, 16); err != nil || port[0] == '+' {
		return "", ErrAmbiguous
	}
	return authority[:end+colon], nil
}

func hostByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '-' || b == '.' || b == '_'
}
