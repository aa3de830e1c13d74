package authz

import (
	"context"
	"errors"
	"slices"
	"time"
)

// The outcomes of looking for and verifying a credential. Any error that wraps
// none of them means that nobody can tell, and is never answered with the next
// authenticator.
var (
	// ErrAbsent: there is no such credential. The next one may be looked for.
	ErrAbsent = errors.New("no credential")
	// ErrMalformed: there is one, and it does not have the form of its kind.
	ErrMalformed = errors.New("malformed credential")
	// ErrRejected: there is one, and it is unknown, expired, revoked or not for us.
	ErrRejected = errors.New("rejected credential")
	// ErrBarred: there is one, it is good, and whoever it stands for may do nothing
	// here now: a registration that waits, say. It is final and HTTP 403.
	ErrBarred = errors.New("barred caller")
	// ErrThrottled: there is one, and nobody looked at it because a limit on such
	// attempts was reached. It says nothing about the credential and is final.
	ErrThrottled = errors.New("too many attempts")
)

// Authenticator is one configured way to know a caller. It is safe for parallel
// use, and it looks at no field but those of its Traits' Reads.
type Authenticator interface {
	// Extract finds its credential in the attributes, without secrets and
	// without I/O. It gives ErrAbsent or ErrMalformed, or no error.
	Extract(*Attributes) (Credential, error)
	// Authenticate verifies what Extract gave and says whose it is. It gives
	// ErrRejected when the credential is bad, ErrBarred when it is good for nothing,
	// and ErrThrottled when a limit keeps it from being verified. Only an authenticator without a carrier may give
	// ErrAbsent here. Any other error is "could not tell".
	// Authenticator, Kind and Downgraded of the Caller are filled in by the flow.
	// The Basis says how long the finding may be remembered, a rejection and an
	// absence as much as a caller; beside "could not tell" it means nothing.
	Authenticate(context.Context, Credential) (Caller, Basis, error)
}

// Credential is found in the attributes and not verified.
type Credential struct {
	// Name is the part that is no secret: a user name, a host, an id.
	Name string
	// Value is the secret part.
	Value Secret
	// Address is the client's, filled in by the flow, for kinds that bound how often
	// one address may guess. It may turn a finding into "could not tell" and into
	// nothing else: it is no Read, so that a verdict is remembered for all addresses.
	Address string
	// Begun is when the Check asked for callers, filled in by the flow likewise, for
	// kinds whose refusals must not tell by their time what was found before.
	Begun time.Time
}

// Caller is a verified identity. It is shared and never changed.
type Caller struct {
	// Authenticator is the configured name, Kind the configured word.
	Authenticator string
	Kind          string
	Subject       string
	Tenant        string
	// Settled says that Tenant is no claim: it was looked up for this credential, with
	// whether its owner belongs there now. Only what asked a list may say so.
	Settled bool
	Role    string
	Scopes  []string
	User    string
	TokenID string
	Claims  map[string]any
	// Expires is when the credential ends; the zero time is never.
	Expires time.Time
	// Networks are those from which the caller may come, and OwnerNetworks those of whom
	// their credential belongs to; none is everywhere. Both bound every Check, and
	// policies do not see them.
	Networks      Networks
	OwnerNetworks Networks
	// Downgraded tells that a better credential was presented and refused,
	// and that its authenticator's on_invalid let the next one be asked.
	Downgraded bool
}

// Reuse says whether a verdict may be remembered for the same credential.
type Reuse int

// Whether credentials may be reused. The zero value forbids it.
const (
	// ReuseNever is for one-shot credentials and those that count their uses.
	ReuseNever Reuse = iota
	// ReuseAllowed is for credentials that mean the same each time.
	ReuseAllowed
)

// OnInvalid says what a bad credential leads to.
type OnInvalid int

// What follows a bad credential. The zero value stops.
const (
	// StopOnInvalid makes a bad credential final.
	StopOnInvalid OnInvalid = iota
	// NextOnInvalid lets the next group decide, and marks the caller downgraded.
	NextOnInvalid
)

// Traits are what a kind and its settings fix about an authenticator.
type Traits struct {
	// Carriers may hold the credential; host, mtls and anonymous have none.
	Carriers []Carrier
	// Claims say which values of the carriers belong to this authenticator.
	Claims []Claim
	Reads  Reads
	Reuse  Reuse
	// Challenge is the WWW-Authenticate scheme that asks for the credential, or "".
	Challenge string
}

// Configured is an authenticator as the operator configured it.
type Configured struct {
	// Name is unique; Kind is the code's word (jwt, apikey), Word the callers'.
	Name      string
	Kind      string
	Word      string
	OnInvalid OnInvalid
	// Edges are asked in their order, before a credential is verified.
	Edges []Edge
	// Networks are those from which the credential may come; none is everywhere. Limit,
	// unless nil, bounds how often a client's address may come with it. Both are asked
	// after the edges, before a credential is verified, and on every Check.
	Networks Networks
	Limit    Limiter
	Traits
	Authenticator
}

// AllReads are the fields that the authenticator and its edges look at.
func (c *Configured) AllReads() Reads {
	all := slices.Clone(c.Reads)
	for _, edge := range c.Edges {
		all = append(all, edge.Reads()...)
	}
	return all
}
