package ops

import (
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sallyport-authz/sallyport/authz"
)

// collector makes metrics of counts and sources when somebody reads them.
type collector struct {
	known   map[string]described
	counts  *counts
	sources Sources
	release Release
	now     func() time.Time
}

type described struct {
	*prometheus.Desc
	kind prometheus.ValueType
}

var _ prometheus.Collector = (*collector)(nil)

func newCollector(counts *counts, s Sources, release Release, now func() time.Time) *collector {
	c := &collector{known: map[string]described{}, counts: counts, sources: s, release: release, now: now}
	for _, f := range families() {
		if f.kind != histogram {
			c.known[f.name] = described{prometheus.NewDesc(prefix+f.name, f.help, f.labels, nil), f.kind}
		}
	}
	return c
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, one := range c.known {
		to <- one.Desc
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	g := gathering{c, to}
	for _, part := range []func(){g.self, g.checks, g.cached, g.door, g.reload, g.shelves, g.keys, g.records, g.spans, g.secrets, g.uses, g.renewals} {
		g.safely(part)
	}
}

// gathering is one reading.
type gathering struct {
	*collector
	to chan<- prometheus.Metric
}

// safely keeps the process alive when a source panics: the registry runs us on a
// goroutine that nobody else guards.
func (g gathering) safely(part func()) {
	defer func() {
		if r := recover(); r != nil {
			g.to <- prometheus.NewInvalidMetric(g.known["ready"].Desc, authz.Panicked(r))
		}
	}()
	part()
}

func (g gathering) put(name string, value float64, labels ...string) {
	one := g.known[name]
	made, err := prometheus.NewConstMetric(one.Desc, one.kind, value, labels...)
	if err != nil {
		made = prometheus.NewInvalidMetric(one.Desc, err)
	}
	g.to <- made
}

func (g gathering) self() {
	g.put("build_info", 1, g.release.Version, g.release.Go)
	load := g.sources.Load()
	g.put("ready", flag(g.sources.readiness() == ready))
	g.put("checks_in_flight", float64(load.InFlight))
	g.put("checks_limit", float64(load.Limit))
	g.put("checks_shed_total", float64(load.Shed), "decision")
	g.put("snapshot_generation", float64(load.Generation))
	if !load.Since.IsZero() {
		g.put("snapshot_age_seconds", g.now().Sub(load.Since).Seconds())
	}
}

func (g gathering) checks() {
	for route, cells := range *g.counts.byRoute.Load() {
		for outcome := range cells {
			for state := range cells[outcome] {
				if n := cells[outcome][state].Load(); n > 0 {
					effect, reason := g.counts.words(outcome)
					g.put("checks_total", float64(n), route, effect, reason, g.counts.stateWord(state))
				}
			}
		}
	}
}

func (g gathering) cached() {
	sums := g.counts.byState()
	g.put("cache_hits_total", float64(sums[authz.CacheHit]))
	g.put("cache_joined_total", float64(sums[authz.CacheJoined]))
	for _, miss := range misses() {
		g.put("cache_misses_total", float64(sums[miss.state]), miss.cause)
	}
}

// miss is a state in which the cache was asked in vain.
type miss struct {
	state authz.CacheState
	cause string
}

func misses() []miss {
	return []miss{
		{authz.CacheMiss, "absent"},
		{authz.CacheExpired, "expired"},
		{authz.CacheSuperseded, "superseded"},
		{authz.CacheRevoked, "revoked"},
	}
}

func (g gathering) door() {
	if g.sources.Door == nil {
		return
	}
	door := g.sources.Door()
	g.put("checks_shed_total", float64(door.Shed), "door")
	g.put("door_checks", float64(door.Checks))
	g.put("door_checks_limit", float64(door.MostChecks))
	g.put("door_bytes", float64(door.Bytes))
	g.put("door_limit_bytes", float64(door.MostBytes))
}

func (g gathering) reload() {
	if g.sources.Reload == nil {
		return
	}
	reload := g.sources.Reload()
	g.put("reloads_total", float64(reload.Applied), "applied")
	g.put("reloads_total", float64(reload.Refused), "refused")
	g.put("reload_last_failed", flag(!reload.FailingSince.IsZero()))
}

func (g gathering) shelves() {
	if g.sources.Cache == nil {
		return
	}
	for _, shelf := range g.sources.Cache() {
		g.put("cache_stored_total", float64(shelf.Stored), shelf.Name)
		g.put("cache_dropped_total", float64(shelf.Dropped), shelf.Name)
		g.put("cache_bytes", float64(shelf.Bytes), shelf.Name)
		g.put("cache_capacity_bytes", float64(shelf.Capacity), shelf.Name)
	}
}

func (g gathering) keys() {
	if g.sources.Keys == nil {
		return
	}
	for _, keys := range g.sources.Keys() {
		age := math.Inf(1)
		if !keys.Loaded.IsZero() {
			age = g.now().Sub(keys.Loaded).Seconds()
		}
		g.put("jwks_keys", float64(keys.Count), keys.Source)
		g.put("jwks_age_seconds", age, keys.Source)
		g.put("jwks_fetches_total", float64(keys.Fetches), keys.Source)
		g.put("jwks_failures_total", float64(keys.Failures), keys.Source)
	}
}

func (g gathering) records() {
	if g.sources.Records == nil {
		return
	}
	records := g.sources.Records()
	g.put("decision_log_written_total", float64(records.Written))
	g.put("decision_log_dropped_total", float64(records.Dropped))
	g.put("decision_log_errors_total", float64(records.Errors))
	g.put("decision_log_waiting", float64(records.Waiting))
	g.put("decision_log_capacity", float64(records.Capacity))
}

func (g gathering) spans() {
	if g.sources.Spans == nil {
		return
	}
	spans := g.sources.Spans()
	g.put("trace_spans_exported_total", float64(spans.Exported))
	g.put("trace_spans_failed_total", float64(spans.Failed))
	g.put("trace_spans_dropped_total", float64(spans.Dropped))
	g.put("trace_spans_waiting", float64(spans.Waiting))
	g.put("trace_spans_capacity", float64(spans.Capacity))
}

func flag(on bool) float64 {
	if on {
		return 1
	}
	return 0
}
