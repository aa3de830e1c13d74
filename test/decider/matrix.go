package decider

import (
	"math/rand/v2"
)

// How many cases there are of each sort: T-M8 (a) under each layout, (b) in both
// encodings, (c) in both, and what is drawn.
const (
	states      = 6
	ownCases    = 3 * states * states * states * states * states * states
	sharedCases = 3 * 2 * (1 + 4*(states-1)) * states * states
	pairCases   = 2 * 1000
	drawnCases  = 53_496
	// Cases is how many there are.
	Cases = ownCases + sharedCases + pairCases + drawnCases
	// stride goes through all of them so that each stretch has some of each sort. It
	// has no divisor in common with Cases.
	stride = 77_777
)

// Numbered gives what makes the request of a case.
func (w *World) Numbered(number uint64) func(*rand.Rand) (Request, error) {
	n := number % Cases * stride % Cases
	switch {
	case n < ownCases:
		return w.cell(ownCase(n))
	case n < ownCases+sharedCases:
		return w.cell(sharedCase(n - ownCases))
	case n < ownCases+sharedCases+pairCases:
		return w.drawPair
	default:
		return w.Draw
	}
}

func (w *World) cell(c Case) func(*rand.Rand) (Request, error) {
	return func(r *rand.Rand) (Request, error) { return w.Request(c, r) }
}

// digits takes the lowest digit of a number to a base.
type digits uint64

func (d *digits) next(base uint64) int {
	lowest := uint64(*d) % base
	*d = digits(uint64(*d) / base)
	return int(lowest)
}

// ownCase is a cell of T-M8 (a): every kind has a place of its own.
func ownCase(n uint64) Case {
	d := digits(n)
	c := Case{Block: OwnBlock, Route: Layouts()[d.next(3)], States: map[string]State{}, Joined: n/2%2 == 0}
	for _, kind := range secretKinds() {
		c.States[kind] = State(d.next(states))
	}
	return c
}

// sharedCase is a cell of T-M8 (b): of the four that share a place one is there, or none.
func sharedCase(n uint64) Case {
	d := digits(n)
	c := Case{Block: SharedBlock, Route: Layouts()[d.next(3)], States: map[string]State{}, Joined: d.next(2) == 0}
	for _, kind := range []string{KindKey, KindSession} {
		c.States[kind] = State(d.next(states))
	}
	if there := d.next(1 + 4*(states-1)); there > 0 {
		c.States[secretKinds()[(there-1)/(states-1)]] = State(1 + (there-1)%(states-1))
	}
	return c
}

// drawPair is T-M8 (c): two lines of Authorization, of whatever worth, and anything
// beside them.
func (w *World) drawPair(r *rand.Rand) (Request, error) {
	q, err := w.Draw(r)
	if err != nil {
		return Request{}, err
	}
	var lines []Header
	for range 2 {
		line, err := w.line(&q, Authorization, r)
		if err != nil {
			return Request{}, err
		}
		lines = append(lines, line)
	}
	for _, h := range q.Headers {
		if h.Name != Authorization.Name {
			lines = append(lines, h)
		}
	}
	q.Joined = r.IntN(2) == 0
	q.Headers = arriving(lines, q.Joined, r.IntN(2) == 0)
	return q, nil
}
