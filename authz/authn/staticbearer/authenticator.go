package staticbearer

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/keylist"
)

// MostTokens bounds a list, each of whose tokens is compared with what is shown.
const MostTokens = 64

const bearer = "bearer"

// Authenticator knows callers by their token. It is immutable.
type Authenticator struct {
	carrier authz.Carrier
	tokens  []keylist.Key
	now     func() time.Time
}

var _ authz.Authenticator = (*Authenticator)(nil)

// New makes an Authenticator of its tokens, or says what is wrong with them.
func New(tokens []keylist.Key, now func() time.Time) (*Authenticator, error) {
	if now == nil {
		return nil, errors.New("no clock")
	}
	if len(tokens) > MostTokens {
		return nil, fmt.Errorf("%d tokens, of which each is compared: at most %d", len(tokens), MostTokens)
	}
	settled, err := keylist.Settle(tokens)
	if err != nil {
		return nil, err
	}
	return &Authenticator{carrier: authz.InHeader("authorization"), tokens: settled, now: now}, nil
}

// Traits are the same for every list.
func (a *Authenticator) Traits() authz.Traits {
	return authz.Traits{
		Carriers:  []authz.Carrier{a.carrier},
		Claims:    []authz.Claim{{Scheme: bearer, Shape: authz.ShapeOpaque}},
		Reads:     authz.Reads{a.carrier.Field()},
		Reuse:     authz.ReuseAllowed,
		Challenge: "Bearer",
	}
}

// Extract implements authz.Authenticator.
func (a *Authenticator) Extract(attributes *authz.Attributes) (authz.Credential, error) {
	value, err := attributes.Carried(a.carrier, bearer)
	if err != nil {
		return authz.Credential{}, err
	}
	if err := keylist.Check(value); err != nil {
		return authz.Credential{}, err
	}
	return authz.Credential{Value: authz.NewSecret(value)}, nil
}

// Authenticate implements authz.Authenticator. Every token is compared, and which one is
// found is kept without a branch: the time tells nothing of any of them.
func (a *Authenticator) Authenticate(_ context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error) {
	shown, found := keylist.Digest(credential.Value.Reveal()), -1
	for i := range a.tokens {
		equal := subtle.ConstantTimeCompare(a.tokens[i].Digest[:], shown[:])
		found = subtle.ConstantTimeSelect(equal, i, found)
	}
	if found < 0 {
		return keylist.Unknown()
	}
	return a.tokens[found].Known(a.now())
}
