package ops

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// prefix stands before every name in the table.
const prefix = "sallyport_"

// family is one metric. The table holds every one but those of the Go runtime
// and of the process; doc.go says the same in one line each.
type family struct {
	name   string
	kind   prometheus.ValueType
	labels []string
	help   string
}

// The kind of a histogram is untyped here: it is made by its own collector.
const (
	counter   = prometheus.CounterValue
	gauge     = prometheus.GaugeValue
	histogram = prometheus.UntypedValue
)

// buckets go from what a remembered verdict takes to where a Check ends.
func buckets() []float64 {
	return []float64{50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 500e-3, 1}
}

func families() []family {
	return slices.Concat(checkFamilies(), partFamilies(), storeFamilies())
}

func checkFamilies() []family {
	return []family{
		{"build_info", gauge, []string{"version", "goversion"}, "Always 1; the labels tell which release runs."},
		{"ready", gauge, nil, "1 while a snapshot is live and the process is not draining."},
		{"checks_total", counter, []string{"route", "effect", "reason", "cache"}, "Checks by route, effect, reason and what the cache had to do with them."},
		{"check_duration_seconds", histogram, []string{"effect", "cache"}, "Time from a Check's beginning to its record, for all outcomes."},
		{"checks_in_flight", gauge, nil, "Checks that are being decided."},
		{"checks_limit", gauge, nil, "Checks that may be decided at once."},
		{"checks_shed_total", counter, []string{"where"}, "Checks turned away: at the door unread, or at the decision."},
		{"door_checks", gauge, nil, "Checks that are being read, decided or answered."},
		{"door_checks_limit", gauge, nil, "Checks that may be in hand at once."},
		{"door_bytes", gauge, nil, "Bytes set aside for messages in hand."},
		{"door_limit_bytes", gauge, nil, "Bytes that messages in hand may hold."},
		{"snapshot_generation", gauge, nil, "Generation of the live snapshot; 0 is none."},
		{"snapshot_age_seconds", gauge, nil, "Time since the live snapshot went live."},
		{"cache_hits_total", counter, nil, "Checks answered by a remembered verdict."},
		{"cache_joined_total", counter, nil, "Checks answered by an equal one under way."},
		{"cache_misses_total", counter, []string{"cause"}, "Checks decided although the cache was asked, by what was missing."},
	}
}

func partFamilies() []family {
	shelf, source := []string{"shelf"}, []string{"source"}
	return []family{
		{"cache_stored_total", counter, shelf, "Verdicts that the cache took."},
		{"cache_dropped_total", counter, shelf, "Verdicts that the cache did not take."},
		{"cache_bytes", gauge, shelf, "Bytes that remembered verdicts hold."},
		{"cache_capacity_bytes", gauge, shelf, "Bytes that they may hold."},
		{"reloads_total", counter, []string{"result"}, "Changes of files, applied or refused."},
		{"reload_last_failed", gauge, nil, "1 while the last change of files is refused and the snapshot before it is live."},
		{"jwks_keys", gauge, source, "Signing keys in use."},
		{"jwks_age_seconds", gauge, source, "Time since the set in use was last confirmed; +Inf is never."},
		{"jwks_fetches_total", counter, source, "Fetches of a key set."},
		{"jwks_failures_total", counter, source, "Fetches of a key set that gave nothing to use."},
		{"decision_log_written_total", counter, nil, "Decision records that were written."},
		{"decision_log_dropped_total", counter, nil, "Decision records that nobody will read."},
		{"decision_log_errors_total", counter, nil, "Writes of decision records that went wrong."},
		{"decision_log_waiting", gauge, nil, "Decision records that are not written yet."},
		{"decision_log_capacity", gauge, nil, "Decision records that may wait."},
		{"trace_spans_exported_total", counter, nil, "Spans that the collector took."},
		{"trace_spans_failed_total", counter, nil, "Spans that the collector refused or that did not reach it."},
		{"trace_spans_dropped_total", counter, nil, "Spans that found the queue full."},
		{"trace_spans_waiting", gauge, nil, "Spans that are not exported yet."},
		{"trace_spans_capacity", gauge, nil, "Spans that may wait."},
	}
}

func storeFamilies() []family {
	return []family{
		{"slow_hashes_total", counter, nil, "Slow hashes that were begun."},
		{"slow_hashes_avoided_total", counter, []string{"how"}, "Attempts on what is kept by a slow hash that needed none of their own."},
		{"slow_hashes_refused_total", counter, []string{"why"}, "Attempts that got no answer: the queue was full, a limit was met, or they ended first."},
		{"slow_hashes_waiting", gauge, nil, "Slow hashes that wait or run."},
		{"slow_hashes_remembered", gauge, nil, "Successes that need no hash until they are forgotten."},
		{"token_uses_dropped_total", counter, nil, "Uses of tokens that were not noted."},
		{"token_uses_failed_total", counter, nil, "Times that the store did not take what was noted."},
		{"renewals_total", counter, []string{"result"}, "Outdated verifiers that were used, by what became of them."},
		{"renewals_waiting", gauge, nil, "Outdated verifiers whose turn comes."},
	}
}
