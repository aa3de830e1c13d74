package ops

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/sallyport-authz/sallyport/authz"
)

// Metrics counts Checks and tells what Sources say, on a registry of its own.
// It is safe for parallel use.
type Metrics struct {
	counts   *counts
	duration [2][states]prometheus.Observer
	registry *prometheus.Registry
}

var _ authz.Recorder = (*Metrics)(nil)

// Release says which program runs.
type Release struct{ Version, Go string }

// NewMetrics makes metrics that ask the sources whenever somebody reads them.
func NewMetrics(s Sources, release Release, now func() time.Time) (*Metrics, error) {
	if s.Load == nil || now == nil {
		return nil, errors.New("make metrics: a load and a clock are required")
	}
	m := &Metrics{counts: newCounts(), registry: prometheus.NewRegistry()}
	durations := m.durations()
	for _, c := range []prometheus.Collector{
		durations, newCollector(m.counts, s, release, now),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := m.registry.Register(c); err != nil {
			return nil, fmt.Errorf("make metrics: %w", err)
		}
	}
	return m, nil
}

// durations makes every histogram at once, so that nobody looks one up later.
func (m *Metrics) durations() *prometheus.HistogramVec {
	var vec *prometheus.HistogramVec
	for _, f := range families() {
		if f.kind == histogram {
			vec = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: prefix + f.name, Help: f.help, Buckets: buckets()}, f.labels)
		}
	}
	for i, effect := range []authz.Effect{authz.Deny, authz.Allow} {
		for state := range states {
			m.duration[i][state] = vec.WithLabelValues(effect.String(), m.counts.stateWord(state))
		}
	}
	return vec
}

// Record implements authz.Recorder. It neither blocks nor allocates.
func (m *Metrics) Record(e authz.Event) {
	state, effect := m.counts.state(e.Verdict.Trail.Cache), 0
	if e.Verdict.Effect == authz.Allow {
		effect = 1
	}
	m.counts.of(e.Verdict.Trail.Route)[m.counts.outcome(&e.Verdict)][state].Add(1)
	m.duration[effect][state].Observe(e.Duration.Seconds())
}
