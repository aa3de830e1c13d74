package ops_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/ops"
)

func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func ago(d time.Duration) time.Time { return noon().Add(-d) }

// live is a process without parts, with a snapshot.
func live() ops.Sources {
	return ops.Sources{Load: func() authz.Load {
		return authz.Load{Generation: 3, Since: ago(90 * time.Second), InFlight: 2, Limit: 512, Shed: 7}
	}}
}

// whole is a process with every part.
func whole() ops.Sources {
	s := live()
	s.Draining = func() bool { return false }
	s.Listeners = func() []ops.Listener {
		return []ops.Listener{{"127.0.0.1:9191", false, true}, {"10.0.0.1:9191", true, true}}
	}
	s.Door = func() ops.Door { return ops.Door{Checks: 4, MostChecks: 1088, Bytes: 512, MostBytes: 1 << 30, Shed: 5} }
	s.Routes = func() []ops.Route {
		return []ops.Route{
			{ID: "orders", Operations: []string{"api GET /orders", "api POST /orders"}, Never: []string{"agent"}},
			{ID: "health", Operations: []string{"api GET /health"}, Forgotten: "its cache is off"},
		}
	}
	s.Reload = func() ops.Reload { return ops.Reload{Last: ago(time.Minute), Applied: 2, Refused: 1} }
	s.Cache = func() []ops.Shelf { return []ops.Shelf{{"allows", 10, 1, 2048, 4096}, {"denials", 3, 0, 128, 512}} }
	s.Keys = func() []ops.Keys { return []ops.Keys{{"staff", 2, ago(3 * time.Minute), 9, 1, ""}} }
	s.Records = func() ops.Records {
		return ops.Records{Written: 100, Dropped: 2, Errors: 1, Waiting: 3, Capacity: 4096}
	}
	s.Spans = func() ops.Spans { return ops.Spans{Exported: 50, Failed: 4, Dropped: 6, Waiting: 1, Capacity: 2048} }
	s.Secrets = func() ops.Secrets {
		return ops.Secrets{Runs: 31, Remembered: 32, Joined: 33, Refused: 34, Throttled: 35, Late: 36, Pending: 37, Known: 38}
	}
	s.Uses = func() ops.Uses { return ops.Uses{Dropped: 41, Failed: 42} }
	s.Renewals = func() ops.Renewals {
		return ops.Renewals{Renewed: 51, Overtaken: 52, Failed: 53, Dropped: 54, Waiting: 55}
	}
	return s
}

// process is a listener over sources, asked without a network.
type process struct {
	*ops.Metrics
	server *ops.Server
}

func begin(t testing.TB, s ops.Sources, hosts ...string) process {
	t.Helper()
	release := ops.Release{Version: "v1.2.3", Go: "go1.26"}
	metrics, err := ops.NewMetrics(s, release, noon)
	if err != nil {
		t.Fatal(err)
	}
	server, err := ops.New(ops.Settings{Metrics: metrics, Sources: s, Release: release, Hosts: hosts, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	return process{metrics, server}
}

func (p process) ask(method, host, path string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, http.NoBody)
	request.Host = host
	w := httptest.NewRecorder()
	p.server.Handler().ServeHTTP(w, request)
	return w
}

func (p process) get(path string) *httptest.ResponseRecorder {
	return p.ask(http.MethodGet, "localhost", path)
}

// families reads /metrics as Prometheus does.
func (p process) families(t testing.TB) map[string]*dto.MetricFamily {
	t.Helper()
	page := p.get("/metrics")
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(page.Body)
	if err != nil || page.Code != http.StatusOK {
		t.Fatalf("page %d: %v", page.Code, err)
	}
	return families
}

// sample is the value of one series, written as name{label="value",...} with the
// labels in alphabetic order; -1 is none.
func sample(families map[string]*dto.MetricFamily, series string) float64 {
	name, _, _ := strings.Cut(series, "{")
	for _, m := range families[name].GetMetric() {
		var labels []string
		for _, l := range m.GetLabel() {
			labels = append(labels, l.GetName()+`="`+l.GetValue()+`"`)
		}
		slices.Sort(labels)
		made := name
		if len(labels) > 0 {
			made += "{" + strings.Join(labels, ",") + "}"
		}
		if made == series {
			return m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return -1
}
