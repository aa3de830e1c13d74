package route_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/route"
)

// lookup is one request of a benchmark.
type lookup struct {
	method string
	path   route.Path
	want   *authz.Route
}

// grid makes a table of services x resources operations, all four segments
// deep, and 1,024 requests by a fixed seed over all of them.
func grid(tb testing.TB, services, resources int) (*route.Table, []lookup) {
	tb.Helper()
	host := route.Host{Name: "api", Patterns: []string{"api.example"}, NoRoute: nothing("api")}
	for s := range services {
		for r := range resources {
			template := fmt.Sprintf("/v1/service%04d/resource%04d/{id}", s, r)
			host.Rules = append(host.Rules, route.Rule{Method: "GET", Template: template, Route: operation("GET " + template)})
		}
	}
	table, err := route.New(route.Spec{Hosts: []route.Host{host}, Unknown: nothing("unknown")})
	if err != nil {
		tb.Fatalf("New: %v", err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	lookups := make([]lookup, 1024)
	for i := range lookups {
		s, r := random.IntN(services), random.IntN(resources)
		path, err := route.ParsePath(fmt.Sprintf("/v1/service%04d/resource%04d/%d", s, r, random.IntN(1e6)))
		if err != nil {
			tb.Fatalf("ParsePath: %v", err)
		}
		lookups[i] = lookup{"GET", path, host.Rules[s*resources+r].Route}
	}
	return table, lookups
}

func BenchmarkMatch100(b *testing.B)  { benchmarkMatch(b, 10, 10) }
func BenchmarkMatch100k(b *testing.B) { benchmarkMatch(b, 316, 317) }

func benchmarkMatch(b *testing.B, services, resources int) {
	table, lookups := grid(b, services, resources)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		l := &lookups[i%len(lookups)]
		if table.Lookup("api.example", l.method, &l.path) != l.want {
			b.Fatal("wrong route")
		}
	}
}

// BenchmarkMatchRatio reports how much longer a lookup among 100,172 routes
// takes than one among 100: the median of ten pairs of rounds.
func BenchmarkMatchRatio(b *testing.B) {
	small, few := grid(b, 10, 10)
	large, many := grid(b, 316, 317)
	for b.Loop() {
		var ratios []float64
		for range 10 {
			ratios = append(ratios, rounds(large, many).Seconds()/rounds(small, few).Seconds())
		}
		slices.Sort(ratios)
		b.ReportMetric((ratios[4]+ratios[5])/2, "100k/100")
	}
}

func rounds(table *route.Table, lookups []lookup) time.Duration {
	start := time.Now()
	for range 200 {
		for i := range lookups {
			table.Lookup("api.example", lookups[i].method, &lookups[i].path)
		}
	}
	return time.Since(start)
}

// The guard is in node.find and names.find: they cut, and never join or split.
func TestLookupDoesNotAllocate(t *testing.T) {
	table, lookups := grid(t, 10, 10)
	got := testing.AllocsPerRun(100, func() {
		for i := range lookups {
			if table.Lookup("api.example", lookups[i].method, &lookups[i].path) != lookups[i].want {
				t.Fatal("wrong route")
			}
		}
	})
	if got != 0 {
		t.Errorf("1,024 lookups allocate %v times, want 0", got)
	}
}
