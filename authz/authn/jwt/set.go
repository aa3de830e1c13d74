package jwt

import (
	"errors"
	"fmt"
	"slices"

	"github.com/sallyport-authz/sallyport/authz/claimset"
	"github.com/sallyport-authz/sallyport/authz/jose"
)

// mostKeys bounds what a set can cost, fit keys or not: each is looked at, and
// each that is left out is said.
const mostKeys = 256

// ParseSet reads a JSON Web Key Set (RFC 7517). A key that is unfit (for another
// use, weak, not for an algorithm that we know, with an id that two have) is left
// out, and said; a set without a fit key is an error. secrets says whether keys
// that both sides share may stand in it: then nothing else may.
func ParseSet(text []byte, secrets bool) (*Set, error) {
	members, err := claimset.Read(text)
	if err != nil {
		return nil, fmt.Errorf("key set: %w", err)
	}
	listed, ok := members["keys"].([]any)
	if !ok {
		return nil, errors.New("key set: no list of keys")
	}
	if len(listed) > mostKeys {
		return nil, fmt.Errorf("key set: more than %d keys", mostKeys)
	}
	s := &Set{}
	symmetric, ids := 0, map[string]int{}
	for i, one := range listed {
		k, err := parseKey(one)
		if !errors.Is(err, jose.ErrUse) {
			ids[k.id]++
		}
		if err != nil {
			s.Unfit = append(s.Unfit, fmt.Errorf("key %d: %w", i+1, err))
			continue
		}
		if k.algorithm.symmetric() {
			symmetric++
		}
		s.keys = append(s.keys, k)
	}
	switch {
	case symmetric > 0 && !secrets:
		return nil, errors.New("key set: a shared secret among published keys")
	case symmetric > 0 && symmetric < len(s.keys):
		return nil, errors.New("key set: shared secrets beside public keys")
	}
	s.dropTwins(ids)
	if len(s.keys) == 0 {
		return nil, errors.Join(append([]error{errors.New("key set: no key is fit")}, s.Unfit...)...)
	}
	return s, nil
}

// Set is a key set that can be used. It is immutable.
type Set struct {
	keys []key
	// Unfit says why keys were left out.
	Unfit []error
}

// dropTwins leaves out keys whose id another key for verifying has, a fit one or
// not: which of them is meant cannot be told.
func (s *Set) dropTwins(ids map[string]int) {
	s.keys = slices.DeleteFunc(s.keys, func(k key) bool {
		twin := k.id != "" && ids[k.id] > 1
		if twin {
			s.Unfit = append(s.Unfit, errors.New("a kid that two keys have"))
		}
		return twin
	})
}

// Len is how many keys can be used.
func (s *Set) Len() int { return len(s.keys) }

// find gives the key that a header asks for: the one with its kid or, where the
// header names none, the only one for its algorithm.
func (s *Set) find(id, algorithm string) (found key, ok bool) {
	for _, k := range s.keys {
		if k.algorithm.name != algorithm || id != "" && k.id != id {
			continue
		}
		if ok {
			return key{}, false
		}
		found, ok = k, true
	}
	return found, ok
}

// changed gives the ids of keys that stand in one set only, or differ.
func (s *Set) changed(other *Set) []string {
	var ids []string
	differs := func(from, to *Set) {
		for _, k := range from.keys {
			if !slices.ContainsFunc(to.keys, k.equal) {
				ids = append(ids, k.id)
			}
		}
	}
	differs(s, other)
	differs(other, s)
	slices.Sort(ids)
	return slices.Compact(ids)
}
