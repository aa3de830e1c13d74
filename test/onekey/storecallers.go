package onekey

import (
	"context"
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/basic"
	"github.com/sallyport-authz/sallyport/authz/authn/host"
	"github.com/sallyport-authz/sallyport/authz/authn/token"
	"github.com/sallyport-authz/sallyport/authz/tenant"
	"github.com/sallyport-authz/sallyport/authz/tokenform"
)

// callers are those whom the store knows: by keys of any form on one header, by our own
// tokens or a password on another, and by host.
func (s *Stored) callers() (callers, error) {
	own := token.Form{Prefix: "pfy_", Parse: tokenform.Parse}
	whole := token.Form{Parse: func(text string) (authz.TokenRef, error) { return tokenform.Whole("", authz.NewSecret(text)), nil }}
	key, err := token.New(token.Settings{Header: "x-api-key", Forms: []token.Form{own, whole}, Store: s.engine, Verifier: plain{}, Now: time.Now})
	if err != nil {
		return callers{}, fmt.Errorf("make key: %w", err)
	}
	bearer, err := token.New(token.Settings{Forms: []token.Form{own}, Store: s.engine, Verifier: plain{}, Now: time.Now})
	if err != nil {
		return callers{}, fmt.Errorf("make bearer: %w", err)
	}
	shop, err := host.New(host.Settings{Scopes: []string{"read"}, Domains: s.engine})
	if err != nil {
		return callers{}, fmt.Errorf("make shop: %w", err)
	}
	people, err := basic.New(basic.Settings{Kinds: []authz.PrincipalKind{authz.Administrator, authz.User}, Store: s.engine, Verifier: plain{}})
	if err != nil {
		return callers{}, fmt.Errorf("make people: %w", err)
	}
	return callers{
		people: &authz.Configured{Name: "people", Kind: "basic", Word: "people", Traits: people.Traits(), Authenticator: people},
		key:    &authz.Configured{Name: "key", Kind: "token", Word: "key", Traits: key.Traits(), Authenticator: key},
		bearer: &authz.Configured{Name: "bearer", Kind: "token", Word: "bearer", Traits: bearer.Traits(), Authenticator: bearer},
		shop:   &authz.Configured{Name: "shop", Kind: "host", Word: "shop", Traits: shop.Traits(), Authenticator: shop},
	}, nil
}

func (s *Stored) members() authz.Belonging {
	return tenant.NewMembers(tenant.MemberSettings{Store: s.engine})
}

// plain proves a secret by the secret itself.
type plain struct{}

// Verify implements token.Verifier and basic.Verifier.
func (plain) Verify(_ context.Context, attempt authz.Attempt) (authz.Proof, error) {
	return authz.Proof{OK: attempt.Verifier == attempt.Secret.Reveal()}, nil
}
