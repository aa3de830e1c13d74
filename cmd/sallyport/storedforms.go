package main

import (
	"errors"
	"slices"

	"github.com/sallyport-authz/sallyport/authz"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// storedForms are prefixes by how the authenticators of a configuration look up what
// is in the store: own by the id in it, whole by the SHA-256 of all of it.
type storedForms struct{ own, whole []string }

// formsOf reads them of a configuration, a broken one too.
func formsOf(all []*configv1.Authenticator) (forms storedForms) {
	for _, one := range all {
		forms.own = append(forms.own, one.GetToken().GetPrefixes()...)
		key := one.GetApikey()
		switch {
		case !key.GetStore():
		case len(key.GetPrefixes()) > 0:
			forms.own = append(forms.own, key.GetPrefixes()...)
		default:
			forms.whole = append(forms.whole, key.GetPrefix())
		}
	}
	return forms
}

// check refuses a reference that is looked up otherwise, and so never. Of a prefix
// that no authenticator has, nobody can tell yet.
func (f *storedForms) check(ref authz.TokenRef) error {
	own, whole := slices.Contains(f.own, ref.Prefix), slices.Contains(f.whole, ref.Prefix)
	switch {
	case own && !whole && ref.Lookup == "":
		return errors.New("lookup: tokens of this prefix are looked up by the id in them, as in pfy_ID_secret: give it (--lookup ID)")
	case whole && !own && ref.Lookup != "":
		return errors.New("lookup: keys of this prefix are looked up by their SHA-256: leave it out")
	default:
		return nil
	}
}
