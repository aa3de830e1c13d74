package storetest_test

import (
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz/store/storetest"
)

// memorySuite is what Memory passes. Opening it again gives the same one.
func memorySuite() storetest.Suite {
	return storetest.Suite{
		New: func(_ testing.TB, now func() time.Time) storetest.Engine { return storetest.NewMemory(now) },
		Reopen: func(_ testing.TB, ended storetest.Engine, _ func() time.Time) storetest.Engine {
			return ended
		},
	}
}

func TestMemory(t *testing.T) { storetest.Run(t, memorySuite()) }
