package sharedsecret

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/keylist"
)

// Settings are one shared secret, or several while one follows another.
type Settings struct {
	// Header is the name of the header in any case. There is no default.
	Header string
	// Secrets are the secrets themselves. They are not kept.
	Secrets []string
	// Caller is whom they stand for. Its Subject is needed. Its Tenant is empty where
	// Query is set.
	Caller authz.Caller
	// Query, unless "", is the parameter that names the tenant.
	Query string
	// Tenants are those that it may name; where there is Query, at least one.
	Tenants []string
}

func (s Settings) check() error {
	switch {
	case !authz.MayCarry(strings.ToLower(s.Header)):
		return fmt.Errorf("header %q cannot carry a secret", s.Header)
	case strings.EqualFold(s.Header, "authorization"):
		return errors.New("header authorization: a bare secret has no scheme")
	case len(s.Secrets) == 0:
		return errors.New("no secret")
	case s.Caller.Subject == "":
		return errors.New("no subject: a caller without one is anonymous")
	case s.Query != "" && s.Caller.Tenant != "":
		return errors.New("a tenant beside the parameter that names one")
	case s.Query == "" && len(s.Tenants) > 0:
		return errors.New("tenants, and no parameter that names one")
	case s.Query != "" && len(s.Tenants) == 0:
		return errors.New("no tenants: any could be named")
	case authz.SecretParameter(s.Query):
		return fmt.Errorf("parameter %q cannot name a tenant", s.Query)
	case slices.Contains(s.Tenants, ""):
		return errors.New("an empty tenant")
	}
	for i, secret := range s.Secrets {
		if err := keylist.Check(secret); err != nil {
			return fmt.Errorf("secret %d is empty, longer than %d bytes, or holds what no header can carry", i+1, keylist.Longest)
		}
	}
	return nil
}
