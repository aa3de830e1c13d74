package onekey

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/admin"
	"github.com/sallyport-authz/sallyport/authz/store/storetest"
	"github.com/sallyport-authz/sallyport/authz/tokenform"
)

// Stored is what a store says while requests flow: tokens, who owns them, people with
// passwords, members of organizations, and domains. It is used by one goroutine at a
// time.
type Stored struct {
	engine  storetest.Engine
	applier *admin.Applier
	// Seal makes the verifier of a token; until it is set, that is the token itself.
	Seal func(authz.Secret) string
	held []held
	// owner is the id of the principal who owns some tokens, "" while there is none.
	owner string
	// Turned counts changes that were made.
	Turned int
}

// held is a token at one of its stations: not minted yet, minted, revoked.
type held struct {
	secret authz.Secret
	ref    authz.TokenRef
	id     string
	ended  bool
}

// mostHeld are few, so that requests present the same ones often.
const mostHeld = 3

// NewStored is for an engine whose changes are announced to these.
func NewStored(engine storetest.Engine, changes *authz.Changes) (*Stored, error) {
	plainly := func(secret authz.Secret) string { return secret.Reveal() }
	s := &Stored{engine: engine, applier: admin.NewApplier(engine, changes), Seal: plainly, held: make([]held, mostHeld)}
	for i := range s.held {
		if err := s.fresh(i); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// fresh puts a token that nobody has minted yet in a place: one of our own form, or one
// of another system, which is looked up whole.
func (s *Stored) fresh(i int) error {
	secret, ref, err := tokenform.Mint("pfy_")
	if err != nil {
		return fmt.Errorf("make a token: %w", err)
	}
	if i%2 == 1 {
		secret = authz.NewSecret(strings.TrimPrefix(secret.Reveal(), "pfy_"))
		ref = tokenform.Whole("", secret)
	}
	s.held[i] = held{secret: secret, ref: ref}
	return nil
}

// Draw makes a request that presents one of the tokens, a password, or neither.
func (s *Stored) Draw(r *rand.Rand) *authz.Attributes {
	a := Draw(r)
	for i := range a.Request.Headers.List {
		h, secret := &a.Request.Headers.List[i], s.held[r.IntN(len(s.held))].secret.Reveal()
		switch {
		case r.IntN(8) == 0:
		case h.Name == "x-api-key":
			h.Value = secret
		case h.Name == "authorization" && r.IntN(2) == 0:
			h.Value = "Bearer " + secret
		}
	}
	switch r.IntN(7) {
	case 0: // by host alone
		a.Request.Headers.List = nil
	case 1:
		a.Request.Headers.List = []authz.Header{{Name: "authorization", Value: "Bearer " + s.held[r.IntN(len(s.held))].secret.Reveal()}}
	case 2:
		password := base64.StdEncoding.EncodeToString([]byte(person + ":" + pick(r, "old", "new")))
		a.Request.Headers.List = []authz.Header{{Name: "authorization", Value: "Basic " + password}}
	}
	if r.IntN(3) == 0 {
		a.Request.Method, a.Request.Path = "GET", []string{"/t/a", "/t/b", "/q?org=a", "/q?org=b"}[r.IntN(4)]
	}
	return a
}

// Turn makes one change, drawn like the requests. One that the store refuses, as
// ending what is not there, is none.
func (s *Stored) Turn(ctx context.Context, r *rand.Rand) error {
	change, after, err := s.change(r)
	if err != nil || change == nil {
		return err
	}
	applied, err := s.applier.Apply(ctx, authz.Act{Actor: "harness", Origin: "cli"}, change)
	switch {
	case errors.Is(err, authz.ErrNotFound), errors.Is(err, authz.ErrExists), errors.Is(err, authz.ErrInvalid):
		return nil
	case err != nil:
		return fmt.Errorf("%T: %w", change, err)
	}
	if applied.Seq != 0 {
		s.Turned++
	}
	after(applied)
	return nil
}

// change draws a change, and what becomes of ours when it was made.
func (s *Stored) change(r *rand.Rand) (authz.Mutation, func(authz.Applied), error) {
	organization, subject := pick(r, "a", "a", "b"), pick(r, "ann", "ann", "bob")
	nothing := func(authz.Applied) {}
	switch r.IntN(15) {
	case 0, 1, 2, 3:
		return s.turnToken(r)
	case 4, 5, 12:
		scopes := [][]string{nil, {"read"}, {"read", "write"}, {"write"}}[r.IntN(4)]
		return authz.PutMember{Membership: authz.Membership{Organization: organization, Subject: subject, Scopes: scopes}}, nothing, nil
	case 6:
		return authz.RemoveMember{Organization: organization, Subject: subject}, nothing, nil
	case 7, 8:
		return authz.PutDomain{Domain: authz.Domain{Name: pick(r, "a.example", "b.example"), Organization: organization, Verified: r.IntN(3) > 0}}, nothing, nil
	case 9:
		return authz.RemoveDomain{Name: pick(r, "a.example", "b.example")}, nothing, nil
	case 10:
		return s.turnOwner(r)
	case 11, 13:
		return s.turnPerson(r), nothing, nil
	default:
		if r.IntN(4) == 0 {
			return authz.RemoveOrganization{ID: organization, Reason: "turned"}, nothing, nil
		}
		return authz.PutOrganization{Organization: authz.Organization{ID: organization, Name: fmt.Sprint(r.IntN(2))}}, nothing, nil
	}
}

// turnPerson gives a name another password, another grant, or to nobody: of two kinds
// of principals, of which the first is asked first.
func (s *Stored) turnPerson(r *rand.Rand) authz.Mutation {
	kind := pick(r, authz.User, authz.Administrator, authz.User)
	if r.IntN(5) == 0 {
		return authz.RemovePrincipal{Kind: kind, Name: person}
	}
	return authz.PutPrincipal{Principal: authz.Principal{
		Kind: kind, Name: person, Login: authz.LoginPassword, Verifier: s.Seal(authz.NewSecret(pick(r, "old", "new"))), Disabled: r.IntN(5) == 0,
		Grant: authz.Grant{Subject: pick(r, "ann", "bob"), Tenant: pick(r, "a", "b"), Scopes: []string{"write"}},
	}}
}

// person is who has a password.
const person = "pat"

// turnOwner disables the owner, enables them again, or removes them.
func (s *Stored) turnOwner(r *rand.Rand) (authz.Mutation, func(authz.Applied), error) {
	const name = "owner"
	if r.IntN(6) == 0 {
		return authz.RemovePrincipal{Kind: authz.User, Name: name}, func(authz.Applied) { s.owner = "" }, nil
	}
	principal := authz.Principal{Kind: authz.User, Name: name, Login: authz.LoginToken, Disabled: r.IntN(3) == 0, Grant: authz.Grant{Subject: "ann"}}
	return authz.PutPrincipal{Principal: principal}, func(a authz.Applied) { s.owner = a.Principal.ID }, nil
}

// turnToken takes one of the tokens to its next station.
func (s *Stored) turnToken(r *rand.Rand) (authz.Mutation, func(authz.Applied), error) {
	i := r.IntN(len(s.held))
	h := &s.held[i]
	if h.ended { // what comes in its place is shown before it is minted
		return nil, nil, s.fresh(i)
	}
	if h.id == "" {
		grant := authz.Grant{
			Subject: pick(r, "ann", "bob"), Tenant: pick(r, "a", "b"),
			Scopes: [][]string{{"read", "write"}, {"read"}, nil}[r.IntN(3)],
		}
		minted := authz.Token{Ref: h.ref, Verifier: s.Seal(h.secret), Grant: grant, Owner: pick(r, "", "", s.owner)}
		return authz.MintToken{Token: minted}, func(a authz.Applied) { h.id = a.Token.ID }, nil
	}
	if r.IntN(3) == 0 {
		return s.rotate(h)
	}
	return authz.RevokeToken{ID: h.id, Reason: "turned"}, func(authz.Applied) { h.ended = true }, nil
}

// rotate lets a token's successor take its place, and another place show the old one.
func (s *Stored) rotate(h *held) (authz.Mutation, func(authz.Applied), error) {
	secret, ref, err := tokenform.Mint("pfy_")
	if err != nil {
		return nil, nil, fmt.Errorf("make a token: %w", err)
	}
	next := held{secret: secret, ref: ref}
	change := authz.RotateToken{ID: h.id, Successor: authz.Token{Ref: ref, Verifier: s.Seal(secret)}}
	return change, func(a authz.Applied) {
		old := *h
		old.ended, next.id = true, a.Token.ID
		*h = next
		for i := range s.held {
			if s.held[i].ended {
				s.held[i] = old
				return
			}
		}
	}, nil
}
