package agentjwt

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/jose"
)

const (
	authorization = "authorization"
	bearer        = "bearer"
	// tokenType is the typ of a token; no other is one of ours.
	tokenType = "agent+jwt"
)

// Authenticator knows agents. It is immutable but for its Memory.
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
	s.Memory.begin(s.Now())
	claim := authz.Claim{Shape: authz.ShapeJWT, Type: tokenType}
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
		Reuse:     authz.ReuseNever,
		Challenge: "Bearer",
	}
}

// Extract implements authz.Authenticator. It looks at the form alone.
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

// Authenticate implements authz.Authenticator. What the agent may do is looked at once
// it has shown who it is, and the token is used up last, by a request that passes. The
// Basis is always the zero one: nothing of this is remembered.
func (a *Authenticator) Authenticate(ctx context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error) {
	token, c, err := a.parse(credential.Value.Reveal())
	if err != nil {
		return authz.Caller{}, authz.Basis{}, reject(err)
	}
	record, err := a.signer(ctx, token, c)
	if err != nil {
		return authz.Caller{}, authz.Basis{}, err
	}
	caller, err := a.caller(ctx, record, c)
	if err != nil {
		return authz.Caller{}, authz.Basis{}, err
	}
	if err := a.use(ctx, c); err != nil {
		return authz.Caller{}, authz.Basis{}, err
	}
	return caller, authz.Basis{}, nil
}

func reject(err error) error { return fmt.Errorf("%w: %w", authz.ErrRejected, err) }

// parse takes a token apart and holds it to what it says of itself.
func (a *Authenticator) parse(text string) (jose.Token, claims, error) {
	token, err := jose.Parse(text, a.settings.MaxBytes)
	switch {
	case err != nil:
		return jose.Token{}, claims{}, err //nolint:wrapcheck // it says what is no token
	case token.Header.Algorithm != jose.EdDSA:
		return jose.Token{}, claims{}, errors.New("alg is not EdDSA")
	case token.Header.Type != tokenType:
		return jose.Token{}, claims{}, errors.New("typ is not agent+jwt")
	}
	c, err := a.read(token.Payload)
	return token, c, err
}

// signer gives the record of the agent that signed.
func (a *Authenticator) signer(ctx context.Context, token jose.Token, c claims) (Record, error) {
	record, _, err := a.settings.Agents.Agent(ctx, c.agent)
	switch {
	case errors.Is(err, authz.ErrNotFound):
		return Record{}, reject(errors.New("no such agent"))
	case err != nil:
		return Record{}, fmt.Errorf("look up the agent: %w", err)
	case record.ID != c.agent:
		return Record{}, errors.New("look up the agent: the record is another one's")
	}
	key, err := record.key()
	switch {
	case record.Status == revoked && len(record.Key) == 0:
		return Record{}, bar(agentRevoked)
	case err != nil:
		return Record{}, reject(fmt.Errorf("the registered key: %w", err))
	case !ed25519.Verify(key, []byte(token.Signed), token.Signature):
		return Record{}, reject(errors.New("the signature is not the agent's"))
	case c.issuer != "" && c.issuer != record.HostID && c.issuer != record.HostThumbprint:
		return Record{}, reject(errors.New("iss is another host"))
	default:
		return record, nil
	}
}

// key is the one of Ed25519 that is registered.
func (r Record) key() (ed25519.PublicKey, error) {
	k, err := jose.ReadJWK(r.Key)
	if err != nil {
		return nil, err //nolint:wrapcheck // signer says whose
	}
	if err := k.ForVerifying(); err != nil {
		return nil, err //nolint:wrapcheck // as above
	}
	return k.Ed25519() //nolint:wrapcheck // as above
}

// use uses the token up, unless the request is over: it would not be answered.
func (a *Authenticator) use(ctx context.Context, c claims) error {
	if err := authz.Ended(ctx); err != nil {
		return fmt.Errorf("use the token: %w", err)
	}
	err := a.settings.Memory.use(c.agent, c.id, c.issued, a.settings.Now())
	if errors.Is(err, errReplay) {
		return authz.Detailed(reject(err), "jti_replay")
	}
	return err
}
