package decider

// State is how it stands with a credential.
type State int

// The six states. The zero one is no credential.
const (
	Absent State = iota
	Valid
	Expired
	Malformed
	Revoked
	// Unavailable: whoever knows cannot be asked.
	Unavailable
)

// The kinds that read no secret. All others are the names of Kinds.
const (
	Host      = "host"
	Anonymous = "anonymous"
)

// Carrier is a header or a cookie; the zero one is neither.
type Carrier struct {
	Cookie bool
	Name   string
}

// Authorization is the carrier that several may share.
var Authorization = Carrier{Name: "authorization"} //nolint:gochecknoglobals // a constant that Go cannot express

// Authenticator is one that a host block knows. Its word is its name.
type Authenticator struct {
	Name, Kind string
	Carrier    Carrier
	Claim      Claim
	// Next is on_invalid: next.
	Next bool
	// Down tells that the issuer's keys cannot be had.
	Down bool
}

// Route is one operation. The zero options are those of a route that says nothing.
type Route struct {
	Path   string
	Accept [][]*Authenticator
	// Flat writes the groups as one list, which the program groups by itself.
	Flat                                          bool
	IgnoreUnclaimed, IgnoreHeaders, RefuseCookies bool
	Malformed400                                  bool
}

// Block is a host block.
type Block struct {
	Name           string
	Authenticators []*Authenticator
	Routes         []*Route
}

// KnownHost is the host of the block that stands for a tenant; StrangeHost stands for
// nobody.
func (b *Block) KnownHost() string { return "known." + b.Name + ".test" }

// StrangeHost is described at KnownHost.
func (b *Block) StrangeHost() string { return "strange." + b.Name + ".test" }

// of gives the authenticator of a kind.
func (b *Block) of(kind string) *Authenticator {
	for _, a := range b.Authenticators {
		if a.Kind == kind {
			return a
		}
	}
	return nil
}

// Header is one header.
type Header struct{ Name, Value string }

// Request is a request as it arrives from Envoy.
type Request struct {
	Block *Block
	Route *Route
	Host  string
	Query string
	// Joined is Envoy's default encoding: each name stands once.
	Joined  bool
	Headers []Header
	// Credentials says of what the request shows how it stands with it.
	Credentials Credentials
}

// Credential is how it stands with a credential, and whose it is.
type Credential struct {
	State   State
	Subject string
	// Barred tells of one that was revoked, and that is shown by whoever it was given to:
	// they are known, and may do nothing.
	Barred bool
}

// shown is a text that somebody takes for a credential of a kind.
type shown struct{ kind, text string }

// Credentials say how it stands with what a request shows, by kind and text.
type Credentials struct {
	made map[shown]Credential
	// misshapen tells of a text that nobody made whether it lacks a kind's form.
	misshapen func(kind, text string) bool
}

// of says how it stands with a text that an authenticator claims. One that nobody made
// is unknown, which is as good as revoked. Of tokens of an issuer whose keys cannot be
// had nobody can tell, unless they are none.
func (c Credentials) of(a *Authenticator, text string) Credential {
	credential, made := c.made[shown{a.Kind, text}]
	switch {
	case !made && c.misshapen(a.Kind, text):
		return Credential{State: Malformed}
	case !made:
		return Credential{State: Revoked}
	case a.Down && credential.State != Malformed:
		return Credential{State: Unavailable}
	default:
		return credential
	}
}

// carriers are those of all authenticators, and authorization, which is always one.
func carriers(blocks []*Block) []Carrier {
	all, seen := []Carrier{Authorization}, map[Carrier]bool{Authorization: true, {}: true}
	for _, b := range blocks {
		for _, a := range b.Authenticators {
			if !seen[a.Carrier] {
				seen[a.Carrier] = true
				all = append(all, a.Carrier)
			}
		}
	}
	return all
}
