package uses

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// The defaults of Settings.
const (
	DefaultEvery = 10 * time.Second
	// DefaultPause is a multiple of Every less a half, so that a tick that comes a
	// little early is not the next one.
	DefaultPause = 45 * time.Second
	DefaultMost  = 1 << 16
)

// Settings say what is noted and how often it is handed over.
type Settings struct {
	Store authz.UseStore
	// Kinds are the kinds of authenticators whose token ids are the store's.
	Kinds []string
	// Every is how often the store is told, Pause how long it is not told again of
	// one token.
	Every, Pause time.Duration
	// Most is of how many tokens a use may wait.
	Most int
	Now  func() time.Time
}

func (s Settings) settled() (Settings, error) {
	if s.Store == nil || s.Now == nil || len(s.Kinds) == 0 {
		return Settings{}, errors.New("store, kinds and clock are required")
	}
	if s.Every < 0 || s.Pause < 0 || s.Most < 0 {
		return Settings{}, errors.New("a bound is below zero")
	}
	if s.Every == 0 {
		s.Every = DefaultEvery
	}
	if s.Pause == 0 {
		s.Pause = DefaultPause
	}
	if s.Most == 0 {
		s.Most = DefaultMost
	}
	s.Kinds = slices.Clone(s.Kinds)
	return s, nil
}

// Recorder notes uses. It is safe for parallel use.
type Recorder struct {
	settings Settings
	dropped  atomic.Uint64
	failed   atomic.Uint64

	mu    sync.Mutex
	fresh map[string]time.Time

	handing handing
}

var _ authz.Recorder = (*Recorder)(nil)

// New makes a Recorder, or says what is wrong with the settings.
func New(settings Settings) (*Recorder, error) {
	s, err := settings.settled()
	if err != nil {
		return nil, err
	}
	return &Recorder{
		settings: s, fresh: map[string]time.Time{},
		handing: handing{waiting: map[string]time.Time{}, told: map[string]time.Time{}},
	}, nil
}

// Dropped is how many uses were not noted because too many tokens waited.
func (r *Recorder) Dropped() uint64 { return r.dropped.Load() }

// Failed is how often the store did not take what was noted.
func (r *Recorder) Failed() uint64 { return r.failed.Load() }

// Record implements authz.Recorder.
func (r *Recorder) Record(e authz.Event) {
	id := e.Verdict.Trail.Caller.TokenID
	if e.Verdict.Effect != authz.Allow || id == "" || !r.stored(&e.Verdict.Trail) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	last, noted := r.fresh[id]
	switch {
	case !noted && len(r.fresh) >= r.settings.Most:
		r.dropped.Add(1)
	case !noted:
		r.fresh[strings.Clone(id)] = e.Start
	case e.Start.After(last):
		r.fresh[id] = e.Start
	default: // an earlier Check that took longer
	}
}

// stored reports whether the caller's token id is the store's. The names of
// authenticators are the snapshot's, which the route leads to.
func (r *Recorder) stored(trail *authz.Trail) bool {
	if trail.Route == nil {
		return false
	}
	for _, group := range trail.Route.Accept {
		for _, configured := range group {
			if configured.Name == trail.Caller.Authenticator {
				return slices.Contains(r.settings.Kinds, configured.Kind)
			}
		}
	}
	return false
}

// take empties what was noted since the last time.
func (r *Recorder) take() map[string]time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.fresh
	r.fresh = make(map[string]time.Time, min(len(taken), 1024))
	return taken
}
