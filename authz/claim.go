package authz

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Shape is the class of values that a Claim is about.
type Shape int

// The shapes, in the order in which they are tried on one carrier and scheme.
// The zero shape claims nothing.
const (
	ShapeNone Shape = iota
	// ShapePrefix: the value starts with the claim's Prefix; the longest wins.
	ShapePrefix
	// ShapeJWT: the value has two dots; the header's typ chooses.
	ShapeJWT
	// ShapeOpaque: any other value.
	ShapeOpaque
)

// Claim says which values of a carrier belong to an authenticator, decided
// without secrets and without I/O.
type Claim struct {
	// Scheme is the authentication scheme in lower case (RFC 9110 section
	// 11.1), or "" where the whole value is the credential.
	Scheme string
	Shape  Shape
	// Prefix is for ShapePrefix.
	Prefix string
	// Type is the typ of ShapeJWT in lower case; "" takes every other typ.
	Type string
}

// Claims is the settled table of one host block: who owns which value of which
// carrier. It is immutable.
type Claims struct {
	carriers []Carrier
	owners   map[Carrier][]owner
}

type owner struct {
	claim      Claim
	configured *Configured
}

// NewClaims settles the claims of the authenticators that a host block knows.
// known are the carriers of every configured authenticator; authorization is
// always one. Two claimants of one class on one carrier are an error.
func NewClaims(known []Carrier, authenticators []*Configured) (*Claims, error) {
	c := &Claims{owners: map[Carrier][]owner{}}
	for _, carrier := range append([]Carrier{InHeader("authorization")}, known...) {
		c.know(carrier)
	}
	for _, configured := range authenticators {
		if err := configured.validate(); err != nil {
			return nil, fmt.Errorf("authenticator %q: %w", configured.Name, err)
		}
		for _, carrier := range configured.Carriers {
			c.know(carrier)
			if err := c.add(carrier, configured); err != nil {
				return nil, err
			}
		}
	}
	for _, owners := range c.owners {
		slices.SortStableFunc(owners, func(a, b owner) int {
			if a.claim.Shape != b.claim.Shape {
				return int(a.claim.Shape) - int(b.claim.Shape)
			}
			return len(b.claim.Prefix) - len(a.claim.Prefix)
		})
	}
	return c, nil
}

// Carriers lists the known carriers, authorization first.
func (c *Claims) Carriers() []Carrier { return c.carriers }

func (c *Claims) know(carrier Carrier) {
	if !slices.Contains(c.carriers, carrier) {
		c.carriers = append(c.carriers, carrier)
	}
}

func (c *Claims) add(carrier Carrier, configured *Configured) error {
	for _, claim := range configured.Claims {
		for _, other := range c.owners[carrier] {
			if other.claim == claim {
				return fmt.Errorf("authenticators %q and %q both claim %s on %s",
					other.configured.Name, configured.Name, claim, carrier)
			}
		}
		c.owners[carrier] = append(c.owners[carrier], owner{claim, configured})
	}
	return nil
}

// validate refuses claims that nothing could match, or that would pass for
// another class than the one they are compared under.
func (t Traits) validate() error {
	if (len(t.Carriers) == 0) != (len(t.Claims) == 0) {
		return errors.New("carriers and claims go together")
	}
	for _, carrier := range t.Carriers {
		if carrier.Kind != HeaderCarrier && carrier.Kind != CookieCarrier || carrier.Name == "" {
			return fmt.Errorf("carrier %s is no header and no cookie", carrier)
		}
	}
	for _, claim := range t.Claims {
		if err := claim.validate(); err != nil {
			return err
		}
	}
	return nil
}

func (c Claim) validate() error {
	switch {
	case c.Shape != ShapePrefix && c.Shape != ShapeJWT && c.Shape != ShapeOpaque:
		return fmt.Errorf("claim of shape %d claims nothing", c.Shape)
	case (c.Shape == ShapePrefix) != (c.Prefix != ""):
		return fmt.Errorf("claim on %s: a prefix belongs to its own shape", c)
	case c.Shape != ShapeJWT && c.Type != "":
		return fmt.Errorf("claim on %s: a type belongs to JWTs", c)
	case c.Scheme != strings.ToLower(c.Scheme) || c.Type != strings.ToLower(c.Type):
		return fmt.Errorf("claim on %s: scheme and type are written in lower case", c)
	default:
		return nil
	}
}

