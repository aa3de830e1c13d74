package decider

import (
	"fmt"
	"math/rand/v2"
)

// Kind makes credentials of one kind in each state, and says in words of the
// configuration how they are known. What it makes of one draw may be new each time.
type Kind struct {
	// Settings are those of one authenticator, as in `jwt: {...}`.
	Settings func(a *Authenticator) string
	// Make gives the text behind the scheme, and how it stands with it.
	Make func(state State, r *rand.Rand) (text string, c Credential, err error)
	// Misshapen tells of a text that Make did not give, and that an authenticator of the
	// kind claims, whether it lacks the form of its credentials. One that has it is
	// unknown.
	Misshapen func(text string) bool
}

// The kinds that hold secrets, in the order in which Prood's groups name them.
const (
	KindAgent   = "agent"
	KindJWT     = "jwt"
	KindToken   = "token"
	KindBasic   = "basic"
	KindKey     = "key"
	KindSession = "session"
	// KindAsked is of sessions that another service is asked about. It is drawn, and
	// stands in no matrix.
	KindAsked = "asked"
)

// secretKinds are those of the matrix.
func secretKinds() []string {
	return []string{KindAgent, KindJWT, KindToken, KindBasic, KindKey, KindSession}
}

// places are where a kind's credential stands when each has a place of its own.
func ownPlace(kind string) Carrier {
	switch kind {
	case KindBasic:
		return Authorization // RFC 7617 knows no other
	case KindKey:
		return Carrier{Name: "x-api-key"}
	case KindSession:
		return Carrier{Cookie: true, Name: signedCookie}
	case KindAsked:
		return Carrier{Cookie: true, Name: sessionCookie}
	default:
		return Carrier{Name: "x-" + kind}
	}
}

// sharedPlace is where it stands when four share a header.
func sharedPlace(kind string) Carrier {
	switch kind {
	case KindAgent, KindJWT, KindToken, KindBasic:
		return Authorization
	default:
		return ownPlace(kind)
	}
}

// claimOf is what a kind takes from its place.
func claimOf(kind string, place Carrier) Claim {
	scheme := ""
	if place == Authorization {
		scheme = "bearer"
	}
	switch kind {
	case KindAgent:
		return Claim{Scheme: scheme, Dots: true, Type: agentType}
	case KindJWT:
		return Claim{Scheme: scheme, Dots: true}
	case KindToken:
		return Claim{Scheme: scheme, Prefix: tokenPrefix}
	case KindBasic:
		return Claim{Scheme: "basic"}
	default:
		return Claim{Scheme: scheme}
	}
}

// Known makes an authenticator of a kind in a place.
func Known(name, kind string, place Carrier) *Authenticator {
	return &Authenticator{Name: name, Kind: kind, Carrier: place, Claim: claimOf(kind, place)}
}

// present writes a credential into its place.
func present(a *Authenticator, text string) Header {
	switch {
	case a.Carrier.Cookie:
		return Header{"cookie", a.Carrier.Name + "=" + text}
	case a.Claim.Scheme == "basic":
		return Header{a.Carrier.Name, "Basic " + text}
	case a.Claim.Scheme != "":
		return Header{a.Carrier.Name, "Bearer " + text}
	default:
		return Header{a.Carrier.Name, text}
	}
}

// one draws one of several.
func one[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// errState is about a state that a kind cannot make.
func errState(kind string, state State) error {
	return fmt.Errorf("no %s credential in state %d", kind, state)
}
