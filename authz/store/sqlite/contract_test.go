package sqlite_test

import (
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz/store/sqlite"
	"github.com/sallyport-authz/sallyport/authz/store/storetest"
)

// TestContract: the store keeps the contract of every engine, also over a restart.
func TestContract(t *testing.T) {
	storetest.Run(t, storetest.Suite{
		New: func(t testing.TB, now func() time.Time) storetest.Engine {
			t.Helper()
			s := settings(t, "")
			s.Now = now
			return &again{open(t, s), s}
		},
		Reopen: func(t testing.TB, ended storetest.Engine, now func() time.Time) storetest.Engine {
			t.Helper()
			before := ended.(*again)
			if err := before.Close(); err != nil {
				t.Fatalf("close: %v", err)
			}
			s := sqlite.Settings{Path: before.settings.Path, Now: now}
			return &again{open(t, s), s}
		},
	})
}

// again is a store that knows where it is.
type again struct {
	*sqlite.Store
	settings sqlite.Settings
}
