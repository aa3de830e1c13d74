package renewal

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// DefaultMost is how many attempts may wait: as many as can be worked off in a few
// seconds where each needs a slow hash.
const DefaultMost = 32

// renewTime bounds one renewal, a wait for a worker included.
const renewTime = 30 * time.Second

// Maker makes what is made of a secret today. Its error says that the secret was not
// proven, or could not be told.
type Maker interface {
	Renew(ctx context.Context, attempt authz.Attempt) (string, error)
}

// Settings say who makes verifiers and who takes them.
type Settings struct {
	Maker   Maker
	Applier authz.Applier
	// Act is who the audit says it was.
	Act authz.Act
	// Most is how many attempts may wait; DefaultMost.
	Most int
	// Failed is told of a renewal that failed; nil tells nobody.
	Failed func(holder authz.Holder, err error)
}

// Renewer renews verifiers behind the requests. It is safe for parallel use.
type Renewer struct {
	settings Settings
	queue    chan authz.Attempt
	counters counters

	mu sync.Mutex
	// waiting are the holders whose attempts wait or have their turn.
	waiting map[authz.Holder]bool
	ended   bool
}

type counters struct{ renewed, overtaken, failed, dropped atomic.Uint64 }

// Stats tell what became of offers since the process began.
type Stats struct {
	// Renewed have a new verifier. Overtaken had another one before their turn came.
	Renewed, Overtaken uint64
	// Failed were tried in vain, Dropped found the queue full.
	Failed, Dropped uint64
	// Waiting is how many wait or have their turn now.
	Waiting int
}

// New makes a Renewer, or says what is wrong with the settings.
func New(s Settings) (*Renewer, error) {
	if s.Maker == nil || s.Applier == nil || s.Act.Actor == "" || s.Act.Origin == "" || s.Most < 0 {
		return nil, errors.New("renewal: maker, applier and act are required, and no bound is below zero")
	}
	if s.Most == 0 {
		s.Most = DefaultMost
	}
	return &Renewer{settings: s, queue: make(chan authz.Attempt, s.Most), waiting: map[authz.Holder]bool{}}, nil
}

// Offer takes an attempt that was proven by a verifier that is outdated.
func (r *Renewer) Offer(attempt authz.Attempt) {
	if attempt.Holder == (authz.Holder{}) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended || r.waiting[attempt.Holder] {
		return
	}
	attempt = owned(attempt)
	select {
	case r.queue <- attempt:
		r.waiting[attempt.Holder] = true
	default:
		r.counters.dropped.Add(1)
	}
}

// owned shares no memory with a request, whose frame it would keep.
func owned(a authz.Attempt) authz.Attempt {
	return authz.Attempt{
		Verifier: a.Verifier, Secret: authz.NewSecret(strings.Clone(a.Secret.Reveal())), Account: strings.Clone(a.Account),
		Holder: authz.Holder{Token: strings.Clone(a.Holder.Token), Kind: a.Holder.Kind, Name: strings.Clone(a.Holder.Name)},
	}
}

// Run works off what is offered until the context ends. Afterwards nothing is taken.
func (r *Renewer) Run(ctx context.Context) {
	defer r.end()
	for ctx.Err() == nil {
		select {
		case attempt := <-r.queue:
			r.renew(ctx, attempt)
		case <-ctx.Done():
			return
		}
	}
}

func (r *Renewer) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	for len(r.queue) > 0 {
		<-r.queue
	}
	clear(r.waiting)
}

func (r *Renewer) renew(ctx context.Context, attempt authz.Attempt) {
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.waiting, attempt.Holder)
	}()
	ctx, cancel := context.WithTimeout(ctx, renewTime)
	defer cancel()
	err := r.replace(ctx, attempt)
	switch {
	case err == nil:
		r.counters.renewed.Add(1)
	case errors.Is(err, authz.ErrNotFound):
		r.counters.overtaken.Add(1)
	default:
		r.counters.failed.Add(1)
		if r.settings.Failed != nil {
			r.settings.Failed(attempt.Holder, err)
		}
	}
}

func (r *Renewer) replace(ctx context.Context, attempt authz.Attempt) (err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			err = authz.Panicked(thrown)
		}
	}()
	text, err := r.settings.Maker.Renew(ctx, attempt)
	if err != nil {
		return err
	}
	_, err = r.settings.Applier.Apply(ctx, r.settings.Act, authz.RenewVerifier{Holder: attempt.Holder, Old: attempt.Verifier, New: text})
	return err
}

// Stats tell how it stands.
func (r *Renewer) Stats() Stats {
	r.mu.Lock()
	waiting := len(r.waiting)
	r.mu.Unlock()
	c := &r.counters
	return Stats{
		Renewed: c.renewed.Load(), Overtaken: c.overtaken.Load(),
		Failed: c.failed.Load(), Dropped: c.dropped.Load(), Waiting: waiting,
	}
}
