package introspection

import (
	"crypto/hmac"
	"crypto/sha256"
	"time"
)

// digest stands for a token.
type digest [sha256.Size]byte

// digestOf is an HMAC under a key of the process, so that no token stays in memory,
// nor anything by which one could be looked for elsewhere.
func (d *desk) digestOf(token string) digest {
	h := hmac.New(sha256.New, d.key[:])
	_, _ = h.Write([]byte(token))
	var sum digest
	h.Sum(sum[:0])
	return sum
}

// memory holds findings up to a size. It is not safe for parallel use. What is put
// goes into newer; where that is half of all, or as old as findings become, older is
// dropped whole and newer takes its place.
type memory struct {
	most         int
	life         time.Duration
	newer, older map[digest]finding
	size         int
	turned       time.Time
}

// recall gives a finding that still holds. It does not make it hold longer.
func (m *memory) recall(key digest, now time.Time) (finding, bool) {
	f, there := m.newer[key]
	if !there {
		f, there = m.older[key]
	}
	return f, there && now.Before(f.until)
}

// each is about what a finding takes beside its size.
const each = 512

func (m *memory) remember(key digest, f finding, now time.Time) {
	size := each + f.size
	if m.newer == nil || m.size+size > m.most/2 || now.Sub(m.turned) > m.life {
		m.newer, m.older, m.size, m.turned = map[digest]finding{}, m.newer, 0, now
	}
	m.newer[key] = f
	m.size += size
}
