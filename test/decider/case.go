package decider

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Case is one cell of the matrix: how it stands with the credential of each kind, on one
// route.
type Case struct {
	Block, Route string
	States       map[string]State
	Joined       bool
}

// String names the cell, for whoever reads of a difference.
func (c Case) String() string {
	var held []string
	for _, kind := range secretKinds() {
		if state := c.States[kind]; state != Absent {
			held = append(held, kind+" "+state.String())
		}
	}
	return fmt.Sprintf("%s%s [%s] joined: %t", c.Block, c.Route, strings.Join(held, ", "), c.Joined)
}

// String is the state's name.
func (s State) String() string {
	return [...]string{"absent", "valid", "expired", "malformed", "revoked", "unavailable"}[s]
}

// The names of the blocks of the matrix. Where the keys of an issuer cannot be had,
// Down stands behind them.
const (
	OwnBlock    = "own"
	SharedBlock = "shared"
	downSuffix  = "-down"
)

// MatrixBlocks are those in which the matrix is asked.
func MatrixBlocks() []*Block {
	return []*Block{
		matrixBlock(OwnBlock, ownPlace, false), matrixBlock(OwnBlock+downSuffix, ownPlace, true),
		matrixBlock(SharedBlock, sharedPlace, false), matrixBlock(SharedBlock+downSuffix, sharedPlace, true),
	}
}

// block finds one by its name.
func (w *World) block(name string) (*Block, error) {
	for _, b := range w.Blocks {
		if b.Name == name {
			return b, nil
		}
	}
	return nil, fmt.Errorf("there is no block %q", name)
}

// Request makes the request of a case. Equal draws make equal requests, but for what is
// good once only.
func (w *World) Request(c Case, r *rand.Rand) (Request, error) {
	name := c.Block
	if c.States[KindJWT] == Unavailable {
		name += downSuffix
	}
	block, err := w.block(name)
	if err != nil {
		return Request{}, err
	}
	q := Request{Block: block, Route: block.route(c.Route), Host: block.KnownHost(), Joined: c.Joined, Credentials: w.credentials()}
	for _, kind := range secretKinds() {
		state := c.States[kind]
		if state == Absent {
			continue
		}
		text, err := w.show(&q, kind, state, r)
		if err != nil {
			return Request{}, err
		}
		q.Headers = append(q.Headers, present(block.of(kind), text))
	}
	return q, nil
}

// Showing makes a request by hand: of these headers, to a route of a block.
func (w *World) Showing(block, path string, headers ...Header) (Request, error) {
	b, err := w.block(block)
	if err != nil {
		return Request{}, err
	}
	return Request{Block: b, Route: b.route(path), Host: b.KnownHost(), Headers: headers, Credentials: w.credentials()}, nil
}

// credentials are none yet.
func (w *World) credentials() Credentials {
	return Credentials{map[shown]Credential{}, func(kind, text string) bool { return w.Kinds[kind].Misshapen(text) }}
}

// show makes a credential and notes how it stands with it.
func (w *World) show(q *Request, kind string, state State, r *rand.Rand) (string, error) {
	text, credential, err := w.Kinds[kind].Make(state, r)
	if err != nil {
		return "", fmt.Errorf("make a credential: %w", err)
	}
	q.Credentials.made[shown{kind, text}] = credential
	return text, nil
}
