package decider

import (
	"strings"
)

// Read is a request after every carrier was looked at, without secrets and without I/O.
type Read struct {
	// Twice tells that a carrier holds two values, or may.
	Twice bool
	Held  []Held
	// ByHost tells that the host stands for a tenant.
	ByHost bool
}

// Held is one carrier that holds something.
type Held struct {
	Carrier Carrier
	// Owner claims it, and Credential says how it stands with the owner's credential.
	// nil is nobody: Readable tells whether that is for want of a claimant.
	Owner *Authenticator
	Credential
	Readable bool
}

// Read looks at each carrier of the world, whether the block has a use for it or not.
func (b *Block) Read(carriers []Carrier, request Request) Read {
	read := Read{ByHost: request.Host == b.KnownHost()}
	for _, carrier := range carriers {
		value, there, twice := request.value(carrier)
		switch {
		case twice:
			return Read{Twice: true}
		case there:
			if held, ignored := b.held(carrier, value, request); !ignored {
				read.Held = append(read.Held, held)
			}
		}
	}
	return read
}

// held finds whose the content of a carrier is.
func (b *Block) held(carrier Carrier, value string, request Request) (held Held, ignored bool) {
	if request.Joined && strings.Contains(value, "!") { // bytes may have been lost
		return Held{Carrier: carrier}, false
	}
	owner, text, readable := b.claimant(carrier, value)
	switch {
	case owner != nil:
		return Held{Carrier: carrier, Owner: owner, Credential: request.Credentials.of(owner, text)}, false
	default:
		return Held{Carrier: carrier, Readable: readable}, readable && request.Route.IgnoreUnclaimed
	}
}

// value is what a carrier holds.
func (q Request) value(c Carrier) (value string, there, twice bool) {
	if c.Cookie {
		return q.cookie(c.Name)
	}
	var found []string
	for _, h := range q.Headers {
		if h.Name == c.Name {
			found = append(found, h.Value)
		}
	}
	switch {
	case len(found) == 0:
		return "", false, false
	case len(found) > 1, strings.Contains(found[0], ","): // no credential holds a comma
		return "", true, true
	default:
		return strings.Trim(found[0], " \t"), true, false
	}
}

// cookie is the value of one name: equal values count once.
func (q Request) cookie(name string) (value string, there, twice bool) {
	for _, h := range q.Headers {
		if h.Name != "cookie" {
			continue
		}
		for i, part := range strings.Split(h.Value, ",") { // two lines that were joined
			first, _, _ := strings.Cut(part, ";")
			key, _, hasValue := strings.Cut(first, "=")
			if q.Joined && i > 0 && hasValue && strings.Trim(key, " \t") == name {
				return "", true, true
			}
		}
		for pair := range strings.SplitSeq(h.Value, ";") {
			key, one, _ := strings.Cut(pair, "=")
			if strings.TrimSpace(key) != name {
				continue
			}
			if one = strings.TrimSpace(one); there && one != value {
				return "", true, true
			}
			value, there = one, true
		}
	}
	return value, there, false
}
