package onekey

import (
	"sync"

	"github.com/sallyport-authz/sallyport/authz"
)

// Shelf is a memory that loses nothing. It looks at the first bytes of a digest
// only, so that with few of them it hands out what it was not asked for.
type Shelf struct {
	mu   sync.Mutex
	kept map[authz.Digest]*authz.Remembered
	// Bytes is how many bytes of a digest count; 0 is all.
	Bytes int
}

var _ authz.Memory = (*Shelf)(nil)

// Recall implements authz.Memory.
func (s *Shelf) Recall(digest authz.Digest) *authz.Remembered {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[s.place(digest)]
}

// Remember implements authz.Memory.
func (s *Shelf) Remember(digest authz.Digest, remembered *authz.Remembered) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[authz.Digest]*authz.Remembered{}
	}
	s.kept[s.place(digest)] = remembered
}

func (s *Shelf) place(digest authz.Digest) authz.Digest {
	if s.Bytes > 0 {
		clear(digest[s.Bytes:])
	}
	return digest
}
