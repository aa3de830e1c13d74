package main

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/test/onekey"
)

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestRememberedKeepNoRequest: a tenant of one character, cut from a path of
// 60 kB, must not hold the path. The guard is owned in authz/owned.go.
func TestRememberedKeepNoRequest(t *testing.T) {
	p := ruled(t, `input.request.path == "nowhere"`)
	a, err := authz.NewAuthorizer(authz.Limits{InFlight: 64, Timeout: time.Minute, Margin: time.Millisecond}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	shelves, err := newShelves(32<<20, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shelves.close)
	if err := a.Remembering(shelves, &authz.Changes{}); err != nil {
		t.Fatal(err)
	}
	a.Swap(p.snapshot)
	before := heap()
	for i := range 200 {
		q := &authz.Request{Method: "GET", Secure: true, Host: "b.example", Path: fmt.Sprintf("/t/a?x=%d%s", i, strings.Repeat("y", 60_000))}
		q.Headers.List = []authz.Header{{Name: "x-api-key", Value: onekey.AnnKey}}
		if v := a.Check(t.Context(), &authz.Attributes{Request: q}); v.Effect != authz.Allow || v.Trail.Tenant != "a" {
			t.Fatalf("got %+v, want allowed", v)
		}
	}
	shelves.allows.Wait()
	held, taken := shelves.allows.Stats(), heap()-before
	t.Logf("%d verdicts, %d bytes by the cache's account, %d on the heap", held.Stored, held.Bytes, taken)
	if held.Stored < 100 || taken > 4<<20 {
		t.Error("the requests are kept with their verdicts")
	}
}
