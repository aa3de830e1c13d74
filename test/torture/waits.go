package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// waits are where goroutines of the program waited for each other, from the
// runtime's own profiles, every wait counted.
type waits struct {
	// blocked are stacks that waited, released those that others had waited for;
	// the innermost function is first.
	blocked, released [][]string
}

func (p *program) waits(ctx context.Context) (w waits, err error) {
	block, err := p.profile(ctx, "/block?debug=1")
	if err != nil {
		return waits{}, err
	}
	mutex, err := p.profile(ctx, "/mutex?debug=1")
	return waits{stacks(block), stacks(mutex)}, err
}

// stacks reads the text of a profile: a line with " @ " begins a stack, and each
// line of it is "#", an address, the function with an offset, and the place.
func stacks(text string) (all [][]string) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		switch {
		case strings.Contains(line, " @ "):
			all = append(all, nil)
		case len(fields) > 2 && fields[0] == "#" && len(all) > 0:
			function := fields[2]
			if offset := strings.LastIndexByte(function, '+'); offset > 0 {
				function = function[:offset]
			}
			all[len(all)-1] = append(all[len(all)-1], function)
		}
	}
	return all
}

// onCheck are functions that only stand on the way of a Check.
func onCheck() []string {
	return []string{"/authz/envoy.(*checks).", "/authz.(*Authorizer).Check", "/authz.(*Authorizer).await", "/authz.(*decision)."}
}

// onReload are functions that only stand on the way of a reload.
func onReload() []string {
	return []string{"/cmd/sallyport.(*reloader).", "/cmd/sallyport.source."}
}

// mayWait are the places where a Check waits: for its own message, for its own
// evaluation or one that it shares, for its turn among other Checks, and for a
// moment for the lists of these, for its connection's context, for whoever counts or
// records it, for a series that another Check begins and for tables that protobuf
// makes once. A lock among these that a reload holds is told all the same.
func mayWait() []string {
	return []string{
		"context.", "github.com/prometheus/client_golang", "google.golang.org/grpc", "golang.org/x/net/http2", "google.golang.org/protobuf",
		"github.com/dgraph-io/ristretto", "/authz.(*flights).",
		"/authz.(*Authorizer).together", "/authz.(*Authorizer).await", "/authz.(*decision).landing", "/authz/rego.turns.take",
		"/authz/ops.(*counts).", "/authz/decisionlog.", "/authz/tracing.", "/authz/uses.", "/cache.(*Store",
	}
}

// momentary are locks of the standard library's own lists, which whoever uses a
// pool for the first time on a processor takes for some instructions.
func momentary() []string { return []string{"sync.(*Pool).pinSlow", "sync.(*Pool).getSlow"} }

// judge holds every wait of a Check against the places where it may wait, and
// against the locks that a reload held. checked is how many waits of Checks were
// seen: none at all would show that the profile shows nothing.
func (w waits) judge() (checked int, err error) {
	held := map[string]bool{}
	for _, stack := range w.released {
		if anyOf(stack, onReload()) && !anyOf(stack, momentary()) {
			held[waitsAt(stack)] = true
		}
	}
	var errs []error
	for _, stack := range w.blocked {
		if !anyOf(stack, onCheck()) || anyOf(stack, momentary()) {
			continue
		}
		checked++
		at := waitsAt(stack)
		if !anyOf([]string{at}, mayWait()) || held[at] || anyOf(stack, onReload()) {
			errs = append(errs, fmt.Errorf("a Check waited at %s:\n\t%s", at, strings.Join(stack, "\n\t")))
		}
	}
	return checked, errors.Join(errs...)
}

// waitsAt is the function that waits, or that lets go.
func waitsAt(stack []string) string {
	for _, function := range stack {
		if !strings.HasPrefix(function, "sync.") && !strings.HasPrefix(function, "runtime.") && !strings.HasPrefix(function, "internal/") {
			return function
		}
	}
	return strings.Join(stack, " ")
}

func anyOf(stack, names []string) bool {
	return slices.ContainsFunc(stack, func(function string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return strings.Contains(function, name) })
	})
}
