package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/basic"
	"github.com/sallyport-authz/sallyport/authz/authn/token"
	"github.com/sallyport-authz/sallyport/authz/store/sqlite"
	"github.com/sallyport-authz/sallyport/authz/tokenform"
	"github.com/sallyport-authz/sallyport/authz/verifier"
)

// secrets are a store with authenticators before it, and what an attacker shows them.
type secrets struct {
	store *sqlite.Store
	// quick has few rounds, so that a hash does not drown what is looked for; full is
	// as it is made without settings.
	quick, full *verifier.Verifier
	passwords   [2]*basic.Authenticator // by quick and by full
	tokens      [2]*token.Authenticator
	// near are secrets of tokens whose digest in the store shares so many leading bytes
	// with that of the secret.
	near map[int][]authz.Secret
	// lookups are digests that tokens are found by.
	lookups []string
}

const (
	knownNames, tokensEach = 100, 50
	quickRounds            = 1000
	// machineName has as many letters for everybody.
	machineName = "machine%04d"
)

// sharing are how many leading bytes nearly right digests have in common with the
// stored one.
func sharing() []int { return []int{0, 8, 16, 31} }

// endless is a limit that nobody meets: what is measured is behind it.
type endless struct{}

// Allow implements verifier.Limiter.
func (endless) Allow(string) bool { return true }

func newSecrets(ctx context.Context, path string, draw *rand.Rand) (s *secrets, err error) {
	s = &secrets{near: map[int][]authz.Secret{}}
	if s.store, err = sqlite.Open(ctx, sqlite.Settings{Path: path, Now: time.Now}); err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.store.Close())
		}
	}()
	key, err := verifier.NewKey("k1", strings.Repeat("0123456789abcdef", 4))
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	for i, rounds := range []int{quickRounds, 0} {
		v, err := verifier.New(verifier.Settings{Keys: []verifier.Key{key}, ByAddress: endless{}, ByAccount: endless{}, Rounds: rounds}, time.Now)
		if err != nil {
			return nil, fmt.Errorf("make the verifier: %w", err)
		}
		*[]**verifier.Verifier{&s.quick, &s.full}[i] = v
		s.passwords[i], err = basic.New(basic.Settings{Kinds: []authz.PrincipalKind{authz.Administrator, authz.Machine}, Store: s.store, Verifier: v})
		if err != nil {
			return nil, fmt.Errorf("make the authenticator: %w", err)
		}
		s.tokens[i], err = token.New(token.Settings{Forms: []token.Form{{Prefix: "pfy_", Parse: tokenform.Parse}}, Store: s.store, Verifier: v, Now: time.Now})
		if err != nil {
			return nil, fmt.Errorf("make the authenticator: %w", err)
		}
	}
	return s, errors.Join(s.fillNames(ctx, draw), s.fillTokens(ctx, draw))
}

func (s *secrets) apply(ctx context.Context, change authz.Mutation) error {
	_, err := s.store.Apply(ctx, authz.Act{Actor: "torture", Origin: "cli"}, change)
	return err
}

// fillNames makes the known names. The first has all rounds, the second is disabled.
func (s *secrets) fillNames(ctx context.Context, draw *rand.Rand) error {
	for i := range knownNames {
		rounds := quickRounds
		if i < 2 {
			rounds = verifier.DefaultRounds
		}
		text, err := pbkdf2Text("right", rounds, draw)
		if err != nil {
			return err
		}
		p := authz.Principal{Kind: authz.Machine, Name: fmt.Sprintf(machineName, i), Login: authz.LoginPassword, Verifier: text, Grant: deedGrant(), Disabled: i == 1}
		if err := s.apply(ctx, authz.PutPrincipal{Principal: p}); err != nil {
			return fmt.Errorf("put: %w", err)
		}
	}
	return nil
}

// fillTokens makes tokens whose stored digest is nearly that of a secret, and others
// that are found by a digest.
func (s *secrets) fillTokens(ctx context.Context, draw *rand.Rand) error {
	for range tokensEach {
		for _, shared := range sharing() {
			secret, ref, err := tokenform.Mint("pfy_")
			if err != nil {
				return fmt.Errorf("make a token: %w", err)
			}
			digest := sha256.Sum256([]byte(secret.Reveal()))
			digest[shared] ^= 1
			s.near[shared] = append(s.near[shared], secret)
			if err := s.apply(ctx, authz.MintToken{Token: authz.Token{Ref: ref, Verifier: "$sha256$" + hex.EncodeToString(digest[:]), Grant: deedGrant()}}); err != nil {
				return fmt.Errorf("mint: %w", err)
			}
		}
		lookup := nearly(strings.Repeat("0", hex.EncodedLen(sha256.Size)), 0, draw)
		s.lookups = append(s.lookups, lookup)
		if err := s.apply(ctx, authz.MintToken{Token: authz.Token{Ref: authz.TokenRef{Lookup: lookup}, Verifier: "$sha256$" + lookup, Grant: deedGrant()}}); err != nil {
			return fmt.Errorf("mint: %w", err)
		}
	}
	return nil
}

// nearly is a digest in hex that shares so many leading bytes with another one.
func nearly(digest string, shared int, draw *rand.Rand) string {
	text := []byte(digest)
	for i := 2 * shared; i < len(text); i++ {
		text[i] = "0123456789abcdef"[draw.IntN(16)]
	}
	if shared*2 < len(text) && text[2*shared] == digest[2*shared] {
		text[2*shared] ^= 1 // "0" and "1", "a" and "`": the next one differs for certain
	}
	return string(text)
}

func (s *secrets) close() error { return s.store.Close() }
