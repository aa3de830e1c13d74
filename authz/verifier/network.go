package verifier

import "net/netip"

// ipv6Bits is what one customer is given at the least (RFC 6177): who has one
// address of it has all.
const ipv6Bits = 64

// network is what attempts from an address are counted by. Those whose address
// cannot be read are counted together.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.Prefix(ipv6Bits)
	if err != nil {
		return ""
	}
	return prefix.String()
}
