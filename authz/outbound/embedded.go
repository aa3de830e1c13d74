package outbound

import (
	"bytes"
	"net/netip"
)

// embedded gives the IPv4 addresses to which a packet for an IPv6 address may be
// sent on, by whatever translates or tunnels it.
func embedded(address netip.Addr) []netip.Addr {
	if !address.Is6() || address.IsLoopback() || address.IsUnspecified() {
		return nil
	}
	b := address.As16()
	last := four(b[12:])
	switch {
	case begins(b, 0x20, 0x02): // 6to4, RFC 3056 section 2
		return []netip.Addr{four(b[2:])}
	case begins(b, 0x20, 0x01, 0, 0): // Teredo, RFC 4380 section 4: the server, and the client inverted
		return []netip.Addr{four(b[4:]), four([]byte{^b[12], ^b[13], ^b[14], ^b[15]})}
	case begins(b, 0, 0x64, 0xff, 0x9b): // NAT64, RFC 6052 and RFC 8215
		return []netip.Addr{last}
	case bytes.Equal(b[:8], make([]byte, 8)): // compatible, mapped and translated
		return []netip.Addr{last}
	case b[8]&^0x02 == 0 && bytes.Equal(b[9:12], []byte{0, 0x5e, 0xfe}): // ISATAP, RFC 5214 section 6.1
		return []netip.Addr{last}
	default:
		return nil
	}
}

func begins(b [16]byte, prefix ...byte) bool { return bytes.HasPrefix(b[:], prefix) }

func four(b []byte) netip.Addr { return netip.AddrFrom4([4]byte(b[:4])) }
