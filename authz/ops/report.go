package ops

import (
	"fmt"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// reporter writes a status from what the sources say at one moment.
type reporter struct {
	sources Sources
	counts  *counts
	release Release
	started time.Time
	now     func() time.Time
}

func (r reporter) report() status {
	now, load := r.now(), r.sources.Load()
	s := status{
		State: r.sources.readiness(), Version: r.release.Version, Go: r.release.Go,
		Started: stamp(r.started), Uptime: since(now, r.started),
		Snapshot:  snapshotStatus{load.Generation, stamp(load.Since), since(now, load.Since)},
		Reload:    r.reload(),
		Listeners: r.listeners(),
		Checks:    checkStatus{load.InFlight, load.Limit, load.Shed, r.door()},
		Cache:     r.cache(),
		Keys:      r.keys(now),
		Routes:    r.routes(),
	}
	if r.sources.Records != nil {
		from := r.sources.Records()
		s.DecisionLog = &recordStatus{from.Written, from.Dropped, from.Errors, from.Waiting, from.Capacity}
	}
	if r.sources.Spans != nil {
		from := r.sources.Spans()
		s.Tracing = &tracingStatus{from.Exported, from.Failed, from.Dropped, from.Waiting, from.Capacity}
	}
	s.Red = red(s)
	return s
}

// red says in one sentence each what is wrong now. What went wrong once and is
// over stands in the counters.
func red(s status) []string {
	words := []string{}
	if s.State != ready {
		words = append(words, fmt.Sprintf("not ready: %s", s.State))
	}
	if r := s.Reload; r != nil && r.Result == refused {
		words = append(words, fmt.Sprintf("files changed and were refused (%d problem(s)), since %s: generation %d stays live",
			len(r.Problems), time.Time(r.FailingSince).UTC().Format(time.RFC3339), s.Snapshot.Generation))
	}
	for _, k := range s.Keys {
		if k.Count == 0 {
			words = append(words, fmt.Sprintf("no keys of %s: its tokens cannot be verified", k.Source))
		} else if k.Problem != "" {
			words = append(words, fmt.Sprintf("keys of %s cannot be fetched: those of %s ago are in use", k.Source, k.Age))
		}
	}
	for _, l := range s.Listeners {
		if l.Health != serving && s.State == ready {
			words = append(words, fmt.Sprintf("health of %s says %s", l.Address, l.Health))
		}
	}
	return words
}

const (
	refused    = "refused"
	serving    = "SERVING"
	notServing = "NOT_SERVING"
)

func (r reporter) reload() *reloadStatus {
	if r.sources.Reload == nil {
		return nil
	}
	from := r.sources.Reload()
	result := "applied"
	switch {
	case !from.FailingSince.IsZero():
		result = refused
	case from.Last.IsZero():
		result = "none yet"
	}
	return &reloadStatus{
		Result: result, Looked: stamp(from.Looked), Last: stamp(from.Last), FailingSince: stamp(from.FailingSince),
		Problems: whole(from.Problems), Restart: whole(from.Restart), Applied: from.Applied, Refused: from.Refused,
	}
}

func (r reporter) listeners() []listenerLine {
	lines := []listenerLine{}
	if r.sources.Listeners == nil {
		return lines
	}
	for _, l := range r.sources.Listeners() {
		health := notServing
		if l.Serving {
			health = serving
		}
		lines = append(lines, listenerLine{l.Address, l.TLS, health})
	}
	return lines
}

func (r reporter) door() *doorStatus {
	if r.sources.Door == nil {
		return nil
	}
	from := r.sources.Door()
	return &doorStatus{from.Checks, from.MostChecks, from.Bytes, from.MostBytes, from.Shed}
}

func (r reporter) cache() *cacheStatus {
	if r.sources.Cache == nil {
		return nil
	}
	sums := r.counts.byState()
	c := &cacheStatus{
		Hits: sums[authz.CacheHit], Joined: sums[authz.CacheJoined], HitRatio: hitRatio(sums),
		Misses: map[string]uint64{}, Shelves: []shelfStatus{},
	}
	for _, miss := range misses() {
		c.Misses[miss.cause] = sums[miss.state]
	}
	for _, from := range r.sources.Cache() {
		c.Shelves = append(c.Shelves, shelfStatus(from))
	}
	return c
}

func (r reporter) routes() []routeStatus {
	lines := []routeStatus{}
	if r.sources.Routes == nil {
		return lines
	}
	for _, from := range r.sources.Routes() {
		lines = append(lines, routeStatus{
			from.ID, whole(from.Operations), from.Forgotten == "", from.Forgotten, whole(from.Never), r.counts.ofRoute(from.ID),
		})
	}
	return lines
}

func (r reporter) keys(now time.Time) []keyStatus {
	lines := []keyStatus{}
	if r.sources.Keys == nil {
		return lines
	}
	for _, from := range r.sources.Keys() {
		lines = append(lines, keyStatus{
			from.Source, from.Count, stamp(from.Loaded), since(now, from.Loaded), from.Fetches, from.Failures,
			strings.ToValidUTF8(from.Problem, "?"),
		})
	}
	return lines
}

// whole is never nil, so that no list is null.
func whole(lines []string) []string { return append([]string{}, lines...) }
