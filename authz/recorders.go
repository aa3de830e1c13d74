package authz

// Recorders hands every event to each of them in order. One that panics keeps
// no other from its event; its panic goes on when all are done, so that an
// answer which could not be recorded is still no answer.
type Recorders []Recorder

var _ Recorder = Recorders(nil)

// Record implements Recorder.
func (all Recorders) Record(e Event) {
	if len(all) == 0 {
		return
	}
	defer all[1:].Record(e)
	all[0].Record(e)
}
