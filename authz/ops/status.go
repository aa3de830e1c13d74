package ops

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// status is the page that a person reads when something is wrong: what is red
// comes first. A part that the process does not have is null.
type status struct {
	State readiness `json:"state"`
	// Red says in words what an operator should look at. Empty is all well.
	Red         []string       `json:"red"`
	Version     string         `json:"version"`
	Go          string         `json:"go"`
	Started     stamp          `json:"started"`
	Uptime      *span          `json:"uptime"`
	Snapshot    snapshotStatus `json:"snapshot"`
	Reload      *reloadStatus  `json:"reload"`
	Listeners   []listenerLine `json:"listeners"`
	Checks      checkStatus    `json:"checks"`
	Cache       *cacheStatus   `json:"cache"`
	Keys        []keyStatus    `json:"keys"`
	DecisionLog *recordStatus  `json:"decision_log"`
	Tracing     *tracingStatus `json:"tracing"`
	// Routes come last: there may be hundreds.
	Routes []routeStatus `json:"routes"`
}

type snapshotStatus struct {
	Generation uint64 `json:"generation"`
	Since      stamp  `json:"since"`
	Age        *span  `json:"age"`
}

type reloadStatus struct {
	Result       string   `json:"result"`
	Looked       stamp    `json:"looked"`
	Last         stamp    `json:"last"`
	FailingSince stamp    `json:"failing_since"`
	Problems     []string `json:"problems"`
	Restart      []string `json:"restart"`
	Applied      uint64   `json:"applied"`
	Refused      uint64   `json:"refused"`
}

type listenerLine struct {
	Address string `json:"address"`
	TLS     bool   `json:"tls"`
	Health  string `json:"health"`
}

type checkStatus struct {
	InFlight int         `json:"in_flight"`
	Limit    int         `json:"limit"`
	Shed     uint64      `json:"shed"`
	Door     *doorStatus `json:"door"`
}

type doorStatus struct {
	Checks     int    `json:"checks"`
	Limit      int    `json:"limit"`
	Bytes      int64  `json:"bytes"`
	LimitBytes int64  `json:"limit_bytes"`
	Shed       uint64 `json:"shed"`
}

type cacheStatus struct {
	Hits     uint64            `json:"hits"`
	Joined   uint64            `json:"joined"`
	Misses   map[string]uint64 `json:"misses"`
	HitRatio string            `json:"hit_ratio"`
	Shelves  []shelfStatus     `json:"shelves"`
}

type shelfStatus struct {
	Name     string `json:"name"`
	Stored   uint64 `json:"stored"`
	Dropped  uint64 `json:"dropped"`
	Bytes    int64  `json:"bytes"`
	Capacity int64  `json:"capacity"`
}

// routeStatus says what is remembered of a route and why not, and by what the
// cache had to do with them its Checks since the start.
type routeStatus struct {
	Route      string            `json:"route"`
	Operations []string          `json:"operations"`
	Remembered bool              `json:"remembered"`
	WhyNot     string            `json:"why_not"`
	NeverFor   []string          `json:"never_for"`
	Checks     map[string]uint64 `json:"checks"`
}

type keyStatus struct {
	Source      string `json:"source"`
	Count       int    `json:"count"`
	LastSuccess stamp  `json:"last_success"`
	Age         *span  `json:"age"`
	Fetches     uint64 `json:"fetches"`
	Failures    uint64 `json:"failures"`
	Problem     string `json:"problem"`
}

type recordStatus struct {
	Written  uint64 `json:"written"`
	Dropped  uint64 `json:"dropped"`
	Errors   uint64 `json:"errors"`
	Waiting  int    `json:"waiting"`
	Capacity int    `json:"capacity"`
}

type tracingStatus struct {
	Exported uint64 `json:"exported"`
	Failed   uint64 `json:"failed"`
	Dropped  uint64 `json:"dropped"`
	Waiting  int    `json:"waiting"`
	Capacity int    `json:"capacity"`
}

// stamp is a time as people read it; the zero time is null.
type stamp time.Time

// MarshalJSON implements json.Marshaler.
func (s stamp) MarshalJSON() ([]byte, error) {
	if time.Time(s).IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(time.Time(s).UTC().Format(time.RFC3339))
}

// span is a length of time as people read it.
type span time.Duration

func (s span) String() string { return time.Duration(s).Round(time.Second).String() }

// MarshalJSON implements json.Marshaler.
func (s span) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// since is null where nothing has happened yet.
func since(now, then time.Time) *span {
	if then.IsZero() {
		return nil
	}
	age := span(now.Sub(then))
	return &age
}

// hitRatio is the share of Checks that the cache was asked for and did not have
// to be decided.
func hitRatio(sums map[authz.CacheState]uint64) string {
	saved := sums[authz.CacheHit] + sums[authz.CacheJoined]
	asked := saved
	for _, miss := range misses() {
		asked += sums[miss.state]
	}
	if asked == 0 {
		return "none asked"
	}
	return fmt.Sprintf("%.1f%%", 100*float64(saved)/float64(asked))
}
