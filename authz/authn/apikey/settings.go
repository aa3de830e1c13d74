package apikey

import (
	"fmt"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/keylist"
)

// Settings are one configured list of keys.
type Settings struct {
	// Header is the name of the header in any case; "" is DefaultHeader.
	Header string
	// Prefix, unless "", is what every key of this authenticator begins with.
	Prefix string
	Keys   []keylist.Key
}

// header gives the name in lower case. Refused are names that are no field
// names, pseudo headers among them, and those that carry something else.
func (s Settings) header() (string, error) {
	name := strings.ToLower(s.Header)
	switch {
	case name == "":
		name = DefaultHeader
	case !authz.IsHeaderName(name):
		return "", fmt.Errorf("header %q is no field name (RFC 9110 section 5.1)", s.Header)
	case !authz.MayCarry(name):
		return "", fmt.Errorf("header %q cannot carry a key", s.Header)
	}
	if !keylist.Visible(s.Prefix) || strings.Contains(s.Prefix, "!") || len(s.Prefix) >= keylist.Longest {
		return "", fmt.Errorf("prefix %q holds what no key holds: white space, a comma, \"!\" or letters beyond ASCII", s.Prefix)
	}
	return name, nil
}

// index settles the keys by their digests.
func index(keys []keylist.Key) (map[[32]byte]keylist.Key, error) {
	settled, err := keylist.Settle(keys)
	if err != nil {
		return nil, err
	}
	indexed := make(map[[32]byte]keylist.Key, len(settled))
	for _, key := range settled {
		indexed[key.Digest] = key
	}
	return indexed, nil
}
