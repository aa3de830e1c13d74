package introspection

import "time"

// Judge is what every answer goes through.
func Judge(s Settings, text []byte, asked time.Time) (subject string, rejection, err error) {
	s, err = s.settled()
	if err != nil {
		return "", nil, err
	}
	f, err := s.judge(text, asked)
	return f.caller.Subject, f.rejection, err
}

// Remembered counts the findings that are held.
func Remembered(a *Authenticator) (rejections, callers int) {
	a.desk.mu.Lock()
	defer a.desk.mu.Unlock()
	count := func(m memory) int { return len(m.newer) + len(m.older) }
	return count(a.desk.rejections), count(a.desk.callers)
}

// Questions counts those under way and those that wait for their turn.
func Questions(a *Authenticator) int {
	a.desk.mu.Lock()
	defer a.desk.mu.Unlock()
	return len(a.desk.flights)
}

// Waiting counts who waits for a question.
func Waiting(a *Authenticator) int { return int(a.desk.waiting.Load()) }
