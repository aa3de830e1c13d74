package ops_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/ops"
)

func event(route string, effect authz.Effect, reason authz.Reason, state authz.CacheState) authz.Event {
	return authz.Event{
		Duration: 300 * time.Microsecond,
		Verdict:  authz.Verdict{Effect: effect, Reason: reason, Trail: authz.Trail{Route: &authz.Route{ID: route}, Cache: state}},
	}
}

func TestChecksAreCounted(t *testing.T) {
	p := begin(t, live())
	for _, e := range []authz.Event{
		{},
		event("orders", authz.Allow, "", authz.CacheMiss),
		event("orders", authz.Allow, "", authz.CacheHit),
		event("orders", authz.Allow, "", authz.CacheHit),
		event("orders", authz.Deny, authz.OutOfScope, ""),
		event("orders", authz.Deny, "made up", authz.CacheJoined),
		event("orders", authz.Effect(9), authz.Unavailable, "made up"),
		event("", authz.Deny, authz.Malformed, authz.CacheNone),
		event("health", authz.Allow, "", authz.CacheExpired),
	} {
		p.Record(e)
	}
	got := p.families(t)
	for series, want := range map[string]float64{
		`sallyport_checks_total{cache="none",effect="deny",reason="unknown",route="unknown"}`:       1,
		`sallyport_checks_total{cache="miss",effect="allow",reason="none",route="orders"}`:          1,
		`sallyport_checks_total{cache="hit",effect="allow",reason="none",route="orders"}`:           2,
		`sallyport_checks_total{cache="none",effect="deny",reason="scope",route="orders"}`:          1,
		`sallyport_checks_total{cache="joined",effect="deny",reason="unknown",route="orders"}`:      1,
		`sallyport_checks_total{cache="unknown",effect="deny",reason="unavailable",route="orders"}`: 1,
		`sallyport_checks_total{cache="none",effect="deny",reason="malformed",route="unknown"}`:     1,
		`sallyport_checks_total{cache="expired",effect="allow",reason="none",route="health"}`:       1,
		`sallyport_check_duration_seconds{cache="hit",effect="allow"}`:                              2,
		`sallyport_check_duration_seconds{cache="none",effect="deny"}`:                              3,
		`sallyport_check_duration_seconds{cache="revoked",effect="allow"}`:                          0,
		`sallyport_cache_hits_total`:                    2,
		`sallyport_cache_joined_total`:                  1,
		`sallyport_cache_misses_total{cause="absent"}`:  1,
		`sallyport_cache_misses_total{cause="expired"}`: 1,
		`sallyport_cache_misses_total{cause="revoked"}`: 0,
	} {
		if n := sample(got, series); n != want {
			t.Errorf("%s: got %v, want %v", series, n, want)
		}
	}
	if n := len(got["sallyport_checks_total"].GetMetric()); n != 8 {
		t.Errorf("%d series of Checks, want 8: nothing that did not happen", n)
	}
}

// Every reason has a place of its own. The guard is the size of cells.
func TestEveryReasonAndStateHasAPlace(t *testing.T) {
	p := begin(t, live())
	for _, reason := range authz.Reasons() {
		for _, state := range authz.CacheStates() {
			p.Record(event("r", authz.Deny, reason, state))
		}
	}
	got := p.families(t)
	for _, reason := range authz.Reasons() {
		for _, state := range authz.CacheStates() {
			series := fmt.Sprintf(`sallyport_checks_total{cache="%s",effect="deny",reason="%s",route="r"}`, state, reason)
			if n := sample(got, series); n != 1 {
				t.Errorf("%s: got %v, want 1", series, n)
			}
		}
	}
}

