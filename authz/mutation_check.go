package authz

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of what a store holds, in bytes but for scopes and rows.
const (
	// MostText bounds each id, name, scope and reason.
	MostText     = 1024
	MostVerifier = 4096
	MostScopes   = 1000
	// MostClaims bounds a grant's claims as JSON, and mostDepth how deep they lie.
	MostClaims = 64 << 10
	mostDepth  = 32
	// MostRows bounds a page of a list, of the feed or of the audit.
	MostRows = 1000
)

// Storable reports a text that every engine holds as it is: UTF-8 without NUL,
// of at most MostText bytes. What is looked up by another one is not found.
func Storable(text string) bool {
	return len(text) <= MostText && utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

// CheckMutation gives ErrInvalid for an act or a mutation that is wrong whatever a
// store holds. Engines call it first, so that all of them refuse the same.
func CheckMutation(act Act, change Mutation, now time.Time) error {
	if err := checkTexts(needed("actor", act.Actor), needed("origin", act.Origin)); err != nil {
		return err
	}
	switch c := change.(type) {
	case MintToken:
		return c.check(now)
	case RotateToken:
		return c.check(now)
	case RevokeToken:
		return c.check()
	case PutPrincipal:
		return c.Principal.check()
	case RemovePrincipal:
		if !c.Kind.known() {
			return invalid("principal's kind")
		}
		return checkTexts(needed("principal's name", c.Name), text{"reason", c.Reason, false})
	case PutOrganization:
		return checkTexts(needed("organization's id", c.Organization.ID), text{"organization's name", c.Organization.Name, false})
	case RemoveOrganization:
		return checkTexts(needed("organization's id", c.ID), text{"reason", c.Reason, false})
	case PutMember:
		return c.Membership.check()
	case RemoveMember:
		return checkTexts(needed("organization", c.Organization), needed("subject", c.Subject))
	case PutDomain:
		return c.Domain.check()
	case RemoveDomain:
		return checkTexts(needed("domain's name", c.Name))
	case PutServerKey:
		return checkTexts(needed("server key's id", c.ServerKey.ID), needed("server key's check", c.ServerKey.Check))
	case RemoveServerKey:
		return checkTexts(needed("server key's id", c.ID))
	case RenewVerifier:
		return firstError(c.Holder.check(), checkVerifier(c.Old), checkVerifier(c.New))
	default:
		return invalid("type of change")
	}
}

func (c MintToken) check(now time.Time) error {
	t := c.Token
	switch {
	case t.chosen():
		return invalid("token: id, created, last used, revoked, reason, disabled or owner's networks is set")
	case c.Most < 0:
		return invalid("number of tokens")
	default:
		return firstError(
			checkTexts(text{"token's name", t.Name, false}, text{"token's owner", t.Owner, false}),
			t.checkProof(now), t.Grant.check())
	}
}

// chosen reports what only a store may set.
func (t Token) chosen() bool {
	return t.ID != "" || !t.Created.IsZero() || !t.LastUsed.IsZero() || !t.Revoked.IsZero() || t.Reason != "" || t.Disabled ||
		len(t.OwnerNetworks) > 0
}

// checkProof checks what a minted token and a successor both bring.
func (t Token) checkProof(now time.Time) error {
	if !t.Expires.IsZero() && (!t.Expires.Truncate(time.Microsecond).After(now) || t.Expires.UTC().Year() > 9999) {
		return invalid("token's expiry")
	}
	return firstError(
		checkTexts(text{"token's prefix", t.Ref.Prefix, false}, needed("token's lookup", t.Ref.Lookup)),
		checkVerifier(t.Verifier))
}

func (c RotateToken) check(now time.Time) error {
	s := c.Successor
	switch {
	case s.chosen() || s.Name != "" || s.Owner != "" || !s.Grant.empty():
		return invalid("successor: more is set than reference, verifier and expiry")
	case c.Overlap < 0:
		return invalid("overlap")
	default:
		return firstError(checkTexts(needed("token's id", c.ID)), s.checkProof(now))
	}
}

func (c RevokeToken) check() error {
	texts := []text{{"reason", c.Reason, false}}
	switch {
	case c.ID != "":
		return checkTexts(append(texts, needed("token's id", c.ID))...)
	default:
		return checkTexts(append(texts, text{"token's prefix", c.Ref.Prefix, false}, needed("token's id or lookup", c.Ref.Lookup))...)
	}
}

func (k PrincipalKind) known() bool {
	switch k {
	case Administrator, User, Machine, Client:
		return true
	default:
		return false
	}
}

func (p Principal) check() error {
	if !p.Kind.known() {
		return invalid("principal's kind")
	}
	if err := checkTexts(text{"principal's id", p.ID, false}, needed("principal's name", p.Name)); err != nil {
		return err
	}
	switch p.Login {
	case LoginPassword:
		return firstError(checkVerifier(p.Verifier), p.Grant.check())
	case LoginToken:
		if p.Verifier != "" {
			return invalid("principal's verifier: the login is not a password")
		}
		return p.Grant.check()
	default:
		return invalid("principal's login")
	}
}

// check wants one of a token and a principal.
func (h Holder) check() error {
	if h.Token != "" {
		if h.Kind != "" || h.Name != "" {
			return invalid("holder: it is a token and a principal")
		}
		return checkTexts(needed("token's id", h.Token))
	}
	if !h.Kind.known() {
		return invalid("holder: it is neither a token nor a principal")
	}
	return checkTexts(needed("principal's name", h.Name))
}

func (m Membership) check() error {
	return firstError(
		checkTexts(needed("organization", m.Organization), needed("subject", m.Subject), text{"role", m.Role, false}),
		checkScopes(m.Scopes))
}

func (d Domain) check() error {
	if canonical, err := ParseHost(d.Name); err != nil || canonical != d.Name {
		return invalid("domain's name: it is not canonical")
	}
	return checkTexts(needed("organization", d.Organization))
}

func (g Grant) empty() bool {
	return g.Subject == "" && g.Tenant == "" && g.Role == "" && g.User == "" && len(g.Scopes) == 0 && len(g.Claims) == 0 &&
		len(g.Networks) == 0
}

// check wants a subject: a caller without one is anonymous.
func (g Grant) check() error {
	return firstError(
		checkTexts(needed("subject", g.Subject), text{"tenant", g.Tenant, false}, text{"role", g.Role, false}, text{"user", g.User, false}),
		checkScopes(g.Scopes), checkClaims(g.Claims), checkNetworks(g.Networks))
}

func checkScopes(scopes []string) error {
	if len(scopes) > MostScopes {
		return invalid("number of scopes")
	}
	for _, scope := range scopes {
		if err := checkTexts(needed("scope", scope)); err != nil {
			return err
		}
	}
	return nil
}

// checkNetworks wants each in its one way, so that it comes back as it went in.
func checkNetworks(networks Networks) error {
	if len(networks) > MostNetworks {
		return invalid("number of networks")
	}
	for _, block := range networks {
		if !plainBlock(block) {
			return invalid("network: it is not written in its one way")
		}
	}
	return nil
}

func checkClaims(claims map[string]any) error {
	if !plain(claims, mostDepth) {
		return invalid("claims: they are not plain JSON")
	}
	if encoded, err := json.Marshal(claims); err != nil || len(encoded) > MostClaims {
		return invalid("size of claims")
	}
	return nil
}

// plain reports a value that comes back from JSON as it went in.
func plain(value any, depth int) bool {
	if depth == 0 {
		return false
	}
	switch v := value.(type) {
	case nil, bool:
		return true
	case float64:
		return !math.IsNaN(v) && !math.IsInf(v, 0)
	case string:
		return utf8.ValidString(v) && !strings.ContainsRune(v, 0)
	case []any:
		for _, each := range v {
			if !plain(each, depth-1) {
				return false
			}
		}
		return true
	case map[string]any:
		for key, each := range v {
			if !plain(key, depth) || !plain(each, depth-1) {
				return false
			}
		}
		return true
	default:
		return false
	}
}

func checkVerifier(verifier string) error {
	if verifier == "" || len(verifier) > MostVerifier || !utf8.ValidString(verifier) || strings.ContainsRune(verifier, 0) {
		return invalid("verifier")
	}
	return nil
}

// text is a field by what people call it: its value may be a secret's neighbour and
// does not stand in an error.
type text struct {
	what, value string
	needed      bool
}

func needed(what, value string) text { return text{what, value, true} }

func checkTexts(texts ...text) error {
	for _, t := range texts {
		if t.needed && t.value == "" {
			return invalid(t.what + ": it is empty")
		}
		if !Storable(t.value) {
			return invalid(t.what + ": it is too long, or no text")
		}
	}
	return nil
}

func invalid(what string) error { return fmt.Errorf("%w: %s", ErrInvalid, what) }

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
