package token

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// Authenticator knows callers by the tokens of a store. It is immutable.
type Authenticator struct {
	settings Settings
	carrier  authz.Carrier
	scheme   string
}

var _ authz.Authenticator = (*Authenticator)(nil)

// New makes an Authenticator, or says what is wrong with the settings.
func New(settings Settings) (*Authenticator, error) {
	s, err := settings.settled()
	if err != nil {
		return nil, err
	}
	a := &Authenticator{settings: s, carrier: authz.InHeader(s.Header)}
	if s.Header == authorization {
		a.scheme = bearer
	}
	return a, nil
}

// Traits are what the settings fix.
func (a *Authenticator) Traits() authz.Traits {
	traits := authz.Traits{
		Carriers:  []authz.Carrier{a.carrier},
		Reads:     authz.Reads{a.carrier.Field()},
		Reuse:     authz.ReuseAllowed,
		Challenge: "ApiKey",
	}
	if a.scheme == bearer {
		traits.Challenge = "Bearer"
	}
	for _, form := range a.settings.Forms {
		claim := authz.Claim{Scheme: a.scheme, Shape: authz.ShapePrefix, Prefix: form.Prefix}
		if form.Prefix == "" {
			claim.Shape = authz.ShapeOpaque
		}
		traits.Claims = append(traits.Claims, claim)
	}
	return traits
}

// Extract implements authz.Authenticator. It looks at the form alone; a value of
// another scheme or prefix is somebody else's: absent.
func (a *Authenticator) Extract(attributes *authz.Attributes) (authz.Credential, error) {
	value, err := attributes.Carried(a.carrier, a.scheme)
	if err != nil {
		return authz.Credential{}, err
	}
	if _, err := a.parse(value); err != nil {
		return authz.Credential{}, err
	}
	return authz.Credential{Value: authz.NewSecret(value)}, nil
}

// parse reads a text by the form of its prefix.
func (a *Authenticator) parse(text string) (authz.TokenRef, error) {
	switch {
	case len(text) > longest:
		return authz.TokenRef{}, fmt.Errorf("%w: longer than %d bytes", authz.ErrMalformed, longest)
	case text == "" || !visible(text):
		return authz.TokenRef{}, fmt.Errorf("%w: not a token of visible ASCII characters", authz.ErrMalformed)
	}
	for _, form := range a.settings.Forms {
		if strings.HasPrefix(text, form.Prefix) {
			return form.read(text)
		}
	}
	return authz.TokenRef{}, fmt.Errorf("%w: another prefix", authz.ErrAbsent)
}

// read keeps a text from being looked up under another prefix than its own.
func (f Form) read(text string) (authz.TokenRef, error) {
	ref, err := f.Parse(text)
	switch {
	case errors.Is(err, authz.ErrMalformed):
		return authz.TokenRef{}, err
	case err != nil:
		return authz.TokenRef{}, fmt.Errorf("%w: %w", authz.ErrMalformed, err)
	case ref.Prefix != f.Prefix || ref.Lookup == "":
		return authz.TokenRef{}, fmt.Errorf("%w: another prefix than its own, or nothing to look up", authz.ErrMalformed)
	default:
		return ref, nil
	}
}

// Authenticate implements authz.Authenticator.
func (a *Authenticator) Authenticate(ctx context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error) {
	ref, err := a.parse(credential.Value.Reveal())
	if err != nil {
		return authz.Caller{}, authz.Basis{}, fmt.Errorf("%w: no token", authz.ErrRejected)
	}
	found, basis, err := a.find(ctx, ref)
	if err != nil {
		return authz.Caller{}, basis, err
	}
	proof, err := a.settings.Verifier.Verify(ctx, authz.Attempt{
		Verifier: found.Verifier, Secret: credential.Value,
		Holder: authz.Holder{Token: found.ID}, Account: "token " + found.ID, Address: credential.Address,
	})
	switch {
	case err != nil:
		return authz.Caller{}, authz.Basis{}, fmt.Errorf("verify token %q: %w", found.ID, err)
	case !proof.OK:
		return authz.Caller{}, authz.Basis{}, fmt.Errorf("%w: not the secret of token %q", authz.ErrRejected, found.ID)
	default:
		return caller(found), basis, nil
	}
}

// find gives the token that is referred to, if it may be used, and what the
// finding rests on.
func (a *Authenticator) find(ctx context.Context, ref authz.TokenRef) (authz.Token, authz.Basis, error) {
	found, err := a.settings.Store.Token(ctx, ref)
	switch {
	case errors.Is(err, authz.ErrNotFound):
		unknown := authz.Basis{Lasting: true, Stripes: []authz.Stripe{stripeOf(ref)}}
		return authz.Token{}, unknown, fmt.Errorf("%w: unknown token", authz.ErrRejected)
	case err != nil:
		return authz.Token{}, authz.Basis{}, fmt.Errorf("look up a token: %w", err)
	case found.Ref != ref || found.ID == "" || found.Verifier == "":
		return authz.Token{}, authz.Basis{}, errors.New("the store gave another token than was asked for, or half a one")
	}
	basis := basisOf(found)
	if ending := a.ending(found); ending != "" {
		basis.Until = time.Time{} // no time makes it good again
		return authz.Token{}, basis, fmt.Errorf("%w: token %q is %s", authz.ErrRejected, found.ID, ending)
	}
	return found, basis, nil
}

// ending says for the operator why a token may not be used; "" is that it may.
func (a *Authenticator) ending(t authz.Token) string {
	now := a.settings.Now()
	switch {
	case t.Active(now):
		return ""
	case !t.Revoked.IsZero():
		return "revoked"
	case t.Disabled:
		return "of an owner who is disabled or gone"
	case !t.Expires.IsZero() && !now.Before(t.Expires):
		return "expired"
	default:
		return "not active"
	}
}

// basisOf is what a token rests on: nothing else can turn what it says.
func basisOf(t authz.Token) authz.Basis {
	basis := authz.Basis{Lasting: true, Until: t.Expires, Stripes: []authz.Stripe{
		stripeOf(t.Ref), authz.StripeOf(authz.TopicToken, t.ID),
	}}
	if t.Owner != "" {
		basis.Stripes = append(basis.Stripes, authz.StripeOf(authz.TopicOwner, t.Owner))
	}
	if t.Tenant != "" {
		basis.Stripes = append(basis.Stripes, authz.StripeOf(authz.TopicOrganization, t.Tenant))
	}
	return basis
}

func stripeOf(ref authz.TokenRef) authz.Stripe {
	return authz.StripeOf(authz.TopicTokenRef, ref.Prefix, ref.Lookup)
}

// caller is who calls with the token. One that stands for itself is its own
// subject: an empty one would be nobody's, as an anonymous caller's is.
func caller(t authz.Token) authz.Caller {
	c := t.Caller()
	c.TokenID, c.Expires, c.OwnerNetworks = t.ID, t.Expires, t.OwnerNetworks
	if c.Subject == "" {
		c.Subject = t.ID
	}
	return c
}
