package verifier

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// digest stands for an attempt: its text, its account and its secret.
type digest [sha256.Size]byte

// digestOf is an HMAC under a key of the process: what is kept in memory helps
// nobody to guess a password faster than the row does, unless they have the key too.
func (v *Verifier) digestOf(text, account, secret string) digest {
	h := hmac.New(sha256.New, v.processKey[:])
	for _, part := range []string{text, account, secret} {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		_, _ = h.Write(length[:])
		_, _ = h.Write([]byte(part))
	}
	var sum digest
	h.Sum(sum[:0])
	return sum
}

// memory holds successes. It is not safe for parallel use. What is used moves from
// older to newer; older is dropped whole, newer takes its place.
type memory struct {
	most         int
	idle         time.Duration
	newer, older map[digest]struct{}
	turned       time.Time
}

func newMemory(most int, idle time.Duration, now time.Time) memory {
	return memory{most: most, idle: idle, newer: map[digest]struct{}{}, turned: now}
}

func (m *memory) knows(key digest, now time.Time) bool {
	m.turn(now)
	if _, ok := m.newer[key]; ok {
		return true
	}
	if _, ok := m.older[key]; !ok {
		return false
	}
	m.remember(key, now)
	return true
}

func (m *memory) remember(key digest, now time.Time) {
	if len(m.newer) >= m.most/2 {
		m.shift(now)
	}
	delete(m.older, key)
	m.newer[key] = struct{}{}
}

// turn forgets what nobody used for idle; some of it up to as long again later.
func (m *memory) turn(now time.Time) {
	switch since := now.Sub(m.turned); {
	case since > 2*m.idle:
		m.newer = map[digest]struct{}{}
		m.shift(now)
	case since > m.idle:
		m.shift(now)
	}
}

func (m *memory) shift(now time.Time) {
	m.newer, m.older, m.turned = map[digest]struct{}{}, m.newer, now
}

func (m *memory) size() int { return len(m.newer) + len(m.older) }
