package system_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// metered is traffic whose outcome is known.
type metered struct {
	call   call
	times  int
	status int
	series string
}

// TestMetricsTellTheTruth: what was asked through Envoy is what /metrics says, by
// route, effect and reason, and what the cache says adds up to it.
func TestMetricsTellTheTruth(t *testing.T) {
	w := beginCommerce(t).world
	traffic := []metered{
		{get(shop, "/v1/products"), 7, 200, `effect="allow",reason="none",route="GET /v1/products"`},
		{get(shop, "/v1/products/shirt"), 3, 200, `effect="allow",reason="none",route="GET /v1/products/{id}"`},
		{get(shop, "/v1/products/hat"), 2, 200, `effect="allow",reason="none",route="GET /v1/products/{id}"`},
		{get(shop, "/v1/admin/stats"), 4, 403, `effect="deny",reason="scope",route="GET /v1/admin/stats"`},
		{get(apiHost, "/v1/products"), 5, 401, `effect="deny",reason="unauthenticated",route="GET /v1/products"`},
		{get(apiHost, "/v1/products", key("pk_wrong")), 2, 401, `effect="deny",reason="rejected",route="GET /v1/products"`},
		{get(shop, "/nowhere/at/all"), 3, 403, `effect="deny",reason="no_route",route="unknown"`},
		{get(shop, "/v1/products?a=%zz"), 1, 400, `effect="deny",reason="malformed",route="unknown"`},
	}
	want, total := map[string]float64{}, 0.0
	for _, s := range traffic {
		for range s.times {
			if got := w.ask(t, api, s.call); got.status != s.status {
				t.Fatalf("%s %s: got %d, want %d", s.call.host, s.call.path, got.status, s.status)
			}
		}
		want[s.series] += float64(s.times)
		total += float64(s.times)
	}
	metrics, err := w.sallyport.Metrics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, timed := map[string]float64{}, 0.0
	for series, value := range metrics {
		if found := regexp.MustCompile(`^sallyport_checks_total\{cache="\w+",(.*)\}$`).FindStringSubmatch(series); found != nil {
			got[found[1]] += value
		}
		if regexp.MustCompile(`^sallyport_check_duration_seconds_count\{`).MatchString(series) {
			timed += value
		}
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("Checks (-counted +sent):\n%s", diff)
	}
	if timed != total {
		t.Errorf("%v Checks timed, want %v", timed, total)
	}
	cacheAddsUp(t, metrics)
	statusAgrees(t, w, metrics)
}

// cacheAddsUp: of the allows of one key, all but the first are hits.
func cacheAddsUp(t *testing.T, metrics map[string]float64) {
	t.Helper()
	hit := metrics[`sallyport_checks_total{cache="hit",effect="allow",reason="none",route="GET /v1/products"}`]
	miss := metrics[`sallyport_checks_total{cache="miss",effect="allow",reason="none",route="GET /v1/products"}`]
	if hit+miss != 7 || hit < 5 {
		t.Errorf("%v hits and %v misses of 7 equal Checks", hit, miss)
	}
	if got := metrics["sallyport_cache_hits_total"]; got < hit+1 {
		t.Errorf("%v hits in all, %v on one route", got, hit)
	}
}

func statusAgrees(t *testing.T, w *world, metrics map[string]float64) {
	t.Helper()
	var status struct {
		State  string
		Red    []string
		Cache  struct{ Hits float64 }
		Routes []struct {
			Route      string
			Remembered bool
			Checks     map[string]float64
		}
		Log struct{ Written, Dropped, Waiting float64 } `json:"decision_log"`
	}
	if err := w.sallyport.Status(t.Context(), &status); err != nil {
		t.Fatal(err)
	}
	if status.State != "ready" || len(status.Red) > 0 || status.Cache.Hits != metrics["sallyport_cache_hits_total"] {
		t.Errorf("status %+v does not agree with the metrics", status)
	}
	matched := 0.0
	for _, r := range status.Routes {
		for state, n := range r.Checks {
			matched += n
			if got := sum(metrics, fmt.Sprintf(`sallyport_checks_total{cache="%s",`, state), fmt.Sprintf(`route=%q}`, r.Route)); got != n || !r.Remembered {
				t.Errorf("%s, %s: %v Checks by status, %v by metrics; remembered %t", r.Route, state, n, got, r.Remembered)
			}
		}
	}
	if matched != 27-4 {
		t.Errorf("status tells of %v Checks by route, want all but the four that matched none", matched)
	}
	if recorded := status.Log.Written + status.Log.Waiting; recorded != 27 || status.Log.Dropped != 0 {
		t.Errorf("%v records of 27 Checks, %v dropped", recorded, status.Log.Dropped)
	}
	for path, want := range map[string]string{"/livez": "200 alive\n", "/readyz": "200 ready\n"} {
		code, body, err := w.sallyport.Page(t.Context(), path)
		if got := fmt.Sprintf("%d %s", code, body); err != nil || got != want {
			t.Errorf("%s: got %s, %v", path, got, err)
		}
	}
}

// sum adds the series that begin and end so.
func sum(metrics map[string]float64, begin, end string) float64 {
	total := 0.0
	for series, value := range metrics {
		if strings.HasPrefix(series, begin) && strings.HasSuffix(series, end) {
			total += value
		}
	}
	return total
}
