package envoy

import (
	"math"

	"github.com/sallyport-authz/sallyport/authz"
)

func (v *view) walkRequest(w walker) bool {
	for f, ok := w.next(); ok; f, ok = w.next() {
		switch f.number {
		case 1:
			v.timed = true
			w.and(v.walkTime(w.message(f)))
		case 2:
			v.http = true
			w.and(v.walkHTTP(w.message(f)))
		default:
			w.usual = false
		}
	}
	return w.usual
}

func (v *view) walkTime(w walker) bool {
	for f, ok := w.next(); ok; f, ok = w.next() {
		switch f.number {
		case 1:
			v.seconds = int64(w.number(f, math.MaxInt64))
		case 2:
			v.nanos = int32(w.number(f, math.MaxInt32))
		default:
			w.usual = false
		}
	}
	return w.usual
}

func (v *view) walkHTTP(w walker) bool {
	for f, ok := w.next(); ok; f, ok = w.next() {
		switch f.number {
		case 3:
			w.and(v.walkJoined(w.entry(f)))
		case 9:
			v.asked.size = int64(w.number(f, math.MaxUint64))
		case 12:
			v.rawBody = w.opaque(f)
		case 13:
			w.and(v.walkRaw(w.message(f)))
		default:
			into := v.text(f)
			if into == nil {
				return false
			}
			*into = w.text(f)
		}
	}
	return w.usual
}

// text is where a field of the request belongs that is one text; nil is nowhere.
func (v *view) text(f field) *string {
	switch f.number {
	case 1:
		return &v.asked.id
	case 2:
		return &v.asked.method
	case 4:
		return &v.asked.path
	case 5:
		return &v.asked.host
	case 6:
		return &v.asked.scheme
	case 7:
		return &v.query
	case 8:
		return &v.fragment
	case 10:
		return &v.asked.protocol
	case 11:
		return &v.body
	default:
		return nil
	}
}

// usualHeaders is for how many headers room is made at first.
const usualHeaders = 32

// walkJoined reads an entry of headers.
func (v *view) walkJoined(w walker) bool {
	if v.joined == nil {
		v.joined = make([]authz.Header, 0, usualHeaders)
	}
	name, value := walkPair(&w)
	v.joined = append(v.joined, authz.Header{Name: name, Value: value})
	return w.usual
}

func (v *view) walkRaw(w walker) bool {
	v.raw = make([]rawHeader, 0, usualHeaders)
	for f, ok := w.next(); ok; f, ok = w.next() {
		if f.number != 1 {
			return false
		}
		w.and(v.walkRawHeader(w.entry(f)))
	}
	return w.usual
}

func (v *view) walkRawHeader(w walker) bool {
	var h rawHeader
	for f, ok := w.next(); ok; f, ok = w.next() {
		switch f.number {
		case 1:
			h.name = w.text(f)
		case 2:
			h.value = w.text(f)
		case 3:
			h.raw = string(w.opaque(f))
		default:
			w.usual = false
		}
	}
	v.raw = append(v.raw, h)
	return w.usual
}
