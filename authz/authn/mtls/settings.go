package mtls

import (
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"

	"github.com/sallyport-authz/sallyport/authz"
)

// Settings say whose certificates are taken, and who they are. The zero Settings are
// refused.
type Settings struct {
	// Roots are the authorities that issue to clients. Nil only where PeerValidated
	// is true and there are no Hops.
	Roots *x509.CertPool
	// PeerValidated takes Envoy's word for its own peer.
	PeerValidated bool
	// Identities are callers by identity, each once.
	Identities []Identity
	// TrustDomains are those whose SPIFFE IDs are callers without being listed, as
	// Member, whose subject is the SPIFFE ID.
	TrustDomains []string
	Member       authz.Caller
	// Hops are the identities of proxies that forward certificates of others.
	Hops []string
	// Now tells the time.
	Now func() time.Time
}

// Identity is one caller by a SPIFFE ID, another URI, or a DNS name in lower case.
type Identity struct {
	ID string
	// Caller's Subject is the ID where it is "".
	Caller authz.Caller
}

// callers settles who is who.
type callers struct {
	listed  map[string]authz.Caller
	domains map[string]bool
	member  authz.Caller
	hops    map[string]bool
}

func (s Settings) callers() (callers, error) {
	c := callers{listed: map[string]authz.Caller{}, domains: map[string]bool{}, member: s.Member, hops: map[string]bool{}}
	switch {
	case s.Now == nil:
		return c, errors.New("no clock")
	case s.Roots == nil && !s.PeerValidated:
		return c, errors.New("no roots: whose certificates count is unknown")
	case s.Roots == nil && len(s.Hops) > 0:
		return c, errors.New("no roots: what hops forward is verified here")
	case len(s.Identities) == 0 && len(s.TrustDomains) == 0:
		return c, errors.New("neither identities nor trust domains: nobody would be known")
	}
	c.member.Scopes = slices.Clone(s.Member.Scopes)
	for _, one := range s.Identities {
		if err := c.list(one); err != nil {
			return c, err
		}
	}
	for _, name := range s.TrustDomains {
		domain, err := spiffeid.TrustDomainFromString(name)
		if err != nil || domain.Name() != name {
			return c, fmt.Errorf("trust domain %q: write its name, as in example.org", name)
		}
		c.domains[name] = true
	}
	for _, hop := range s.Hops {
		if err := checkIdentity(hop); err != nil {
			return c, fmt.Errorf("hop: %w", err)
		}
		if _, caller := c.listed[hop]; caller {
			return c, fmt.Errorf("hop %q is a caller too: which of the two a request is would be a guess", hop)
		}
		c.hops[hop] = true
	}
	return c, nil
}

func (c callers) list(one Identity) error {
	if err := checkIdentity(one.ID); err != nil {
		return err
	}
	if _, twice := c.listed[one.ID]; twice {
		return fmt.Errorf("identity %q stands twice", one.ID)
	}
	caller := one.Caller
	if caller.Subject == "" {
		caller.Subject = one.ID
	}
	caller.Scopes, caller.Claims = slices.Clone(caller.Scopes), maps.Clone(caller.Claims)
	c.listed[one.ID] = caller
	return nil
}

// checkIdentity refuses what no certificate could say in these letters.
func checkIdentity(id string) error {
	switch {
	case id == "":
		return errors.New("an identity is empty")
	case strings.HasPrefix(id, "spiffe:"):
		if parsed, err := spiffeid.FromString(id); err != nil || parsed.String() != id || parsed.Path() == "" {
			return fmt.Errorf("identity %q is no SPIFFE ID of a workload, as in spiffe://example.org/ns/shop/sa/web", id)
		}
	case strings.Contains(id, ":"):
		return nil
	default:
		if canonical, err := authz.ParseHost(id); err != nil || canonical != id {
			return fmt.Errorf("identity %q is neither a URI nor a DNS name in lower case", id)
		}
	}
	return nil
}

// of is who an identity is; false where it is nobody.
func (c callers) of(id string) (authz.Caller, bool) {
	if caller, listed := c.listed[id]; listed {
		return caller, true
	}
	parsed, err := spiffeid.FromString(id)
	if err != nil || parsed.Path() == "" || !c.domains[parsed.TrustDomain().Name()] {
		return authz.Caller{}, false
	}
	caller := c.member
	caller.Subject = id
	return caller, true
}
