package basic

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sallyport-authz/sallyport/authz"
)

// errStore is about a store that does not compare names byte by byte.
var errStore = errors.New("the store gave another principal than was asked for, or half a one")

// finding is what the store knows of a name.
type finding struct {
	authz.Principal
	// refusal says for the operator why no password can be right; "" is that one can.
	refusal string
	// looked are the names that were looked up to come to this one.
	looked []authz.Stripe
}

// find asks for all kinds, also behind the one that has the name: how long a lookup
// takes must not tell who there is.
func (a *Authenticator) find(ctx context.Context, name string) (finding, error) {
	found := finding{Principal: authz.Principal{Kind: a.settings.Kinds[0]}, refusal: "nobody has this name"}
	var looked []authz.Stripe
	for _, kind := range a.settings.Kinds {
		looked = append(looked, authz.StripeOf(authz.TopicPrincipal, string(kind), name))
		p, err := a.settings.Store.Principal(ctx, kind, name)
		switch {
		case errors.Is(err, authz.ErrNotFound):
			continue
		case err != nil:
			return finding{}, fmt.Errorf("look up a principal: %w", err)
		case p.Kind != kind || p.Name != name || p.ID == "":
			return finding{}, errStore
		case found.ID == "":
			found = finding{Principal: p, refusal: refusal(p), looked: slices.Clone(looked)}
		default:
			continue
		}
	}
	return found, nil
}

// refusal keeps to the one login of a principal.
func refusal(p authz.Principal) string {
	switch {
	case p.Disabled:
		return fmt.Sprintf("%s %q is disabled", p.Kind, p.ID)
	case p.Login != authz.LoginPassword:
		return fmt.Sprintf("%s %q has no password but a token", p.Kind, p.ID)
	case p.Verifier == "":
		return fmt.Sprintf("%s %q has no password yet", p.Kind, p.ID)
	default:
		return ""
	}
}

// cause is why a password is refused.
func (f finding) cause() string {
	if f.refusal != "" {
		return f.refusal
	}
	return fmt.Sprintf("not the password of %s %q", f.Kind, f.ID)
}

// verifier is what the password is held against: nobody's where none can be right.
func (f finding) verifier() string {
	if f.refusal != "" {
		return ""
	}
	return f.Verifier
}

// holder is whose verifier it is.
func (f finding) holder() authz.Holder {
	if f.refusal != "" {
		return authz.Holder{}
	}
	return authz.Holder{Kind: f.Kind, Name: f.Name}
}

// basis is what a good password rests on.
func (f finding) basis() authz.Basis {
	basis := authz.Basis{Lasting: true, Stripes: append(f.looked, authz.StripeOf(authz.TopicOwner, f.ID))}
	if f.Tenant != "" {
		basis.Stripes = append(basis.Stripes, authz.StripeOf(authz.TopicOrganization, f.Tenant))
	}
	return basis
}
