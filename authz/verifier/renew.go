package verifier

import (
	"context"
	"errors"

	"github.com/sallyport-authz/sallyport/authz"
)

// errUnproven keeps whoever asks by mistake from putting another secret in a row.
var errUnproven = errors.New("renew: the secret was not proven by the verifier")

// Renew makes what would be made today of an attempt's secret that was Outdated: a
// text under the first key of what was fast, Password's of what was slow. The secret
// is held against the old text first; for a slow one that is the success that Verify
// remembered, so that one which was forgotten since is not renewed. The success is
// remembered for the new text too: nobody waits for another hash.
func (v *Verifier) Renew(ctx context.Context, attempt authz.Attempt) (string, error) {
	row, err := v.read(attempt.Verifier)
	if err != nil {
		return "", err
	}
	secret := attempt.Secret.Reveal()
	if !provable(secret) || !v.proven(row, attempt) {
		return "", errUnproven
	}
	if !row.slow {
		return v.Seal(attempt.Secret), nil
	}
	text, err := v.Password(ctx, attempt.Secret)
	if err != nil {
		return "", err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.memory.remember(v.digestOf(text, attempt.Account, secret), v.now())
	return text, nil
}

func (v *Verifier) proven(row reading, attempt authz.Attempt) bool {
	secret := attempt.Secret.Reveal()
	if !row.slow {
		return row.fits(secret)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.memory.knows(v.digestOf(attempt.Verifier, attempt.Account, secret), v.now())
}

// Slow reports a text whose proof takes a slow hash. One that cannot be read is none.
func (v *Verifier) Slow(text string) bool {
	row, err := v.read(text)
	return err == nil && row.slow
}
