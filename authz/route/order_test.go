package route_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz/route"
)

// TestOrderOfRulesNeverMatters is T-P7: for 100 random tables, each shuffled,
// 200 random paths a table (at least 10,000 in all) have one verdict, or neither order loads. Guards:
// addRule, and the fixed order of literal, parameter and tail in index.find.
func TestOrderOfRulesNeverMatters(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	loaded, matched := 0, 0
	for n := range 100 {
		declared := randomRules(random, 2+n%20)
		shuffled := slices.Clone(declared)
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		first, err := hostOf(declared)
		second, otherErr := hostOf(shuffled)
		if (err == nil) != (otherErr == nil) {
			t.Fatalf("load: %v in one order, %v in the other", err, otherErr)
		}
		if err != nil {
			continue
		}
		loaded++
		for range 200 {
			attributes := request(randomMethod(random), randomPath(random))
			got, want := verdict(t, second, attributes), verdict(t, first, attributes)
			if got != want {
				t.Fatalf("%s %s: %s, in another order %s", attributes.Request.Method, attributes.Request.Path, got, want)
			}
			if want != refused && want != "no route" {
				matched++
			}
		}
	}
	if loaded < 50 || matched < 1500 {
		t.Errorf("%d tables loaded and %d paths matched: too few to show anything", loaded, matched)
	}
}

// hostOf compiles the rules; a rule that stands there twice is refused.
func hostOf(declared []route.Rule) (*route.Table, error) {
	return route.New(route.Spec{Unknown: nothing("unknown"), Hosts: []route.Host{
		{Patterns: []string{"api.example"}, NoRoute: nothing("no route"), Rules: declared},
	}})
}

func randomRules(random *rand.Rand, count int) []route.Rule {
	var declared []route.Rule
	for range count {
		var template strings.Builder
		for i := range 1 + random.IntN(4) {
			template.WriteString("/")
			template.WriteString([]string{"a", "b", "c", "d", "e", fmt.Sprintf("{p%d}", i), fmt.Sprintf("{p%d}", i)}[random.IntN(7)])
		}
		template.WriteString([]string{"", "", "", "", "/", "/{rest...}"}[random.IntN(6)])
		method := randomMethod(random)
		declared = append(declared, route.Rule{
			Method: method, Template: template.String(), Route: operation(method + " " + template.String()),
		})
	}
	return declared
}

func randomMethod(random *rand.Rand) string {
	return []string{"GET", "HEAD", "POST", "*"}[random.IntN(4)]
}

func randomPath(random *rand.Rand) string {
	var path strings.Builder
	for range 1 + random.IntN(5) {
		path.WriteString("/")
		path.WriteString([]string{"a", "b", "c", "d", "e", "%61", "f", "%2e", ""}[random.IntN(9)])
	}
	return path.String()
}
