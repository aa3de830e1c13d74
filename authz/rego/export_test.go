package rego

import (
	"context"
	"time"
)

// Turns is what the tests see of the inside.
type Turns struct{ turns }

func NewTurns(most int, longest time.Duration) Turns {
	return Turns{turns{make(chan struct{}, most), longest}}
}

func (t Turns) Take(ctx context.Context) error { return t.take(ctx) }

func (t Turns) Give() { t.give() }

// LongestQueue is how long an evaluation waits for a turn at most.
func LongestQueue(p *Policy) time.Duration { return p.turns.longest }

// FillTurns takes every turn of a policy; the function gives them back.
func FillTurns(p *Policy) func() {
	for range cap(p.turns.free) {
		p.turns.free <- struct{}{}
	}
	return func() {
		for range cap(p.turns.free) {
			p.turns.give()
		}
	}
}
