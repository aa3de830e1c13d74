package tracing_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain looks for goroutines that are left. An exporter whose time to stop is over
// goes on for as long as it takes to write the spans that it has: on a busy machine that
// is longer than goleak waits by itself.
func TestMain(m *testing.M) {
	code := m.Run()
	err := goleak.Find()
	for deadline := time.Now().Add(30 * time.Second); err != nil && time.Now().Before(deadline); {
		err = goleak.Find()
	}
	if err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}