func TestDurationFallsIntoBuckets(t *testing.T) {
	p := begin(t, live())
	p.Record(event("r", authz.Allow, "", authz.CacheHit))
	for _, m := range p.families(t)["sallyport_check_duration_seconds"].GetMetric() {
		h := m.GetHistogram()
		if h.GetSampleCount() == 0 {
			continue
		}
		for _, b := range h.GetBucket() {
			if got, want := b.GetCumulativeCount(), uint64(0); b.GetUpperBound() < 300e-6 && got != want {
				t.Errorf("%d within %v, want none", got, b.GetUpperBound())
			}
		}
		if first, last := h.GetBucket()[0].GetUpperBound(), h.GetBucket()[13].GetUpperBound(); first != 50e-6 || last != 1 {
			t.Errorf("buckets from %v to %v, want from 50us to 1s", first, last)
		}
		if got := h.GetSampleSum(); math.Abs(got-300e-6) > 1e-9 {
			t.Errorf("sum %v, want 300us", got)
		}
	}
}

func TestPartsAreTold(t *testing.T) {
	s := whole()
	s.Reload = func() ops.Reload { return ops.Reload{FailingSince: ago(time.Minute), Applied: 2, Refused: 1} }
	s.Keys = func() []ops.Keys {
		return []ops.Keys{{"staff", 2, ago(3 * time.Minute), 9, 1, ""}, {Source: "partners"}}
	}
	got := begin(t, s).families(t)
	for series, want := range map[string]float64{
		`sallyport_build_info{goversion="go1.26",version="v1.2.3"}`: 1,
		`sallyport_ready`:                                 1,
		`sallyport_checks_in_flight`:                      2,
		`sallyport_checks_limit`:                          512,
		`sallyport_checks_shed_total{where="decision"}`:   7,
		`sallyport_checks_shed_total{where="door"}`:       5,
		`sallyport_door_checks`:                           4,
		`sallyport_door_checks_limit`:                     1088,
		`sallyport_door_bytes`:                            512,
		`sallyport_door_limit_bytes`:                      1 << 30,
		`sallyport_snapshot_generation`:                   3,
		`sallyport_snapshot_age_seconds`:                  90,
		`sallyport_cache_stored_total{shelf="allows"}`:    10,
		`sallyport_cache_dropped_total{shelf="allows"}`:   1,
		`sallyport_cache_bytes{shelf="denials"}`:          128,
		`sallyport_cache_capacity_bytes{shelf="denials"}`: 512,
		`sallyport_reloads_total{result="applied"}`:       2,
		`sallyport_reloads_total{result="refused"}`:       1,
		`sallyport_reload_last_failed`:                    1,
		`sallyport_jwks_keys{source="staff"}`:             2,
		`sallyport_jwks_age_seconds{source="staff"}`:      180,
		`sallyport_jwks_age_seconds{source="partners"}`:   math.Inf(1),
		`sallyport_jwks_fetches_total{source="staff"}`:    9,
		`sallyport_jwks_failures_total{source="staff"}`:   1,
		`sallyport_decision_log_written_total`:            100,
		`sallyport_decision_log_dropped_total`:            2,
		`sallyport_decision_log_errors_total`:             1,
		`sallyport_decision_log_waiting`:                  3,
		`sallyport_decision_log_capacity`:                 4096,
		`sallyport_trace_spans_exported_total`:            50,
		`sallyport_trace_spans_failed_total`:              4,
		`sallyport_trace_spans_dropped_total`:             6,
		`sallyport_trace_spans_waiting`:                   1,
		`sallyport_trace_spans_capacity`:                  2048,

		`sallyport_slow_hashes_total`:                           31,
		`sallyport_slow_hashes_avoided_total{how="remembered"}`: 32,
		`sallyport_slow_hashes_avoided_total{how="joined"}`:     33,
		`sallyport_slow_hashes_refused_total{why="full"}`:       34,
		`sallyport_slow_hashes_refused_total{why="limit"}`:      35,
		`sallyport_slow_hashes_refused_total{why="late"}`:       36,
		`sallyport_slow_hashes_waiting`:                         37,
		`sallyport_slow_hashes_remembered`:                      38,
		`sallyport_token_uses_dropped_total`:                    41,
		`sallyport_token_uses_failed_total`:                     42,
		`sallyport_renewals_total{result="renewed"}`:            51,
		`sallyport_renewals_total{result="overtaken"}`:          52,
		`sallyport_renewals_total{result="failed"}`:             53,
		`sallyport_renewals_total{result="dropped"}`:            54,
		`sallyport_renewals_waiting`:                            55,
	} {
		if n := sample(got, series); n != want {
			t.Errorf("%s: got %v, want %v", series, n, want)
		}
	}
}

