package claimset

import (
	"slices"

	"github.com/sallyport-authz/sallyport/authz"
)

// Names say which claim is which part of a caller. A dot goes into an object.
type Names struct {
	// Subject is "sub" and Scopes "scope" and TokenID "jti" where they are "".
	Subject, Scopes, TokenID string
	// Tenant, Role and User come from no claim where they are "".
	Tenant, Role, User string
	// Pass are the claims that policies and upstreams see.
	Pass []string
}

// Settled gives the names with their defaults.
func (n Names) Settled() Names {
	for into, fallback := range map[*string]string{&n.Subject: "sub", &n.Scopes: "scope", &n.TokenID: "jti"} {
		if *into == "" {
			*into = fallback
		}
	}
	return n
}

// Nameless reports a claim that is passed and has no name.
func (n Names) Nameless() bool { return slices.Contains(n.Pass, "") }

// Caller is whom the claims speak of, who may have no subject. What could not be told to
// an upstream in a header is an error here, where it is the issuer's fault, and not
// later, where it is ours.
func (s Set) Caller(names Names) (authz.Caller, error) {
	c := authz.Caller{}
	for _, part := range []struct {
		into *string
		name string
	}{
		{&c.Subject, names.Subject},
		{&c.Tenant, names.Tenant},
		{&c.Role, names.Role},
		{&c.User, names.User},
		{&c.TokenID, names.TokenID},
	} {
		text, err := s.Text(part.name)
		if err != nil {
			return authz.Caller{}, err
		}
		*part.into = text
	}
	scopes, err := s.Scopes(names.Scopes)
	if err != nil {
		return authz.Caller{}, err
	}
	c.Scopes, c.Claims = scopes, s.Only(names.Pass)
	return c, nil
}
