package envoy

import (
	"math"
	"slices"
	"strings"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/sallyport-authz/sallyport/authz"
)

// walk reads a CheckRequest of the usual shape: the fields that proxies send,
// each where and as often as an encoder writes it. For anything else it gives
// false, and what it gives then means nothing.
func walk(message []byte) (v view, usual bool) {
	w := newWalker(message)
	for f, ok := w.next(); ok; f, ok = w.next() {
		if f.number != 1 {
			return v, false
		}
		w.and(v.walkContext(w.message(f)))
	}
	return v, w.usual && v.sorted()
}

// sorted brings the joined headers into an order that means nothing, since that
// of a map has none. A name that is there twice is unusual: the last would count.
func (v *view) sorted() bool {
	slices.SortFunc(v.joined, func(a, b authz.Header) int { return strings.Compare(a.Name, b.Name) })
	for i := 1; i < len(v.joined); i++ {
		if v.joined[i].Name == v.joined[i-1].Name {
			return false
		}
	}
	return true
}

func (v *view) walkContext(w walker) bool {
	for f, ok := w.next(); ok; f, ok = w.next() {
		switch f.number {
		case 1:
			w.and(v.source.walk(w.message(f)))
		case 2:
			w.and(v.destination.walk(w.message(f)))
		case 4:
			v.request = true
			w.and(v.walkRequest(w.message(f)))
		case 10:
			w.and(v.walkExtension(w.entry(f)))
		case 11:
			v.metadata = walkMetadata(&w, f)
		case 12:
			w.and(v.walkSession(w.message(f)))
		case 13:
			v.routeMetadata = walkMetadata(&w, f)
		default:
			w.usual = false
		}
	}
	return w.usual
}

// walk reads a peer. Other addresses than sockets are rare enough for protobuf.
func (e *end) walk(w walker) bool {
	e.there = true
	for f, ok := w.next(); ok; f, ok = w.next() {
		switch f.number {
		case 1:
			w.and(e.walkAddress(w.message(f)))
		case 2:
			e.service = w.text(f)
		case 4:
			e.peer.Principal = w.text(f)
		case 5:
			e.peer.Certificate = w.text(f)
		default:
			w.usual = false
		}
	}
	return w.usual
}

func (e *end) walkAddress(w walker) bool {
	for f, ok := w.next(); ok; f, ok = w.next() {
		if f.number != 1 {
			return false
		}
		w.and(e.walkSocket(w.message(f)))
	}
	return w.usual
}

func (e *end) walkSocket(w walker) bool {
	for f, ok := w.next(); ok; f, ok = w.next() {
		switch f.number {
		case 1: // TCP or UDP, which nobody asks about
			_ = w.number(f, math.MaxInt32)
		case 2:
			e.peer.Address = w.text(f)
		case 3:
			e.peer.Port = uint32(w.number(f, math.MaxUint32))
		default:
			w.usual = false
		}
	}
	return w.usual
}

func (v *view) walkSession(w walker) bool {
	for f, ok := w.next(); ok; f, ok = w.next() {
		if f.number != 1 {
			return false
		}
		v.sni = w.text(f)
	}
	return w.usual
}

func (v *view) walkExtension(w walker) bool {
	name, value := walkPair(&w)
	if _, again := v.extensions[name]; again {
		return false
	}
	if v.extensions == nil {
		v.extensions = map[string]string{}
	}
	v.extensions[name] = value
	return w.usual
}

// walkPair reads an entry of a map of texts.
func walkPair(w *walker) (name, value string) {
	if f, g, plain := w.pair(); plain {
		return w.text(f), w.text(g)
	}
	for f, ok := w.next(); ok; f, ok = w.next() {
		switch f.number {
		case 1:
			name = w.text(f)
		case 2:
			value = w.text(f)
		default:
			w.usual = false
		}
	}
	return name, value
}

// metadataDepth is how many messages metadata lies in: as deep as it may be
// there, and no deeper.
const metadataDepth = 2

// walkMetadata leaves to protobuf what is not empty: few proxies send any.
func walkMetadata(w *walker, f field) map[string]any {
	from := w.opaque(f)
	if len(from) == 0 {
		return nil
	}
	var metadata corev3.Metadata
	limits := proto.UnmarshalOptions{RecursionLimit: protowire.DefaultRecursionLimit - metadataDepth}
	if limits.Unmarshal(from, &metadata) != nil {
		w.usual = false
		return nil
	}
	return namespaces(&metadata)
}
