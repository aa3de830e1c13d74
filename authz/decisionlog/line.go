package decisionlog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/sallyport-authz/sallyport/authz"
)

// line encodes an event as one line that ends in a line feed and holds no other.
func (l *Log) line(event authz.Event) ([]byte, error) {
	if event.Start.IsZero() && l.now != nil {
		event.Start = l.now()
	}
	text, err := json.Marshal(newRecord(event, l.labels))
	if err != nil {
		return nil, fmt.Errorf("encode decision: %w", err)
	}
	return append(printable(text), '\n'), nil
}

// printable escapes what encoding/json leaves alone and terminals may obey or
// readers may mistake: DEL, C1 controls, direction marks, invisible characters.
// In JSON such characters only stand within strings, where \u is the same.
func printable(text []byte) []byte {
	if !bytes.ContainsFunc(text, hides) {
		return text
	}
	out := make([]byte, 0, len(text)+16)
	for _, r := range string(text) {
		switch {
		case !hides(r):
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}

func hides(r rune) bool { return !unicode.IsPrint(r) }
