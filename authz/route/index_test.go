package route_test

import (
	"fmt"
	"testing"

	"github.com/sallyport-authz/sallyport/authz/route"
)

// A literal is compared by its text, not by its hash alone. Guard: the text in
// index.literal; without it one in 256 unknown names is taken for a known one.
func TestUnknownLiteralsMatchNothing(t *testing.T) {
	table, _ := grid(t, 1, 5000)
	for i := range 50_000 {
		path, err := route.ParsePath(fmt.Sprintf("/v1/service0000/unknown%d/7", i))
		if err != nil {
			t.Fatalf("ParsePath: %v", err)
		}
		if got := table.Lookup("api.example", "GET", &path); got != nil {
			t.Fatalf("unknown%d matches %s", i, got.ID)
		}
	}
}

// A literal leads on only from where it was declared. Guard: from in
// index.literal; without it one service's resource is taken for another's.
func TestLiteralsBelongToTheirPlace(t *testing.T) {
	var declared []string
	for s := range 200 {
		for r := range 64 {
			if s%2 == 0 {
				declared = append(declared, fmt.Sprintf("/service%d/resource%d", s, r))
			}
		}
		declared = append(declared, fmt.Sprintf("/service%d/own", s))
	}
	table := oneHost(t, get(declared...)...)
	for s := 1; s < 200; s += 2 {
		for r := range 64 {
			path, err := route.ParsePath(fmt.Sprintf("/service%d/resource%d", s, r))
			if err != nil {
				t.Fatalf("ParsePath: %v", err)
			}
			if got := table.Lookup("api.example", "GET", &path); got != nil {
				t.Fatalf("service%d/resource%d matches %s", s, r, got.ID)
			}
		}
	}
}
