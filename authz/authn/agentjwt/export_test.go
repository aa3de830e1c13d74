package agentjwt

import "time"

// Begin tells a Memory from when on it is asked.
func Begin(m *Memory, now time.Time) { m.begin(now) }

// Use uses an id up.
func Use(m *Memory, agent, id string, issued, now time.Time) error {
	return m.use(agent, id, issued, now)
}

// ErrReplay is that an id was used before.
var ErrReplay = errReplay

// Held is how many ids a Memory holds, and of how many agents.
func Held(m *Memory) (ids, agents int) { return len(m.used), len(m.agents) }