// String describes the class of values, for error messages.
func (c Claim) String() string {
	scheme := ""
	if c.Scheme != "" {
		scheme = " of scheme " + c.Scheme
	}
	switch c.Shape {
	case ShapePrefix:
		return fmt.Sprintf("values with prefix %q%s", c.Prefix, scheme)
	case ShapeJWT:
		return fmt.Sprintf("JWTs of type %q%s", c.Type, scheme)
	case ShapeOpaque:
		return "opaque values" + scheme
	default:
		return "no values"
	}
}

// owner finds who claims a value. ErrMalformed: its scheme is no token, or it
// is one of ours and the rest is none. ErrAbsent: nobody claims it.
func (c *Claims) owner(carrier Carrier, value string) (*Configured, error) {
	owners := c.owners[carrier]
	token := value
	if schemed(owners) || carrier == InHeader("authorization") {
		scheme, rest, _ := strings.Cut(value, " ")
		if !isToken(scheme) {
			return nil, ErrMalformed
		}
		owners, token = ofScheme(owners, strings.ToLower(scheme)), rest
		if len(owners) == 0 {
			return nil, ErrAbsent
		}
	}
	if !isToken(token) {
		return nil, ErrMalformed
	}
	for _, o := range owners {
		if o.claim.covers(token, owners) {
			return o.configured, nil
		}
	}
	return nil, ErrAbsent
}

// Standing is what a route that does not accept a carrier's claimants can tell
// of its content: nothing there, content that is nobody's in one of several
// ways, or the name of who claims it.
func (c *Claims) Standing(headers Headers, carrier Carrier) string {
	value, presence := headers.Carried(carrier)
	switch presence {
	case Absent:
		return "absent"
	case Single:
		owner, err := c.owner(carrier, value)
		switch {
		case err == nil:
			return "claimed:" + owner.Name
		case errors.Is(err, ErrAbsent):
			return "unclaimed"
		default:
			return "malformed"
		}
	case Mangled:
		return "mangled"
	default:
		return "repeated"
	}
}

func schemed(owners []owner) bool {
	return slices.ContainsFunc(owners, func(o owner) bool { return o.claim.Scheme != "" })
}

func ofScheme(owners []owner, scheme string) []owner {
	var same []owner
	for _, o := range owners {
		if o.claim.Scheme == scheme {
			same = append(same, o)
		}
	}
	return same
}

// isToken refuses the empty value, white space and control characters within
// it, and bytes beyond ASCII: no credential that we know holds any of them.
func isToken(value string) bool {
	for i := range len(value) {
		if value[i] <= ' ' || value[i] >= 0x7f {
			return false
		}
	}
	return value != ""
}

func (c Claim) covers(token string, rivals []owner) bool {
	switch c.Shape {
	case ShapePrefix:
		return strings.HasPrefix(token, c.Prefix)
	case ShapeJWT:
		return strings.Count(token, ".") == 2 && c.Type == chosenType(token, rivals)
	case ShapeOpaque:
		return strings.Count(token, ".") != 2 || !claimsJWT(rivals)
	default:
		return false
	}
}

func claimsJWT(rivals []owner) bool {
	return slices.ContainsFunc(rivals, func(o owner) bool { return o.claim.Shape == ShapeJWT })
}

// chosenType gives the typ among the rivals' that takes this token: its own,
// else the one that takes every other, else the only one there is.
func chosenType(token string, rivals []owner) string {
	typ, types := headerType(token), []string{}
	for _, o := range rivals {
		if o.claim.Shape == ShapeJWT {
			types = append(types, o.claim.Type)
		}
	}
	switch {
	case slices.Contains(types, typ):
		return typ
	case len(types) == 1:
		return types[0]
	default:
		return ""
	}
}

// headerType reads typ without trusting it: it chooses who refuses the token.
// RFC 7515 section 4.1.9 compares it without regard to case.
func headerType(token string) string {
	segment, _, _ := strings.Cut(token, ".")
	const longest = 4096
	if len(segment) > longest {
		return ""
	}
	decoded, err := base64.RawURLEncoding.DecodeString(segment)
	if err != nil {
		return ""
	}
	var header struct {
		Typ string `json:"typ"`
	}
	if json.Unmarshal(decoded, &header) != nil {
		return ""
	}
	return strings.ToLower(header.Typ)
}
