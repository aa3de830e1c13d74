package cache

import (
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/ristretto/v2"
)

// Digest is a key: 256 bits that nobody outside the process can predict.
type Digest [32]byte

// overhead is what an entry costs beside its value: measured on the heap,
// ristretto's share of counters included.
const overhead = 350

// smallest is the least that a store can hold to be of use.
const smallest = 1 << 20

// Store keeps values of one type. It is safe for parallel use.
type Store[V any] struct {
	kept  *ristretto.Cache[uint64, entry[V]]
	bytes int64
	stats counters
}

type entry[V any] struct {
	digest  Digest
	expires time.Time
	value   V
}

type counters struct{ hits, absent, expired, foreign, stored, dropped atomic.Uint64 }

// Stats counts since the store was made.
type Stats struct {
	Hits uint64
	// Absent, Expired and Foreign are the misses by cause; Foreign is another
	// digest found in our place.
	Absent, Expired, Foreign uint64
	// Stored were accepted, Dropped were not; an accepted one may still be evicted.
	Stored, Dropped uint64
	// Bytes is the cost of what is held, Capacity the most that may be.
	Bytes, Capacity int64
}

// New makes a store that holds at most bytes, 1 MiB or more.
func New[V any](bytes int64) (*Store[V], error) {
	if bytes < smallest {
		return nil, errors.New("make cache: capacity below 1 MiB")
	}
	kept, err := ristretto.NewCache(&ristretto.Config[uint64, entry[V]]{
		// Ten counters an entry is ristretto's own advice; entries are of 512
		// bytes or more.
		NumCounters:        max(bytes/512*10, 1000),
		MaxCost:            bytes,
		BufferItems:        64,
		IgnoreInternalCost: true,
	})
	if err != nil {
		return nil, fmt.Errorf("make cache: %w", err)
	}
	return &Store[V]{kept: kept, bytes: bytes}, nil
}

// place is where ristretto looks. It compares nothing for integer keys, which
// is why Get compares the whole digest; two digests with one place only cost a
// miss, and the digest is keyed, so that nobody can aim for one.
func (d Digest) place() uint64 { return binary.LittleEndian.Uint64(d[:8]) }

// Get gives the value stored under exactly this digest that is not expired.
func (s *Store[V]) Get(digest Digest, now time.Time) (V, bool) {
	var none V
	e, ok := s.kept.Get(digest.place())
	switch {
	case !ok:
		s.stats.absent.Add(1)
		return none, false
	case subtle.ConstantTimeCompare(e.digest[:], digest[:]) != 1:
		s.stats.foreign.Add(1)
		return none, false
	case !now.Before(e.expires):
		s.stats.expired.Add(1)
		return none, false
	default:
		s.stats.hits.Add(1)
		return e.value, true
	}
}

// Item is a value to store.
type Item[V any] struct {
	Value V
	// Size is what the value takes, in bytes.
	Size    int
	Expires time.Time
}

// Put stores an item until it expires. It may be dropped. A dead value under
// the same digest is replaced.
func (s *Store[V]) Put(digest Digest, item Item[V], now time.Time) {
	life := item.Expires.Sub(now)
	if life <= 0 {
		return
	}
	if s.kept.SetWithTTL(digest.place(), entry[V]{digest, item.Expires, item.Value}, int64(overhead+item.Size), life) {
		s.stats.stored.Add(1)
	} else {
		s.stats.dropped.Add(1)
	}
}

// Wait returns when what was put before is visible or dropped; for tests.
func (s *Store[V]) Wait() { s.kept.Wait() }

// Stats gives the counters as they stand.
func (s *Store[V]) Stats() Stats {
	return Stats{
		Hits:   s.stats.hits.Load(),
		Absent: s.stats.absent.Load(), Expired: s.stats.expired.Load(), Foreign: s.stats.foreign.Load(),
		Stored: s.stats.stored.Load(), Dropped: s.stats.dropped.Load(),
		Bytes: s.bytes - s.kept.RemainingCost(), Capacity: s.bytes,
	}
}

// Close ends the store's goroutines; it must not be used afterwards.
func (s *Store[V]) Close() { s.kept.Close() }