// TestRecordAllocatesNothing: the cheapest Check must not pay for being counted.
func TestRecordAllocatesNothing(t *testing.T) {
	p := begin(t, live())
	e := event("orders", authz.Deny, authz.OutOfScope, authz.CacheHit)
	p.Record(e)
	if n := testing.AllocsPerRun(1000, func() { p.Record(e) }); n != 0 {
		t.Errorf("%v allocations a Check, want none", n)
	}
}

// Ids come from configurations, which may come and go: what they leave behind
// is bounded. Guard: mostRoutes in counts.add.
func TestRoutesAreBounded(t *testing.T) {
	p := begin(t, live())
	for i := range 10_100 {
		p.Record(event(fmt.Sprint(i), authz.Allow, "", authz.CacheHit))
	}
	got := p.families(t)
	if n := len(got["sallyport_checks_total"].GetMetric()); n > 10_001 {
		t.Errorf("%d series", n)
	}
	if n := sample(got, `sallyport_checks_total{cache="hit",effect="allow",reason="none",route="unknown"}`); n != 100 {
		t.Errorf("%v Checks of routes beyond the bound, want 100", n)
	}
}

// New routes and readers come while others count: none is lost.
func TestCountingInParallel(t *testing.T) {
	p := begin(t, live())
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range 500 {
				p.Record(event(fmt.Sprint(i%50), authz.Allow, "", authz.CacheHit))
			}
		})
	}
	group.Go(func() { p.get("/metrics") })
	group.Wait()
	if n := sample(p.families(t), "sallyport_cache_hits_total"); n != 4000 {
		t.Errorf("%v Checks, want 4000", n)
	}
}

// A source that panics must not end the process: Prometheus' registry runs it on
// a goroutine of its own. What it threw is not told: it may hold a secret. Guards:
// gathering.safely, reporter.serve, authz.Panicked in both.
func TestSourceThatPanics(t *testing.T) {
	s := whole()
	s.Keys = func() []ops.Keys { panic("a bug elsewhere") }
	p := begin(t, s)
	p.Record(event("orders", authz.Allow, "", authz.CacheHit))
	if page := p.get("/metrics").Body.String(); !strings.Contains(page, "sallyport_decision_log_written_total 100") || !strings.Contains(page, `route="orders"`) {
		t.Errorf("the other parts are not told:\n%s", page)
	}
	page := p.get("/status")
	if text := page.Body.String(); page.Code != http.StatusInternalServerError || !strings.Contains(text, "panic: string at ops_test.") || strings.Contains(text, "a bug") {
		t.Errorf("status: got %d %s", page.Code, text)
	}
}

func TestNewRefuses(t *testing.T) {
	if _, err := ops.NewMetrics(ops.Sources{}, ops.Release{}, noon); err == nil {
		t.Error("metrics without a load: accepted")
	}
	if _, err := ops.NewMetrics(live(), ops.Release{}, nil); err == nil {
		t.Error("metrics without a clock: accepted")
	}
	metrics := begin(t, live()).Metrics
	for name, s := range map[string]ops.Settings{
		"no metrics": {Sources: live(), Now: noon}, "no load": {Metrics: metrics, Now: noon}, "no clock": {Metrics: metrics, Sources: live()},
		"bad host": {Metrics: metrics, Sources: live(), Now: noon, Hosts: []string{"a b"}},
	} {
		if _, err := ops.New(s); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func BenchmarkRecord(b *testing.B) {
	p := begin(b, live())
	e := event("orders", authz.Allow, "", authz.CacheHit)
	b.ReportAllocs()
	for b.Loop() {
		p.Record(e)
	}
}
