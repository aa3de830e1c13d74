package authz

import (
	"net/netip"
	"slices"
	"strings"
)

const forwardedForHeader = "x-forwarded-for"

// Client is the address of whoever asks: the peer's, or, where proxies of the
// operator's stand before it, what the outermost of them wrote at the end of
// x-forwarded-for. Whatever stands to the left of that, a client wrote. "" is that
// nobody knows: the header is shorter than the operator says, or holds no address
// there. The form is canonical where it comes from the header.
func (a *Attributes) Client() string {
	switch {
	case a.TrustedHops == 0:
		return a.Peer.Address
	case a.TrustedHops < 0 || a.Request == nil:
		return ""
	default:
		return hopped(a.Request.Headers.Values(forwardedForHeader), a.TrustedHops)
	}
}

// hopped is the nth entry from the right of a list that may stand in several lines.
func hopped(lines []string, nth int) string {
	for _, line := range slices.Backward(lines) {
		for rest, more := line, true; more; nth-- {
			comma := strings.LastIndexByte(rest, ',')
			if nth == 1 {
				return plainAddress(rest[comma+1:])
			}
			more = comma >= 0
			rest = rest[:max(comma, 0)]
		}
	}
	return ""
}

func plainAddress(entry string) string {
	at, err := netip.ParseAddr(strings.Trim(entry, " \t"))
	if err != nil || at.Zone() != "" {
		return ""
	}
	return at.Unmap().String()
}
