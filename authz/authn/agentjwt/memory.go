package agentjwt

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// share is the part of a Memory that one agent can have: one of them alone shuts nobody
// else out.
const share = 8

// Memory holds the ids of tokens that were used, for as long as any settings could
// accept them. It is bounded, and forgets nothing else. One serves all authenticators
// and snapshots of a process: it is safe for parallel use.
type Memory struct {
	most int

	mu   sync.Mutex
	used map[digest]struct{}
	// ending are the used ids by the second in which they may be forgotten.
	ending map[int64][]entry
	agents map[string]*holder
	// begun is from when on the ids are known; the zero time is not at all.
	begun time.Time
	// latest is the latest time that anybody had: what ended by then is forgotten.
	latest time.Time
}

type digest [sha256.Size]byte

type entry struct {
	id digest
	of *holder
}

// holder is an agent with how many ids are held of it.
type holder struct {
	agent string
	held  int
}

// NewMemory makes a Memory for so many ids; one takes about 150 bytes.
func NewMemory(most int) *Memory {
	return &Memory{most: most, used: map[digest]struct{}{}, ending: map[int64][]entry{}, agents: map[string]*holder{}}
}

// begin tells from when on the Memory is asked. Tokens name whole seconds, so that the
// rest of the current one counts as after it.
func (m *Memory) begin(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.begun.IsZero() {
		m.begun = now.Truncate(time.Second)
	}
}

// errReplay: the id was used before.
var errReplay = errors.New("the jti was used before")

// use uses an id of an agent up, of a token that was signed at a time. errReplay: it
// was used up before; any other error means that nobody can tell. Exactly one use of
// an id gives no error, however many there are at once.
func (m *Memory) use(agent, id string, issued, now time.Time) error {
	key, ends := digestOf(agent, id), issued.Add(MostAge)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(now)
	_, again := m.used[key]
	switch {
	case again:
		return errReplay
	case m.begun.IsZero() || issued.Before(m.begun):
		return errors.New("whether the jti was used before this process began is not known")
	case !m.latest.Before(ends):
		return errors.New("the jti would be forgotten by the latest time that was seen")
	case len(m.used) >= m.most:
		return fmt.Errorf("%d jtis are remembered, and no more", m.most)
	}
	of := m.holder(agent)
	if of.held >= max(1, m.most/share) {
		return fmt.Errorf("%d jtis of this agent are remembered, and no more", of.held)
	}
	m.used[key] = struct{}{}
	of.held++
	m.ending[ends.Unix()] = append(m.ending[ends.Unix()], entry{key, of})
	return nil
}

// holder gives an agent's, a new one where none of its ids is held. The name is cloned:
// it is a part of a token, and would keep all of it.
func (m *Memory) holder(agent string) *holder {
	of := m.agents[agent]
	if of == nil {
		of = &holder{agent: strings.Clone(agent)}
		m.agents[of.agent] = of
	}
	return of
}

// forget drops what ended, by the latest time that was seen. A clock that is set back
// brings nothing back.
func (m *Memory) forget(now time.Time) {
	if !now.After(m.latest) {
		return
	}
	before := m.latest.Unix()
	m.latest = now
	if before == now.Unix() {
		return // ids end with a second
	}
	for second, entries := range m.ending {
		if now.Before(time.Unix(second, 0)) {
			continue
		}
		for _, e := range entries {
			delete(m.used, e.id)
			if e.of.held--; e.of.held == 0 {
				delete(m.agents, e.of.agent)
			}
		}
		delete(m.ending, second)
	}
}

// digestOf tells where the agent's id ends: of two pairs none has the other's.
func digestOf(agent, id string) digest {
	text := binary.BigEndian.AppendUint64(nil, uint64(len(agent)))
	return sha256.Sum256(append(append(text, agent...), id...))
}
