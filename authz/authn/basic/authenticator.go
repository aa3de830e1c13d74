package basic

import (
	"context"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
)

// scheme is that of the header authorization.
const scheme = "basic"

// Authenticator knows callers by the passwords of a store's principals. It is
// immutable.
type Authenticator struct {
	settings Settings
	carrier  authz.Carrier
}

var _ authz.Authenticator = (*Authenticator)(nil)

// New makes an Authenticator, or says what is wrong with the settings.
func New(settings Settings) (*Authenticator, error) {
	s, err := settings.settled()
	if err != nil {
		return nil, err
	}
	return &Authenticator{settings: s, carrier: authz.InHeader("authorization")}, nil
}

// Traits are what the settings fix. The challenge is that of RFC 7617 section 2.1.
func (a *Authenticator) Traits() authz.Traits {
	return authz.Traits{
		Carriers:  []authz.Carrier{a.carrier},
		Claims:    []authz.Claim{{Scheme: scheme, Shape: authz.ShapeOpaque}},
		Reads:     authz.Reads{a.carrier.Field()},
		Reuse:     authz.ReuseAllowed,
		Challenge: fmt.Sprintf(`Basic realm="%s", charset="UTF-8"`, a.settings.Realm),
	}
}

// Extract implements authz.Authenticator.
func (a *Authenticator) Extract(attributes *authz.Attributes) (authz.Credential, error) {
	text, err := attributes.Carried(a.carrier, scheme)
	if err != nil {
		return authz.Credential{}, err
	}
	name, password, err := parse(text, a.settings.FormEncoded)
	if err != nil {
		return authz.Credential{}, fmt.Errorf("%w: %w", authz.ErrMalformed, err)
	}
	return authz.Credential{Name: name, Value: authz.NewSecret(password)}, nil
}

// Authenticate implements authz.Authenticator. Whoever it refuses has cost one
// lookup of each kind and one hash.
func (a *Authenticator) Authenticate(ctx context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error) {
	found, err := a.find(ctx, credential.Name)
	if err != nil {
		return authz.Caller{}, authz.Basis{}, err
	}
	cause := found.cause() // made before it is needed, so that making it takes no time that shows
	proof, err := a.settings.Verifier.Verify(ctx, authz.Attempt{
		Verifier: found.verifier(), Secret: credential.Value,
		Holder: found.holder(), Account: string(found.Kind) + " " + credential.Name, Address: credential.Address, Begun: credential.Begun,
	})
	switch {
	case err != nil:
		return authz.Caller{}, authz.Basis{}, fmt.Errorf("verify a password: %w", err)
	case found.refusal != "" || !proof.OK:
		return authz.Caller{}, authz.Basis{}, fmt.Errorf("%w: %s", authz.ErrRejected, cause)
	default:
		return caller(found.Principal), found.basis(), nil
	}
}

// caller is who calls. A principal without a subject is called by the id: names are
// unique within one kind only.
func caller(p authz.Principal) authz.Caller {
	c := p.Caller()
	if c.Subject == "" {
		c.Subject = p.ID
	}
	return c
}
