package jwt

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/jose"
)

const (
	authorization = "authorization"
	bearer        = "bearer"
)

// Source has an issuer's keys. It is safe for parallel use.
type Source interface {
	// Keys gives the keys in which one of this id and algorithm is looked for, and
	// what it rests on that they have it, or have not. Where they have not, newer
	// ones may be fetched first: it ends with the context at the latest. An error
	// means that nobody can tell.
	Keys(ctx context.Context, id, algorithm string) (*Set, authz.Basis, error)
}

// Authenticator knows callers by a token of one issuer. It is immutable but for
// its Source.
type Authenticator struct {
	settings Settings
	carrier  authz.Carrier
	claim    authz.Claim
}

var _ authz.Authenticator = (*Authenticator)(nil)

// New makes an Authenticator, or says what is wrong with the settings.
func New(settings Settings) (*Authenticator, error) {
	s, err := settings.settled()
	if err != nil {
		return nil, err
	}
	claim := authz.Claim{Shape: authz.ShapeJWT}
	if s.Header == authorization {
		claim.Scheme = bearer
	}
	return &Authenticator{settings: s, carrier: authz.InHeader(s.Header), claim: claim}, nil
}

// Traits are what the settings fix.
func (a *Authenticator) Traits() authz.Traits {
	return authz.Traits{
		Carriers:  []authz.Carrier{a.carrier},
		Claims:    []authz.Claim{a.claim},
		Reads:     authz.Reads{a.carrier.Field()},
		Reuse:     authz.ReuseAllowed,
		Challenge: "Bearer",
	}
}

// Extract implements authz.Authenticator. It looks at the form alone: which
// characters there are, and how many.
func (a *Authenticator) Extract(attributes *authz.Attributes) (authz.Credential, error) {
	value, err := attributes.Carried(a.carrier, a.claim.Scheme)
	if err != nil {
		return authz.Credential{}, err
	}
	if err := jose.Form(value, a.settings.MaxBytes); err != nil {
		return authz.Credential{}, fmt.Errorf("%w: %w", authz.ErrMalformed, err)
	}
	return authz.Credential{Value: authz.NewSecret(value)}, nil
}

// Authenticate implements authz.Authenticator. What is wrong with a token is
// looked for in the order of cost; only who holds the keys may say whose it is.
func (a *Authenticator) Authenticate(ctx context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error) {
	token, err := jose.Parse(credential.Value.Reveal(), a.settings.MaxBytes)
	if err != nil {
		return authz.Caller{}, authz.Lasting(), reject(err)
	}
	if err := a.admissible(token.Header); err != nil {
		return authz.Caller{}, authz.Lasting(), reject(err)
	}
	keys, basis, err := a.settings.Keys.Keys(ctx, token.Header.KeyID, token.Header.Algorithm)
	if err != nil {
		return authz.Caller{}, basis, fmt.Errorf("keys of %q: %w", a.settings.Issuer, err)
	}
	k, found := keys.find(token.Header.KeyID, token.Header.Algorithm)
	if !found {
		return authz.Caller{}, basis, reject(errors.New("no key of the issuer has this kid and alg"))
	}
	if !k.algorithm.verify(k.material, token.Signed, token.Signature) {
		return authz.Caller{}, basis, reject(errors.New("the signature is not the key's"))
	}
	c, err := a.claims(token.Payload)
	basis.Until = earlier(basis.Until, c.until)
	if err != nil {
		return authz.Caller{}, basis, reject(err)
	}
	return c.caller, basis, nil
}

func reject(err error) error { return fmt.Errorf("%w: %w", authz.ErrRejected, err) }

// earlier gives the earlier of two times, of which the zero one is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// admissible holds a header to what the settings accept.
func (a *Authenticator) admissible(h jose.Header) error {
	if !slices.Contains(a.settings.Algorithms, h.Algorithm) {
		return errors.New("alg is not accepted")
	}
	kind := h.Type
	if kind == "" {
		kind = None
	}
	if h.Type == None || !slices.Contains(a.settings.Types, kind) {
		return errors.New("typ is not accepted")
	}
	return nil
}

// stripe stands for a key by its id, found or not; "" for whatever a token
// without kid finds, which every change of the set may turn.
func stripe(source, keyID string) authz.Stripe {
	return authz.StripeOf(authz.TopicIssuerKey, source, keyID)
}
