package authz

import "time"

// Attempt is one try to prove a secret against what a store holds.
type Attempt struct {
	// Verifier is what the store holds: Token.Verifier or Principal.Verifier. With ""
	// the attempt costs what one on a password costs, and always fails: so that
	// an unknown name cannot be told from a known one.
	Verifier string
	Secret   Secret
	// Holder is whose verifier it is, so that one that is outdated can be made anew;
	// nobody, where there is no such one or it shall stay.
	Holder Holder
	// Account is who is meant, known or not: a kind and a name, or a token's id.
	Account string
	// Address is where the attempt comes from.
	Address string
	// Begun is when the search for the verifier began. What follows an attempt that
	// needs a slow hash then starts at a time after it that does not depend on what was
	// found. The zero time asks for nothing.
	Begun time.Time
}

// Holder is what has a verifier: a token by its id, or a principal by kind and name.
// The zero Holder is nobody.
type Holder struct {
	Token string
	Kind  PrincipalKind
	Name  string
}

// Proof is what became of an attempt. The zero Proof is that it failed.
type Proof struct {
	OK bool
	// Outdated tells of a secret that was proven by a verifier that would not be
	// made like this today.
	Outdated bool
}
