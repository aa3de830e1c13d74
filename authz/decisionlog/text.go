package decisionlog

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// text is JSON in the making. Its methods add to the end; the names of members
// are our own and are written as they are.
type text []byte

// open begins an object or a list, close ends it.
func (t *text) open(name string, bracket byte) {
	t.name(name)
	*t = append(*t, bracket)
}

func (t *text) close(bracket byte) { *t = append(*t, bracket) }

// name begins a member. In a list there is none: "".
func (t *text) name(name string) {
	t.next()
	if name != "" {
		*t = append(*t, '"')
		*t = append(*t, name...)
		*t = append(*t, '"', ':')
	}
}

// key begins a member whose name is somebody else's.
func (t *text) key(name string) {
	t.next()
	t.quote(name)
	*t = append(*t, ':')
}

// next puts the comma before all but the first of an object or a list. What
// stands behind a name or in a new line is a first one too.
func (t *text) next() {
	if n := len(*t); n > 0 {
		switch (*t)[n-1] {
		case '{', '[', ':', '\n':
		default:
			*t = append(*t, ',')
		}
	}
}

func (t *text) string(name, value string) {
	t.name(name)
	t.quote(value)
}

// filled leaves an empty value out.
func (t *text) filled(name, value string) {
	if value != "" {
		t.string(name, value)
	}
}

func (t *text) bool(name string, value bool) {
	t.name(name)
	*t = strconv.AppendBool(*t, value)
}

func (t *text) int(name string, value int64) {
	t.name(name)
	*t = strconv.AppendInt(*t, value, 10)
}

func (t *text) uint(name string, value uint64) {
	t.name(name)
	*t = strconv.AppendUint(*t, value, 10)
}

func (t *text) null(name string) {
	t.name(name)
	*t = append(*t, "null"...)
}

func (t *text) list(name string, values []string) {
	t.open(name, '[')
	for _, value := range values {
		t.string("", value)
	}
	t.close(']')
}

// quote writes a string as encoding/json does, and escapes what that leaves
// alone and terminals may obey or readers may mistake: DEL, C1 controls,
// direction marks, invisible characters. Bytes that are not UTF-8 are U+FFFD.
func (t *text) quote(value string) {
	out := append(*t, '"')
	start := 0
	for i := 0; i < len(value); {
		if c := value[i]; c < utf8.RuneSelf {
			if !plain(c) {
				out = append(out, value[start:i]...)
				out = appendEscaped(out, c)
				start = i + 1
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(value[i:])
		if r == utf8.RuneError && size == 1 || invisible(r) {
			out = append(out, value[start:i]...)
			out = appendUnicode(out, r)
			start = i + size
		}
		i += size
	}
	*t = append(append(out, value[start:]...), '"')
}

// printable escapes in JSON what quote escapes beyond encoding/json. Such
// characters only stand within strings, where \u is the same.
func printable(encoded []byte) []byte {
	if !bytes.ContainsFunc(encoded, invisible) {
		return encoded
	}
	out := make([]byte, 0, len(encoded)+16)
	for _, r := range string(encoded) {
		if invisible(r) {
			out = appendUnicode(out, r)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

func invisible(r rune) bool { return !unicode.IsPrint(r) }

// plain is what stands for itself. Those that HTML reads do not, so that a
// record can be pasted into a page.
func plain(c byte) bool {
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'
}

func appendEscaped(out []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(out, '\\', c)
	case '\b':
		return append(out, `\b`...)
	case '\f':
		return append(out, `\f`...)
	case '\n':
		return append(out, `\n`...)
	case '\r':
		return append(out, `\r`...)
	case '\t':
		return append(out, `\t`...)
	default:
		return appendUnit(out, rune(c))
	}
}

func appendUnicode(out []byte, r rune) []byte {
	if r <= 0xffff {
		return appendUnit(out, r)
	}
	high, low := utf16.EncodeRune(r)
	return appendUnit(appendUnit(out, high), low)
}

func appendUnit(out []byte, unit rune) []byte {
	const digits = "0123456789abcdef"
	return append(out, '\\', 'u', digits[unit>>12&15], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
}
