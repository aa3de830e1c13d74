package system_test

import (
	"testing"
	"time"
)

// keysStatus is what operators see of one issuer's keys.
type keysStatus struct {
	Source            string
	Count             int
	LastSuccess       time.Time `json:"last_success"`
	Fetches, Failures float64
	Problem           string
}

// keysTold is what /status says of the only issuer.
func keysTold(t *testing.T, w *world) keysStatus {
	t.Helper()
	var status struct{ Keys []keysStatus }
	if err := w.sallyport.Status(t.Context(), &status); err != nil {
		t.Fatal(err)
	}
	if len(status.Keys) != 1 {
		t.Fatalf("status tells of keys %+v, want those of one issuer", status.Keys)
	}
	return status.Keys[0]
}

// untilKeys waits until /status says so of the only issuer's keys.
func (w *world) untilKeys(t *testing.T, so func(keysStatus) bool) keysStatus {
	t.Helper()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		k := keysTold(t, w)
		if so(k) {
			return k
		}
		if time.Since(began) > leastInterval+slack {
			t.Fatalf("status still tells of keys %+v", k)
		}
	}
}
