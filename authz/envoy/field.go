package envoy

import (
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// field is one field of a message on the wire. It says where its bytes stand and
// holds no pointer, which would cost the collector more than the reading.
type field struct {
	number, from, to int
	kind             protowire.Type
	value            uint64
}

// walker goes through the fields of one message, which stands in frame from at
// to end. It is usual until it meets what a proxy's encoder does not write, and
// what was found until then means nothing. The frame is a copy: all texts that are
// found are cut from it, so that there is one allocation for all of them.
type walker struct {
	frame   string
	at, end int
	seen    uint32
	usual   bool
}

func newWalker(frame []byte) walker {
	return walker{frame: string(frame), end: len(frame), usual: true}
}

// mostFields is above every number that the messages read here have.
const mostFields = 31

// next gives the next field; false at the end, and where the message is not
// usual. Besides numbers and bytes nothing is usual.
func (w *walker) next() (field, bool) {
	if !w.usual || w.at == w.end {
		return field{}, false
	}
	tag := w.varint()
	f := field{number: int(tag >> 3 & mostFields), kind: protowire.Type(tag & 7), value: w.varint()}
	switch {
	case !w.usual || f.number == 0 || tag>>3 > mostFields:
		w.usual = false
	case f.kind == protowire.VarintType:
	case f.kind != protowire.BytesType || f.value > uint64(w.end-w.at):
		w.usual = false
	default:
		f.from = w.at
		w.at += int(f.value)
		f.to = w.at
	}
	return f, w.usual
}

// longestVarint is as many bytes as a number may have.
const longestVarint = 10

// varint reads a number. Most are of one byte.
func (w *walker) varint() uint64 {
	if w.at < w.end && w.frame[w.at] < 0x80 {
		w.at++
		return uint64(w.frame[w.at-1])
	}
	value, n := protowire.ConsumeVarint([]byte(w.frame[w.at:min(w.end, w.at+longestVarint)]))
	if n < 0 {
		w.usual = false
		return 0
	}
	w.at += n
	return value
}

// pair gives the two fields of a map's entry where it is written as nearly all
// are: key, then value, a short key. Otherwise nothing has been read.
func (w *walker) pair() (key, value field, plain bool) {
	const keyTag, valueTag, tagAndLength = 1<<3 | byte(protowire.BytesType), 2<<3 | byte(protowire.BytesType), 2
	from := w.at + tagAndLength
	if !w.usual || from > w.end || w.frame[w.at] != keyTag || w.frame[w.at+1] >= 0x80 {
		return field{}, field{}, false
	}
	key = field{number: 1, kind: protowire.BytesType, from: from, to: from + int(w.frame[w.at+1])}
	if key.to >= w.end || w.frame[key.to] != valueTag {
		return field{}, field{}, false
	}
	inner := walker{frame: w.frame, at: key.to + 1, end: w.end, usual: true}
	length := inner.varint()
	if !inner.usual || length != uint64(w.end-inner.at) {
		return field{}, field{}, false
	}
	w.at = w.end
	return key, field{number: 2, kind: protowire.BytesType, from: inner.at, to: w.end}, true
}

// once makes a second field of the number unusual: protobuf would merge the two,
// or take the last.
func (w *walker) once(f field) {
	bit := uint32(1) << (f.number & mostFields)
	w.usual = w.usual && w.seen&bit == 0
	w.seen |= bit
}

// text gives a field of text.
func (w *walker) text(f field) string {
	w.once(f)
	w.usual = w.usual && f.kind == protowire.BytesType && utf8.ValidString(w.frame[f.from:f.to])
	if !w.usual {
		return ""
	}
	return w.frame[f.from:f.to]
}

// opaque copies a field of bytes; an empty one is nil.
func (w *walker) opaque(f field) []byte {
	w.once(f)
	w.usual = w.usual && f.kind == protowire.BytesType
	if !w.usual || f.from == f.to {
		return nil
	}
	return []byte(w.frame[f.from:f.to])
}

// number gives a field that holds one, up to a bound.
func (w *walker) number(f field, most uint64) uint64 {
	w.once(f)
	if f.kind != protowire.VarintType || f.value > most {
		w.usual = false
		return 0
	}
	return f.value
}

// message gives a walker through a field that is a message of its own and stands
// here once.
func (w *walker) message(f field) walker {
	w.once(f)
	return w.entry(f)
}

// entry is message for what may stand here many times.
func (w *walker) entry(f field) walker {
	return walker{frame: w.frame, at: f.from, end: f.to, usual: f.kind == protowire.BytesType}
}

// and makes the message unusual where a part of it is.
func (w *walker) and(part bool) { w.usual = w.usual && part }
