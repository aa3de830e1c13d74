package outbound

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// Settings are what an operator allows. Timeout and MaxBytes are required; all
// else is strictest where it is zero.
type Settings struct {
	// AllowNetworks are special addresses that may be reached all the same. Each
	// is one that ParseNetwork gives.
	AllowNetworks []netip.Prefix
	// AllowHTTP lets http be used, towards AllowNetworks only.
	AllowHTTP bool
	// Timeout bounds one request from the resolution of the name to the last byte.
	Timeout time.Duration
	// MaxBytes bounds one answer; at most 1 GiB.
	MaxBytes int64
	// Authorities are trusted beside the system's.
	Authorities []*x509.Certificate
	// Resolver resolves names; nil is the system's.
	Resolver *net.Resolver
}

// most keeps MaxBytes far from where counting one byte more is less than nothing.
const most = 1 << 30

// check refuses what would make a client that is unbounded or does not do what
// its settings say.
func (s Settings) check() error {
	switch {
	case s.Timeout <= 0 || s.MaxBytes <= 0:
		return errors.New("a timeout and a bound on bytes, above zero, are required")
	case s.MaxBytes > most:
		return errors.New("answers above 1 GiB")
	case s.AllowHTTP && len(s.AllowNetworks) == 0:
		return errors.New("http is allowed towards no network")
	}
	for _, network := range s.AllowNetworks {
		if err := checkNetwork(network); err != nil {
			return fmt.Errorf("network %s: %w", network, err)
		}
	}
	return nil
}

// CheckURL tells whether a client with these settings would ask for the URL, as
// far as that can be told without resolving its name. The error wraps ErrURL or
// ErrAddress and holds no part of the URL but its host.
func (s Settings) CheckURL(text string) error {
	_, err := newPerimeter(s).target(text)
	return err
}

// roots are the system's authorities and those of the settings; nil is the
// system's alone.
func (s Settings) roots() (*x509.CertPool, error) {
	if len(s.Authorities) == 0 {
		return nil, nil //nolint:nilnil // crypto/tls takes nil for the system's
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("read the system's authorities: %w", err)
	}
	for _, authority := range s.Authorities {
		pool.AddCert(authority)
	}
	return pool, nil
}

// The widest networks that may be listed: 10.0.0.0/8 and fc00::/7 are the widest
// that are meant for somebody's own use. Anything wider is a way to say everything.
const (
	widest4 = 8
	widest6 = 7
)

// ParseNetwork reads a CIDR of AllowNetworks, or an address that stands for itself.
func ParseNetwork(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil {
		network := netip.PrefixFrom(address.WithZone(""), address.BitLen())
		if address.Zone() != "" {
			return netip.Prefix{}, errors.New("an address with a zone")
		}
		return network, checkNetwork(network)
	}
	network, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, errors.New("neither an address nor a CIDR")
	}
	return network, checkNetwork(network)
}

func checkNetwork(network netip.Prefix) error {
	switch {
	case !network.IsValid():
		return errors.New("no network")
	case network.Masked() != network:
		return fmt.Errorf("bits behind the prefix: %s is the network", network.Masked())
	case network.Addr().Is4In6():
		return errors.New("an IPv4 network in IPv6 form, which no address is compared with")
	case network.Addr().Is4() && network.Bits() < widest4, network.Addr().Is6() && network.Bits() < widest6:
		return fmt.Errorf("wider than any network of one's own: at least %d bits for IPv4, %d for IPv6", widest4, widest6)
	default:
		return nil
	}
}

// ParseAuthorities reads certificates in PEM. Anything else in the text is
// refused: an authority that is left out in silence is missed at night.
func ParseAuthorities(text []byte) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	blocks := bytes.Count(text, []byte("-----BEGIN "))
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("a block that is no certificate: number %d", len(all)+1)
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", len(all)+1, err)
		}
		all, text = append(all, certificate), rest
	}
	switch {
	case len(all) != blocks: // package pem passes over what is cut or misspelt
		return nil, fmt.Errorf("%d blocks begin and %d can be read", blocks, len(all))
	case blocks == 0:
		return nil, errors.New("no certificate in PEM")
	default:
		return all, nil
	}
}
