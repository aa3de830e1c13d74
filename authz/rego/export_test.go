package rego

import "context"

// Turns is what the tests see of the inside.
type Turns struct{ turns }

func NewTurns(most int) Turns { return Turns{make(turns, most)} }

func (t Turns) Take(ctx context.Context) error { return t.take(ctx) }

func (t Turns) Give() { t.give() }

// FillTurns takes every turn of a policy; the function gives them back.
func FillTurns(p *Policy) func() {
	for range cap(p.turns) {
		p.turns <- struct{}{}
	}
	return func() {
		for range cap(p.turns) {
			p.turns.give()
		}
	}
}
