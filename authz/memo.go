package authz

import "sync/atomic"

// Memo is where the room that writes answers keeps what it made of a remembered
// verdict, so that the next equal answer costs only what differs. It begins
// empty, lives as long as the verdict does, and is safe for parallel use. A nil
// Memo, which every verdict has that is not remembered, stays empty.
type Memo struct{ made atomic.Pointer[any] }

// Load gives what was kept, or nil.
func (m *Memo) Load() any {
	if m == nil {
		return nil
	}
	if made := m.made.Load(); made != nil {
		return *made
	}
	return nil
}

// Keep replaces what was kept. What is kept must never change.
func (m *Memo) Keep(made any) {
	if m != nil {
		m.made.Store(&made)
	}
}
