package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/basic"
)

// comparisons are what could leak.
func (s *secrets) comparisons(ctx context.Context) []comparison {
	all := []comparison{namesApart(ctx, s.passwords[0])}
	for _, shared := range sharing()[1:] {
		all = append(all, comparison{fmt.Sprintf("a digest with %d bytes right", shared), [2]class{
			s.nearly(ctx, 0), s.nearly(ctx, shared),
		}})
	}
	for _, shared := range sharing()[1:] {
		all = append(all, comparison{fmt.Sprintf("a lookup with %d bytes right", shared), [2]class{
			s.lookUp(ctx, 0), s.lookUp(ctx, shared),
		}})
	}
	return all
}

// namesApart compares known names with unknown ones. Each attempt has a password of
// its own: none is remembered or under way.
func namesApart(ctx context.Context, passwords *basic.Authenticator) comparison {
	attempt := func(first int) class {
		return func(draw *rand.Rand) func() error {
			const full = 2 // the first two have other rounds
			c := authz.Credential{
				Name:  fmt.Sprintf(machineName, first+full+draw.IntN(knownNames-full)),
				Value: authz.NewSecret(fmt.Sprintf("%016x", draw.Uint64())),
			}
			return func() error {
				c.Begun = time.Now()
				return refuse(passwords.Authenticate(ctx, c))
			}
		}
	}
	return comparison{"a known name", [2]class{attempt(0), attempt(knownNames)}}
}

// nearly shows tokens whose stored digest shares so many bytes with theirs.
func (s *secrets) nearly(ctx context.Context, shared int) class {
	return func(draw *rand.Rand) func() error {
		shows := s.near[shared][draw.IntN(tokensEach)]
		return func() error { return refuse(s.tokens[0].Authenticate(ctx, authz.Credential{Value: shows})) }
	}
}

// lookUp asks for tokens that are found by a digest that shares so many bytes with one
// that is there.
func (s *secrets) lookUp(ctx context.Context, shared int) class {
	return func(draw *rand.Rand) func() error {
		ref := authz.TokenRef{Lookup: nearly(s.lookups[draw.IntN(tokensEach)], shared, draw)}
		return func() error {
			if _, err := s.store.Token(ctx, ref); !errors.Is(err, authz.ErrNotFound) {
				return fmt.Errorf("a token that is not there: %w", err)
			}
			return nil
		}
	}
}

// refuse wants an attempt to have been refused.
func refuse(_ authz.Caller, _ authz.Basis, err error) error {
	if !errors.Is(err, authz.ErrRejected) {
		return fmt.Errorf("what must be refused gave: %w", err)
	}
	return nil
}

// count holds what attempts cost in slow hashes against what they may: at full rounds
// one each, whoever is meant, and none for tokens.
func (s *secrets) count(ctx context.Context) error {
	bearer := func(text string) authz.Credential { return authz.Credential{Value: authz.NewSecret(text)} }
	named := func(i int) authz.Credential {
		return authz.Credential{Name: fmt.Sprintf(machineName, i), Value: authz.NewSecret(fmt.Sprintf("wrong %x", rand.Uint64()))}
	}
	for _, c := range []struct {
		name   string
		hashes uint64
		of     authz.Authenticator
		shows  authz.Credential
	}{
		{"a known name", 1, s.passwords[1], named(0)},
		{"an unknown name", 1, s.passwords[1], named(knownNames)},
		{"a disabled name", 1, s.passwords[1], named(1)},
		{"a nearly right token", 0, s.tokens[1], authz.Credential{Value: s.near[sharing()[1]][0]}},
		{"a token with an unknown prefix", 0, s.tokens[1], bearer("xyz_0123456789ab_0123456789abcdef0123456789abcdef0123456")},
	} {
		before := s.full.Counters().Runs
		err := refuse(c.of.Authenticate(ctx, c.shows))
		if got := s.full.Counters().Runs - before; err != nil || got != c.hashes {
			return fmt.Errorf("%s cost %d slow hashes, want %d: %w", c.name, got, c.hashes, err)
		}
	}
	return nil
}
