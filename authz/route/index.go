package route

import (
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"unique"
)

// index is a finished tree laid out in few arrays, so that a lookup among a
// hundred thousand routes touches little memory. Place 0 is the root.
type index struct {
	places []place
	rules  []rule
	// edges is an open hash table of the literals; its length is a power of
	// two, and half of it at least is free.
	edges []edge
	// texts holds every literal once.
	texts string
	seed  maphash.Seed
}

// place is a node: the place behind a parameter, and two runs of rules.
type place struct {
	param      uint32
	ends, tail run
}

// run is a part of index.rules.
type run struct{ from, to uint32 }

// edge leads from one place over a literal to another; to is 0 in a free one.
type edge struct {
	from, to uint32
	// text is where the literal stands in index.texts.
	text uint32
	size uint16
	// tag is a part of the text's hash.
	tag uint8
}

// literals gathers the edges and their texts while a tree is laid out.
type literals struct {
	edges []edge
	texts strings.Builder
	known map[string]uint32
}

func newIndex(root *node) *index {
	x := &index{seed: maphash.MakeSeed()}
	found := &literals{known: map[string]uint32{}}
	x.lay(root, found)
	x.texts = found.texts.String()
	size := 1
	for size < 2*len(found.edges)+1 {
		size *= 2
	}
	x.edges = make([]edge, size)
	for _, e := range found.edges {
		hash := x.hash(x.text(e))
		at := x.slot(mix(hash, e.from))
		for x.edges[at].to != 0 {
			at = x.slot(at + 1)
		}
		e.tag = tag(hash)
		x.edges[at] = e
	}
	return x
}

// lay gives the node and all below it their places, what is used together side
// by side.
func (x *index) lay(n *node, found *literals) {
	at := len(x.places)
	x.places = append(x.places, place{ends: x.run(n.ends), tail: x.run(n.tail)})
	if n.param != nil {
		x.places[at].param = uint32(len(x.places))
		x.lay(n.param, found)
	}
	for _, text := range slices.Sorted(maps.Keys(n.literals)) {
		found.add(uint32(at), uint32(len(x.places)), text)
		x.lay(n.literals[text], found)
	}
}

func (x *index) run(rules []rule) run {
	from := uint32(len(x.rules))
	for _, r := range rules {
		r.method = unique.Make(r.method).Value()
		x.rules = append(x.rules, r)
	}
	return run{from, uint32(len(x.rules))}
}

// add notes an edge. Its text is no longer than longestPath, as parseTemplate
// makes sure.
func (l *literals) add(from, to uint32, text string) {
	at, ok := l.known[text]
	if !ok {
		at = uint32(l.texts.Len())
		l.known[text] = at
		l.texts.WriteString(text)
	}
	l.edges = append(l.edges, edge{from: from, to: to, text: at, size: uint16(len(text))})
}

func (x *index) text(e edge) string { return x.texts[e.text : e.text+uint32(e.size)] }

func (x *index) hash(text string) uint64 { return maphash.String(x.seed, text) }

// mix spreads the edges of one text, which may stand at every place.
func mix(hash uint64, from uint32) uint64 {
	h := (hash ^ uint64(from)) * 0x9e3779b97f4a7c15
	return h ^ h>>32
}

func (x *index) slot(hash uint64) uint64 { return hash & uint64(len(x.edges)-1) }

func tag(hash uint64) uint8 { return uint8(hash >> 56) }

// literal gives the place behind a literal, or 0. Tags only save comparisons:
// place and text decide.
func (x *index) literal(from uint32, text string) uint32 {
	hash := x.hash(text)
	for at := x.slot(mix(hash, from)); x.edges[at].to != 0; at = x.slot(at + 1) {
		e := x.edges[at]
		if e.tag == tag(hash) && e.from == from && x.text(e) == text {
			return e.to
		}
	}
	return 0
}

// find gives the rule for the segments and the method, or nil. A literal comes
// before a parameter, a parameter before a tail, and a path that has no rule for
// the method is as good as none, so that the search goes on. It visits each
// place once at most.
func (x *index) find(at uint32, segments []string, method string) *rule {
	here := &x.places[at]
	if len(segments) == 0 {
		return x.pick(here.ends, method)
	}
	first, rest := segments[0], segments[1:]
	if to := x.literal(at, first); to != 0 {
		if r := x.find(to, rest, method); r != nil {
			return r
		}
	}
	if first == "" {
		return nil
	}
	if here.param != 0 {
		if r := x.find(here.param, rest, method); r != nil {
			return r
		}
	}
	return x.pick(here.tail, method)
}

// pick chooses among the rules of one path: the method itself, then GET for
// HEAD (RFC 9110 section 9.3.2), then any method.
func (x *index) pick(among run, method string) *rule {
	var fallback *rule
	for i := among.from; i < among.to; i++ {
		r := &x.rules[i]
		switch {
		case r.method == method:
			return r
		case method == "HEAD" && r.method == "GET":
			fallback = r
		case r.method == anyMethod && fallback == nil:
			fallback = r
		default:
			continue
		}
	}
	return fallback
}
