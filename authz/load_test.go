package authz_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
)

// TestLoad: since when is told by the clock of the swap, not by who asks.
func TestLoad(t *testing.T) {
	now := noon()
	a, err := authz.NewAuthorizer(authz.Limits{InFlight: 3, Timeout: time.Second, Margin: time.Millisecond}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	compare := func(want authz.Load) {
		t.Helper()
		if diff := cmp.Diff(a.Load(), want); diff != "" {
			t.Errorf("load (-got +want):\n%s", diff)
		}
	}
	compare(authz.Load{Limit: 3})
	a.Swap(authz.NewSnapshot(authz.Snapshot{Generation: 7}))
	now = now.Add(time.Hour)
	compare(authz.Load{Generation: 7, Since: noon(), Limit: 3})
	a.Swap(authz.NewSnapshot(authz.Snapshot{Generation: 8}))
	compare(authz.Load{Generation: 8, Since: noon().Add(time.Hour), Limit: 3})
}
