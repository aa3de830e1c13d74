package verifier

import "time"

// Hashing makes every slow hash do something before it is done.
func (v *Verifier) Hashing(before func()) {
	v.hash = func(r reading, secret string) bool {
		before()
		return r.fits(secret)
	}
}

// Pausing is told of every wait for the head start, in its place.
func (v *Verifier) Pausing(told func(time.Duration)) { v.pause = told }

// FitAll makes every secret fit every slow text.
func (v *Verifier) FitAll() { v.hash = func(reading, string) bool { return true } }

// Workers tells how many slow hashes may run at once.
func (v *Verifier) Workers() int { return cap(v.workers) }

// Read tells of a text whether it can be read, and whether it is slow.
func (v *Verifier) Read(text string) (slow bool, err error) {
	r, err := v.read(text)
	return r.slow, err
}
