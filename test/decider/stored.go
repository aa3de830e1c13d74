package decider

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/store/sqlite"
	"github.com/sallyport-authz/sallyport/authz/tokenform"
	"github.com/sallyport-authz/sallyport/authz/verifier"
)

const (
	tokenPrefix = "pfy_"
	// serverKey is the text of the file of a server key.
	serverKey  = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	longestKey = 1024
	// lost stands in a row whose verifier cannot be read: nobody can tell of it.
	lost = "$lost$"
	// password is what cheapHash was made of: argon2id at a low cost, so that cases
	// cost no slow hash of the full rounds.
	password  = "password"
	cheapHash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	// accounts are how many principals share a state, so that none of them meets the
	// limit on attempts.
	accounts = 64
)

// stored are credentials of which the store knows: tokens, keys, principals.
type stored struct {
	store  *sqlite.Store
	prover *verifier.Verifier
	// disabled makes one account of those that were revoked a disabled one, of which
	// each use costs a hash of the full rounds.
	disabled bool
}

// yesterday is when everything was minted, so that some of it is over: a store mints
// nothing that is.
func yesterday() time.Time { return time.Now().Add(-24 * time.Hour) }

// unlimited lets the harness's own verifier, which only makes texts, try as it likes.
type unlimited struct{}

// Allow implements verifier.Limiter.
func (unlimited) Allow(string) bool { return true }

// openStored opens the store of a program that does not run yet.
func openStored(ctx context.Context, dir string) (*stored, error) {
	key, err := verifier.NewKey("k1", serverKey)
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	prover, err := verifier.New(verifier.Settings{Keys: []verifier.Key{key}, ByAddress: unlimited{}, ByAccount: unlimited{}}, time.Now)
	if err != nil {
		return nil, fmt.Errorf("make the verifier: %w", err)
	}
	store, err := sqlite.Open(ctx, sqlite.Settings{Path: filepath.Join(dir, "data", "sallyport.db"), Now: yesterday})
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	return &stored{store: store, prover: prover}, nil
}

func (s *stored) close() error { return s.store.Close() } //nolint:wrapcheck // it says which store

func (s *stored) apply(ctx context.Context, change authz.Mutation) (authz.Applied, error) {
	applied, err := s.store.Apply(ctx, authz.Act{Actor: "decider", Origin: "offline"}, change)
	if err != nil {
		return applied, fmt.Errorf("prepare the store: %w", err)
	}
	return applied, nil
}

// token mints one in a state.
func (s *stored) token(ctx context.Context, state State, secret authz.Secret, token authz.Token) error {
	token.Verifier = s.prover.Seal(secret)
	if state == Unavailable {
		token.Verifier = lost
	}
	if state == Expired {
		token.Expires = yesterday().Add(time.Hour)
	}
	applied, err := s.apply(ctx, authz.MintToken{Token: token})
	if err == nil && state == Revoked {
		_, err = s.apply(ctx, authz.RevokeToken{ID: applied.Token.ID, Reason: "a case"})
	}
	return err
}

// texts are credentials that were made ahead, by state.
type texts struct {
	name, settings string
	made           map[State][]subjectText
	misshapen      func(text string) bool
}

// kind is what others see of them.
func (t texts) kind() Kind {
	return Kind{
		Settings:  func(a *Authenticator) string { return strings.ReplaceAll(t.settings, "HEADER", a.Carrier.Name) },
		Make:      t.make,
		Misshapen: t.misshapen,
	}
}

// alphanumeric are the characters that every form has.
const alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

func (t texts) make(state State, r *rand.Rand) (text string, of Credential, err error) {
	if len(t.made[state]) == 0 {
		return "", Credential{}, errState(t.name, state)
	}
	c := one(r, t.made[state])
	return c.text, Credential{State: state, Subject: c.subject}, nil
}

// storable are the states of which a store's row can tell.
func storable() []State { return []State{Valid, Expired, Revoked, Unavailable} }

