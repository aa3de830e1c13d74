package main

import (
	"errors"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/tokenform"
	"github.com/sallyport-authz/sallyport/authz/verifier"
)

// importer reads what other systems kept of secrets.
type importer struct{ forms func() *storedForms }

// Token implements admin.Importer.
func (i importer) Token(scheme string, ref authz.TokenRef, kept authz.Secret) (authz.TokenRef, string, error) {
	if err := i.forms().check(ref); err != nil {
		return authz.TokenRef{}, "", fmt.Errorf("%w: ref: %w", authz.ErrInvalid, err)
	}
	text, err := verifier.Import(verifier.Scheme(scheme), kept.Reveal())
	if err != nil {
		return authz.TokenRef{}, "", fmt.Errorf("%w: kept: %w", authz.ErrInvalid, err)
	}
	if ref, err = lookedUp(verifier.Scheme(scheme), ref, kept.Reveal()); err != nil {
		return authz.TokenRef{}, "", fmt.Errorf("%w: ref: %w", authz.ErrInvalid, err)
	}
	return ref, text, nil
}

// lookedUp is what the authenticators look a token up by: the id in it, or the SHA-256
// of all of it. What has another lookup would never be found.
func lookedUp(scheme verifier.Scheme, ref authz.TokenRef, kept string) (authz.TokenRef, error) {
	switch {
	case scheme == verifier.BetterAuth && ref.Lookup != "":
		return authz.TokenRef{}, errors.New("lookup: Better Auth's keys have none but what was kept")
	case ref.Lookup != "":
		return ref, tokenform.CheckID(ref.Prefix, ref.Lookup)
	case ref.Prefix == tokenform.Mobazha:
		return authz.TokenRef{}, errors.New("lookup: tokens of this prefix are looked up by the 8 hex digits in them")
	case ref.Prefix != "":
		if err := tokenform.CheckPrefix(ref.Prefix); err != nil {
			return authz.TokenRef{}, err //nolint:wrapcheck // it says what a prefix is
		}
	}
	switch scheme {
	case verifier.SHA256:
		return tokenform.FromSHA256(ref.Prefix, kept) //nolint:wrapcheck // it says what a digest is
	case verifier.BetterAuth:
		return tokenform.FromBetterAuth(ref.Prefix, kept) //nolint:wrapcheck // as above
	default:
		return authz.TokenRef{}, errors.New("lookup: it is needed, since it cannot be made of what was kept")
	}
}

// Password implements admin.Importer.
func (importer) Password(kept authz.Secret) (string, error) {
	text, err := verifier.ImportPassword(kept.Reveal())
	if err != nil {
		return "", fmt.Errorf("%w: password_hash: %w", authz.ErrInvalid, err)
	}
	return text, nil
}
