package ops

// readiness is whether proxies should send Checks here. A refused reload does
// not change it: the last good snapshot is as good as it was.
type readiness string

const (
	// starting: no snapshot is live yet.
	starting readiness = "starting"
	ready    readiness = "ready"
	draining readiness = "draining"
)

func (s Sources) readiness() readiness {
	switch {
	case s.Draining != nil && s.Draining():
		return draining
	case s.Load().Generation > 0:
		return ready
	default:
		return starting
	}
}
