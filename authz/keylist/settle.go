package keylist

import (
	"errors"
	"fmt"
)

// Settle checks a list and completes it, or says what is wrong with it. Ids and digests
// are unique: with one secret under two ids nobody could say who calls. The callers are
// copies, so that nobody can change what many requests share.
func Settle(keys []Key) ([]Key, error) {
	if len(keys) == 0 {
		return nil, errors.New("there are no keys")
	}
	ids := make(map[string]bool, len(keys))
	digests := make(map[[32]byte]string, len(keys))
	settled := make([]Key, 0, len(keys))
	for i, key := range keys {
		if err := key.check(); err != nil {
			return nil, fmt.Errorf("key %d: %w", i+1, err)
		}
		if ids[key.ID] {
			return nil, fmt.Errorf("key %d: id %q stands twice", i+1, key.ID)
		}
		if other, twice := digests[key.Digest]; twice {
			return nil, fmt.Errorf("key %d: %q has the digest of %q", i+1, key.ID, other)
		}
		ids[key.ID], digests[key.Digest] = true, key.ID
		settled = append(settled, key.settled())
	}
	return settled, nil
}
