package verifier

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// Verifier proves secrets. It is safe for parallel use.
type Verifier struct {
	settings   Settings
	keys       keyring
	nobody     string
	processKey [sha256.Size]byte
	now        func() time.Time
	// hash does the work of a reading.
	hash     func(reading, string) bool
	pause    func(time.Duration)
	workers  chan struct{}
	counters counters

	mu      sync.Mutex
	flights map[digest]*flight
	memory  memory
}

// New makes a Verifier, or says what is wrong with the settings.
func New(settings Settings, now func() time.Time) (*Verifier, error) {
	if now == nil {
		return nil, errors.New("verifier: no clock")
	}
	settings, err := settings.filled()
	if err != nil {
		return nil, err
	}
	keys, err := newKeyring(settings.Keys)
	if err != nil {
		return nil, err
	}
	v := &Verifier{
		settings: settings, keys: keys, nobody: nobody(settings.Rounds), now: now,
		hash:    func(r reading, secret string) bool { return r.fits(secret) },
		pause:   pause,
		workers: make(chan struct{}, settings.Workers),
		flights: map[digest]*flight{},
		memory:  newMemory(settings.Remembered, settings.Idle, now()),
	}
	_, _ = rand.Read(v.processKey[:]) // it never gives an error
	return v, nil
}

// Verify tells whether the attempt's secret is the one that its verifier was made
// of. Its error is authz.ErrThrottled, or "could not tell": too many wait, the
// context ended before the hash did, the text cannot be read or its key is missing.
// Neither says anything about the secret.
func (v *Verifier) Verify(ctx context.Context, attempt authz.Attempt) (authz.Proof, error) {
	text, secret := attempt.Verifier, attempt.Secret.Reveal()
	if text == "" {
		text = v.nobody
	}
	row, err := v.read(text)
	if err != nil {
		return authz.Proof{}, fmt.Errorf("read verifier: %w", err)
	}
	var fits bool
	switch {
	case !provable(secret):
		return authz.Proof{}, nil
	case row.slow:
		fits, err = v.slowly(ctx, attempt, job{row, v.digestOf(text, attempt.Account, secret), strings.Clone(secret)})
	default:
		fits = row.fits(secret)
	}
	if err != nil || !fits || attempt.Verifier == "" {
		return authz.Proof{}, err
	}
	return authz.Proof{OK: true, Outdated: row.outdated}, nil
}

// provable reports a secret that may fit something. PBKDF2 takes a NUL at a
// password's end for nothing (HMAC fills keys up with them), and other systems end
// passwords there: a secret has one spelling, and none of them is empty.
func provable(secret string) bool {
	return secret != "" && strings.IndexByte(secret, 0) < 0
}

// slowly waits for the flight that the attempt joined, began or did not need.
func (v *Verifier) slowly(ctx context.Context, attempt authz.Attempt, j job) (bool, error) {
	if ctx.Err() != nil {
		return false, fmt.Errorf("verify: %w", context.Cause(ctx))
	}
	if v.remembers(j.key) {
		return true, nil
	}
	if err := v.even(ctx, attempt.Begun); err != nil {
		return false, err
	}
	f, err := v.board(attempt, j)
	if err != nil {
		return false, err
	}
	select {
	case <-f.done:
		return f.fits, f.err
	case <-ctx.Done():
		v.counters.late.Add(1)
		return false, fmt.Errorf("wait for a slow hash: %w", context.Cause(ctx))
	}
}

func (v *Verifier) read(text string) (reading, error) {
	if rest, ok := strings.CutPrefix(text, keyedScheme); ok {
		return v.keys.read(rest)
	}
	return readImported(text, v.settings.Rounds)
}
