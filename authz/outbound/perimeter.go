package outbound

import (
	"fmt"
	"net/netip"
	"slices"
)

// perimeter says which addresses may be reached.
type perimeter struct {
	allowHTTP bool
	listed    []netip.Prefix
	special   []special
}

// special is a network that is refused unless it is listed.
type special struct {
	network netip.Prefix
	what    string
	// alone is for what must be listed by itself.
	alone bool
}

func newPerimeter(s Settings) perimeter {
	return perimeter{s.AllowHTTP, slices.Clone(s.AllowNetworks), specials()}
}

// admit gives an error for an address that may not be reached. Open is
// what goes without TLS: to listed addresses only.
func (p perimeter) admit(address netip.Addr, open bool) error {
	for _, one := range append(embedded(address), address) {
		if what := p.refused(one, open); what != "" {
			return refusal{ErrAddress, fmt.Sprintf("%s is %s; outbound.allow_networks does not list it", named(address, one), what)}
		}
	}
	return nil
}

func named(address, within netip.Addr) string {
	if within == address {
		return address.String()
	}
	return fmt.Sprintf("%s holds %s, which", address, within)
}

// refused says what an address is that may not be reached, or "".
func (p perimeter) refused(address netip.Addr, open bool) string {
	kind, isSpecial := p.kind(address)
	switch {
	case kind.alone && slices.Contains(p.listed, netip.PrefixFrom(address, address.BitLen())):
		return ""
	case kind.alone:
		return kind.what
	case slices.ContainsFunc(p.listed, func(listed netip.Prefix) bool { return listed.Contains(address) }):
		return ""
	case isSpecial:
		return kind.what
	case open:
		return "asked without TLS"
	default:
		return ""
	}
}

// kind finds what is special about an address. What is neither IPv4 nor global
// unicast is special even where nobody has a name for it yet; so is what has a zone,
// which is in no network, and the zero address.
func (p perimeter) kind(address netip.Addr) (special, bool) {
	for _, one := range p.special {
		if one.network.Contains(address) {
			return one, true
		}
	}
	global := netip.PrefixFrom(netip.AddrFrom16([16]byte{0x20}), 3)
	return special{what: "no global unicast"}, !address.Is4() && !global.Contains(address)
}

// specials are the metadata services of clouds, then the IANA IPv4 and IPv6
// Special-Purpose Address Registries (RFC 6890) but for a few anycast services that
// no issuer uses.
func specials() []special {
	var all []special
	for _, row := range []struct {
		what     string
		alone    bool
		networks []string
	}{
		{"a metadata service, which counts only where it is listed by itself", true, []string{
			"169.254.169.254/32", "169.254.170.2/32", "169.254.170.23/32", "169.254.42.42/32", "169.254.0.23/32",
			"100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32",
			"fd00:ec2::254/128", "fd00:ec2::23/128", "fd20:ce::254/128", "fd00:c1::a9fe:a9fe/128", "fd00:42::42/128",
		}},
		{"loopback", false, []string{"127.0.0.0/8", "::1/128"}},
		{"unspecified", false, []string{"0.0.0.0/8", "::/128"}},
		{"private", false, []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"}},
		{"shared by carriers (RFC 6598)", false, []string{"100.64.0.0/10"}},
		{"link-local", false, []string{"169.254.0.0/16", "fe80::/10"}},
		{"multicast", false, []string{"224.0.0.0/4", "ff00::/8"}},
		{"broadcast", false, []string{"255.255.255.255/32"}},
		{"for documentation", false, []string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"}},
		{"for benchmarks", false, []string{"198.18.0.0/15", "2001:2::/48"}},
		{"reserved", false, []string{"192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.175.48.0/24", "240.0.0.0/4", "2620:4f:8000::/48"}},
		{"Teredo", false, []string{"2001::/32"}},
		{"6to4", false, []string{"2002::/16"}},
		{"NAT64", false, []string{"64:ff9b::/96", "64:ff9b:1::/48"}},
		{"IPv4 in IPv6", false, []string{"::ffff:0:0/96", "::ffff:0:0:0/96", "::/96"}},
		{"reserved by the IETF", false, []string{"2001::/23"}},
	} {
		for _, network := range row.networks {
			all = append(all, special{netip.MustParsePrefix(network), row.what, row.alone})
		}
	}
	return all
}
