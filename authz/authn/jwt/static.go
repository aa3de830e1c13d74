package jwt

import (
	"context"
	"time"
)

// Static are keys that do not change: those of a file, which a new snapshot
// reads anew.
type Static struct {
	name string
	set  *Set
}

var _ Source = (*Static)(nil)

// NewStatic gives keys by the name of their file.
func NewStatic(name string, set *Set) *Static { return &Static{name: name, set: set} }

// Set implements Source.
func (s *Static) Set() (*Set, time.Time, error) { return s.set, time.Time{}, nil }

// Refresh implements Source: there are no others.
func (*Static) Refresh(context.Context) {}

// Name implements Source.
func (s *Static) Name() string { return s.name }