// tokens mints tokens of the store's own form. A copy that was cut short is malformed.
func (s *stored) tokens(ctx context.Context) (made texts, err error) {
	t := texts{KindToken, "token: {prefixes: [" + tokenPrefix + "], header: HEADER}", map[State][]subjectText{}, func(string) bool { return true }} // the checksum tells
	for _, state := range storable() {
		for _, subject := range []string{"token-ann", "token-bob"} {
			secret, ref, err := tokenform.Mint(tokenPrefix)
			if err != nil {
				return texts{}, fmt.Errorf("make a token: %w", err)
			}
			if err := s.token(ctx, state, secret, authz.Token{Ref: ref, Grant: authz.Grant{Subject: subject}}); err != nil {
				return texts{}, err
			}
			t.made[state] = append(t.made[state], subjectText{secret.Reveal(), subject})
		}
	}
	cut := t.made[Valid][0].text
	t.made[Malformed] = []subjectText{{cut[:len(cut)-3], ""}, {tokenPrefix, ""}, {tokenPrefix + "no-token", ""}}
	return t, nil
}

// keys are of any form, and looked up whole. What is too long to be one is malformed.
func (s *stored) keys(ctx context.Context) (made texts, err error) {
	t := texts{KindKey, "apikey: {store: true, header: HEADER}", map[State][]subjectText{}, func(text string) bool { return len(text) > longestKey }}
	for _, state := range storable() {
		for _, subject := range []string{"key-ann", "key-bob"} {
			secret := authz.NewSecret(fmt.Sprintf("key-%d-%s-0123456789abcdef", state, subject))
			if err := s.token(ctx, state, secret, authz.Token{Ref: tokenform.Whole("", secret), Grant: authz.Grant{Subject: subject}}); err != nil {
				return texts{}, err
			}
			t.made[state] = append(t.made[state], subjectText{secret.Reveal(), subject})
		}
	}
	t.made[Malformed] = []subjectText{{strings.Repeat("k", longestKey+1), ""}}
	return t, nil
}

// people are machines with passwords. Expired and revoked are passwords that were
// changed.
func (s *stored) people(ctx context.Context) (made texts, err error) {
	t := texts{KindBasic, "basic: {principals: [machine]}", map[State][]subjectText{}, func(string) bool { return true }} // nothing else is drawn
	for _, state := range storable() {
		for i := range accounts {
			name := "basic-" + strconv.Itoa(int(state)) + "-" + strconv.Itoa(i)
			p := authz.Principal{Kind: authz.Machine, Name: name, Login: authz.LoginPassword, Verifier: cheapHash, Grant: authz.Grant{Subject: name}}
			shows := password
			switch {
			case state == Unavailable:
				p.Verifier = lost
			case state == Revoked && i == 0 && s.disabled:
				p.Disabled = true
			case state == Expired, state == Revoked:
				shows = "of-" + state.String()
			}
			if _, err := s.apply(ctx, authz.PutPrincipal{Principal: p}); err != nil {
				return texts{}, err
			}
			t.made[state] = append(t.made[state], subjectText{base64.StdEncoding.EncodeToString([]byte(name + ":" + shows)), name})
		}
	}
	for _, text := range []string{"no colon", ":" + password, "basic-1-1:", "basic-1-1:\x01"} {
		t.made[Malformed] = append(t.made[Malformed], subjectText{base64.StdEncoding.EncodeToString([]byte(text)), ""})
	}
	t.made[Malformed] = append(t.made[Malformed], subjectText{"basic-1-1:" + password, ""})
	return t, nil
}

// kinds makes all of them.
func (s *stored) kinds(ctx context.Context) (map[string]Kind, error) {
	tokens, errTokens := s.tokens(ctx)
	keys, errKeys := s.keys(ctx)
	people, errPeople := s.people(ctx)
	return map[string]Kind{KindToken: tokens.kind(), KindKey: keys.kind(), KindBasic: people.kind()}, errors.Join(errTokens, errKeys, errPeople)
}
