package limit

import (
	"errors"
	"hash/maphash"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Settings are how often each key may do it. No field may be zero.
type Settings struct {
	// PerSecond is how fast a bucket fills, Burst how much it holds.
	PerSecond float64
	Burst     int
	// Keys is about how many buckets are kept.
	Keys int
}

// fewestKeys keeps one busy client from pushing out its own bucket.
const fewestKeys = 128

func (s Settings) validate() error {
	switch {
	case !(s.PerSecond > 0) || math.IsInf(s.PerSecond, 1):
		return errors.New("limit: a rate above zero is needed")
	case s.Burst < 1:
		return errors.New("limit: a burst of at least 1 is needed")
	case s.Keys < fewestKeys:
		return errors.New("limit: at least 128 keys are needed")
	default:
		return nil
	}
}

// Keyed is a limit for each key. It is safe for parallel use.
type Keyed struct {
	settings Settings
	// refill is how long an empty bucket takes to be full.
	refill time.Duration
	now    func() time.Time
	seed   maphash.Seed

	mu sync.Mutex
	// Buckets move from older to newer when they are asked for; older is dropped
	// whole, newer takes its place.
	newer, older map[uint64]*rate.Limiter
	turned       time.Time
}

// New makes a Keyed, or says what is wrong with the settings.
func New(settings Settings, now func() time.Time) (*Keyed, error) {
	if now == nil {
		return nil, errors.New("limit: no clock")
	}
	if err := settings.validate(); err != nil {
		return nil, err
	}
	seconds := float64(settings.Burst) / settings.PerSecond
	return &Keyed{
		settings: settings,
		refill:   time.Duration(min(seconds*float64(time.Second), math.MaxInt64/2)),
		now:      now,
		seed:     maphash.MakeSeed(),
		newer:    map[uint64]*rate.Limiter{},
		turned:   now(),
	}, nil
}

// Allow reports whether the key may do it now, and counts it if so.
func (k *Keyed) Allow(key string) bool {
	now, hash := k.now(), maphash.String(k.seed, key)
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.bucket(hash, now).AllowN(now, 1)
}

// Size is how many buckets are kept.
func (k *Keyed) Size() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.newer) + len(k.older)
}

func (k *Keyed) bucket(hash uint64, now time.Time) *rate.Limiter {
	if len(k.newer) >= k.settings.Keys/2 || now.Sub(k.turned) > k.refill {
		k.newer, k.older, k.turned = make(map[uint64]*rate.Limiter), k.newer, now
	}
	if bucket, ok := k.newer[hash]; ok {
		return bucket
	}
	bucket, ok := k.older[hash]
	if !ok {
		bucket = rate.NewLimiter(rate.Limit(k.settings.PerSecond), k.settings.Burst)
	}
	delete(k.older, hash)
	k.newer[hash] = bucket
	return bucket
}
