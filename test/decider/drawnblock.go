package decider

import (
	"math/rand/v2"
	"strconv"
)

// The size of what is drawn.
const (
	drawnBlocks = 8
	drawnRoutes = 8
)

// DrawBlocks draws host blocks: who is known there, in which places, what a bad
// credential leads to, and routes with groups in any order.
func DrawBlocks(r *rand.Rand) []*Block {
	var all []*Block
	for i := range drawnBlocks {
		b := &Block{Name: "drawn" + strconv.Itoa(i)}
		for _, kind := range drawnKinds() {
			if r.IntN(4) > 0 {
				b.Authenticators = append(b.Authenticators, drawAuthenticator(r, b, kind))
			}
		}
		if r.IntN(4) > 0 {
			b.Authenticators = append(b.Authenticators, &Authenticator{Name: b.Name + "-host", Kind: Host})
		}
		b.Authenticators = append(b.Authenticators, &Authenticator{Name: b.Name + "-guest", Kind: Anonymous})
		for i := range drawnRoutes {
			b.Routes = append(b.Routes, drawRoute(r, b, "/route"+strconv.Itoa(i)))
		}
		all = append(all, b)
	}
	return all
}

func drawnKinds() []string { return append(secretKinds(), KindAsked) }

func drawAuthenticator(r *rand.Rand, b *Block, kind string) *Authenticator {
	place := ownPlace(kind)
	if r.IntN(2) == 0 {
		place = sharedPlace(kind)
	}
	if kind == KindKey && r.IntN(3) == 0 {
		place = Authorization // as a bearer of any other form
	}
	a := Known(b.Name+"-"+kind, kind, place)
	a.Next, a.Down = r.IntN(3) == 0, kind == KindJWT && r.IntN(3) == 0
	return a
}

// drawRoute takes some of the block's authenticators and cuts them into groups.
// Anonymous stands in the last one, if at all: it is never absent.
func drawRoute(r *rand.Rand, b *Block, path string) *Route {
	route := &Route{
		Path:            path,
		IgnoreUnclaimed: r.IntN(3) == 0, IgnoreHeaders: r.IntN(3) == 0, RefuseCookies: r.IntN(3) == 0, Malformed400: r.IntN(3) == 0,
	}
	guest := b.of(Anonymous)
	for _, i := range r.Perm(len(b.Authenticators)) {
		a := b.Authenticators[i]
		last := len(route.Accept) - 1
		switch {
		case a == guest || r.IntN(5) == 0:
		case last < 0 || r.IntN(2) == 0:
			route.Accept = append(route.Accept, []*Authenticator{a})
		default:
			route.Accept[last] = append(route.Accept[last], a)
		}
	}
	if len(route.Accept) == 0 || r.IntN(4) == 0 {
		route.Accept = append(route.Accept, []*Authenticator{guest})
	}
	return route
}
