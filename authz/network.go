package authz

import (
	"fmt"
	"net/netip"
	"slices"
)

// Networks are those from which a credential may come, as CIDR blocks. None is
// everywhere.
type Networks []netip.Prefix

// MostNetworks bounds how many stand in one list.
const MostNetworks = 64

// ParseNetworks reads blocks as in 192.0.2.0/24 and 2001:db8::/32, and lone addresses.
// A block with bits behind its length is refused, since it has two readings.
func ParseNetworks(texts []string) (Networks, error) {
	var all Networks
	for _, text := range texts {
		block, err := parseNetwork(text)
		if err != nil {
			return nil, err
		}
		all = append(all, block)
	}
	if len(all) > MostNetworks {
		return nil, fmt.Errorf("%d networks, and no more than %d are kept", len(all), MostNetworks)
	}
	return all, nil
}

func parseNetwork(text string) (netip.Prefix, error) {
	block, err := netip.ParsePrefix(text)
	if at, lone := netip.ParseAddr(text); lone == nil && at.Zone() == "" {
		block, err = netip.PrefixFrom(at, at.BitLen()), nil
	}
	switch {
	case err != nil:
		return netip.Prefix{}, fmt.Errorf("network %q: it is neither a CIDR block, as in 192.0.2.0/24, nor an address", text)
	case block.Addr().Is4In6():
		return netip.Prefix{}, fmt.Errorf("network %q: write an IPv4 one as in 192.0.2.0/24", text)
	case !plainBlock(block):
		return netip.Prefix{}, fmt.Errorf("network %q: there are bits behind its length: %s is the network", text, block.Masked())
	default:
		return block, nil
	}
}

// plainBlock reports a block that is written in its one way.
func plainBlock(block netip.Prefix) bool {
	return block.IsValid() && !block.Addr().Is4In6() && block == block.Masked()
}

// Strings are the blocks as ParseNetworks reads them.
func (n Networks) Strings() []string {
	var all []string
	for _, block := range n {
		all = append(all, block.String())
	}
	return all
}

// Equal reports the same blocks in the same order.
func (n Networks) Equal(other Networks) bool { return slices.Equal(n, other) }

// Hold reports whether an address lies in one of the blocks. What is no address, a
// socket's path or nobody's, lies in none.
func (n Networks) Hold(address string) bool {
	at, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	at = at.Unmap()
	for _, block := range n {
		if block.Contains(at) {
			return true
		}
	}
	return false
}

// customerBits is what one customer is given of IPv6 at the least (RFC 6177): who has
// one address of it has all.
const customerBits = 64

// Network is what is counted together where a limit asks for the address: an IPv4
// address, or an IPv6 one's /64. All that is no address is counted together.
func Network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	block, err := ip.Prefix(customerBits)
	if err != nil {
		return ""
	}
	return block.String()
}
