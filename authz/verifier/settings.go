package verifier

import (
	"errors"
	"runtime"
	"time"
)

// Limiter holds back whoever tries too often. It is safe for parallel use.
type Limiter interface {
	// Allow reports whether the key may try now, and counts it if so.
	Allow(key string) bool
}

// Settings make a Verifier. Keys and limiters are needed; another field that is zero
// has the default that it names.
type Settings struct {
	// Keys are the server keys; new texts are made under the first.
	Keys []Key
	// ByAddress limits slow hashes by where attempts come from, an IPv6 address by
	// its /64; ByAccount by whom they mean.
	ByAddress, ByAccount Limiter
	// Rounds are those of new passwords and of unknown names: DefaultRounds.
	Rounds int
	// Workers is how many slow hashes run at once: half of the processors, at
	// least 1. More of them make everybody else wait.
	Workers int
	// Queue is how many may wait for a worker: 128.
	Queue int
	// Remembered is how many successes are remembered: 65,536. One that is not
	// used for Idle is forgotten: an hour.
	Remembered int
	Idle       time.Duration
}

const (
	defaultQueue      = 128
	defaultRemembered = 65_536
	defaultIdle       = time.Hour
)

// filled gives the settings with their defaults, or says what is wrong with them.
func (s Settings) filled() (Settings, error) {
	if s.ByAddress == nil || s.ByAccount == nil {
		return s, errors.New("verifier: slow hashes need a limit by address and one by account")
	}
	or := func(value *int, fallback int) {
		if *value == 0 {
			*value = fallback
		}
	}
	or(&s.Rounds, DefaultRounds)
	or(&s.Workers, max(1, runtime.GOMAXPROCS(0)/2))
	or(&s.Queue, defaultQueue)
	or(&s.Remembered, defaultRemembered)
	if s.Idle == 0 {
		s.Idle = defaultIdle
	}
	switch {
	case s.Rounds < fewestRounds || s.Rounds > mostRounds:
		return s, errors.New("verifier: rounds are 1,000 to 5,000,000")
	case s.Workers < 1 || s.Queue < 1 || s.Remembered < 2 || s.Idle < 0:
		return s, errors.New("verifier: a bound below its least")
	default:
		return s, nil
	}
}
