package authz_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
)

// recorderFunc is a Recorder.
type recorderFunc func(authz.Event)

func (f recorderFunc) Record(e authz.Event) { f(e) }

// The guard is the defer in Recorders.Record.
func TestRecordersAllGetTheEvent(t *testing.T) {
	var got []string
	keep := recorderFunc(func(e authz.Event) { got = append(got, e.DecisionID) })
	broken := recorderFunc(func(authz.Event) { panic("disk on fire") })
	for _, c := range []struct {
		name   string
		all    authz.Recorders
		want   []string
		panics any
	}{
		{"none", nil, nil, nil},
		{"two", authz.Recorders{keep, keep}, []string{"d", "d"}, nil},
		{"first broken", authz.Recorders{broken, keep, keep}, []string{"d", "d"}, "disk on fire"},
		{"middle broken", authz.Recorders{keep, broken, keep}, []string{"d", "d"}, "disk on fire"},
		{"last broken", authz.Recorders{keep, broken}, []string{"d"}, "disk on fire"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got = nil
			defer func() {
				if r := recover(); r != c.panics {
					t.Errorf("panic %v, want %v", r, c.panics)
				}
				if diff := cmp.Diff(got, c.want); diff != "" {
					t.Errorf("recorded (-got +want):\n%s", diff)
				}
			}()
			c.all.Record(authz.Event{DecisionID: "d"})
		})
	}
}

func TestRecordersAllocateNothing(t *testing.T) {
	quiet := recorderFunc(func(authz.Event) {})
	all := authz.Recorders{quiet, quiet, quiet}
	event := authz.Event{DecisionID: "d"}
	if n := testing.AllocsPerRun(100, func() { all.Record(event) }); n != 0 {
		t.Errorf("%v allocations an event, want none", n)
	}
}
