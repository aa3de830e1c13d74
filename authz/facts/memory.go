package facts

import (
	"crypto/hmac"
	"crypto/sha256"
	"time"
)

// digest stands for a key.
type digest [sha256.Size]byte

// digestOf is an HMAC under a key of the process, so that no key stays in memory,
// nor anything by which one could be looked for elsewhere.
func (d *Desk[T]) digestOf(key string) digest {
	h := hmac.New(sha256.New, d.secret[:])
	_, _ = h.Write([]byte(key))
	var sum digest
	h.Sum(sum[:0])
	return sum
}

// memory holds facts up to a size. It is not safe for parallel use. What is put
// goes into newer; where that is half of all, or as old as facts become, older is
// dropped whole and newer takes its place.
type memory[T any] struct {
	most         int
	life         time.Duration
	newer, older map[digest]Fact[T]
	size         int
	turned       time.Time
}

// recall gives a fact that still holds. It does not make it hold longer.
func (m *memory[T]) recall(sum digest, now time.Time) (Fact[T], bool) {
	f, there := m.newer[sum]
	if !there {
		f, there = m.older[sum]
	}
	return f, there && now.Before(f.Until)
}

// each is about what a fact takes beside its size.
const each = 512

func (m *memory[T]) remember(sum digest, f Fact[T], now time.Time) {
	size := each + f.Size
	if m.newer == nil || m.size+size > m.most/2 || now.Sub(m.turned) > m.life {
		m.newer, m.older, m.size, m.turned = map[digest]Fact[T]{}, m.newer, 0, now
	}
	m.newer[sum] = f
	m.size += size
}

func (m *memory[T]) count() int { return len(m.newer) + len(m.older) }
