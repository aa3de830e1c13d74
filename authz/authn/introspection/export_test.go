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
