package claimset

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// deepest bounds how many objects and lists may stand in each other.
const deepest = 16

// unknownText stands where half a surrogate pair did: two different texts would
// look the same.
const unknownText = string(utf8.RuneError)

// Read reads a JSON text (RFC 8259) that is one object and can be read in one
// way only: no member twice at any depth, no text that is not UTF-8, nothing
// behind it, no deeper than 16 levels. Numbers stay as they were written, as
// json.Number. Errors hold nothing of the text.
//
// The grammar is encoding/json's to judge. What is left is to take apart a text
// that is known to be sound, which costs a third of what its Decoder does.
func Read(text []byte) (Set, error) {
	if !utf8.Valid(text) || !json.Valid(text) {
		return nil, errors.New("no JSON text in UTF-8")
	}
	r := reader{rest: string(text)}
	if strings.Contains(r.rest, unknownText) {
		return nil, errors.New("a text with a replacement character")
	}
	if r.peek() != '{' {
		return nil, errors.New("no JSON object")
	}
	return r.object(1)
}

// reader takes a sound JSON text apart, from the front.
type reader struct{ rest string }

// peek gives the next byte that is no white space; 0 is the end.
func (r *reader) peek() byte {
	for i := range len(r.rest) {
		switch b := r.rest[i]; b {
		case ' ', '\t', '\r', '\n':
		default:
			r.rest = r.rest[i:]
			return b
		}
	}
	r.rest = ""
	return 0
}

// next takes the byte that peek gives.
func (r *reader) next() byte {
	b := r.peek()
	r.rest = r.rest[min(1, len(r.rest)):]
	return b
}

func (r *reader) value(depth int) (any, error) {
	switch r.peek() {
	case '{':
		return r.object(depth)
	case '[':
		return r.list(depth)
	case '"':
		return r.text()
	default:
		return r.word()
	}
}

func (r *reader) object(depth int) (map[string]any, error) {
	if depth > deepest {
		return nil, fmt.Errorf("JSON deeper than %d levels", deepest)
	}
	members := map[string]any{}
	if r.next(); r.peek() == '}' {
		r.next()
		return members, nil
	}
	for more := true; more; more = r.next() == ',' {
		r.peek()
		name, err := r.text()
		if err != nil {
			return nil, err
		}
		if _, twice := members[name]; twice {
			return nil, errors.New("a member that stands twice")
		}
		r.next() // the colon
		if members[name], err = r.value(depth + 1); err != nil {
			return nil, err
		}
	}
	return members, nil
}

func (r *reader) list(depth int) ([]any, error) {
	if depth > deepest {
		return nil, fmt.Errorf("JSON deeper than %d levels", deepest)
	}
	list := []any{}
	if r.next(); r.peek() == ']' {
		r.next()
		return list, nil
	}
	for more := true; more; more = r.next() == ',' {
		one, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// text reads a string from its quotation mark on. Escapes are left to
// encoding/json, and are rare.
func (r *reader) text() (string, error) {
	end := strings.IndexByte(r.rest[1:], '"') + 1
	if text := r.rest[1:end]; strings.IndexByte(text, '\\') < 0 {
		r.rest = r.rest[end+1:]
		return text, nil
	}
	end = strings.IndexByte(r.rest, '\\')
	for r.rest[end] != '"' {
		if r.rest[end] == '\\' {
			end++
		}
		end++
	}
	var text string
	err := json.Unmarshal([]byte(r.rest[:end+1]), &text)
	r.rest = r.rest[end+1:]
	if err != nil || strings.Contains(text, unknownText) {
		return "", errors.New("a text with half a surrogate pair")
	}
	return text, nil
}

// longestExponent is its letter and four characters: whoever counts with numbers
// of any size is not made to count with millions of digits by a few bytes.
const longestExponent = 5

// word reads a number, true, false or null.
func (r *reader) word() (any, error) {
	end := strings.IndexAny(r.rest, ",]} \t\r\n")
	if end < 0 {
		return nil, errors.New("a value without an end")
	}
	word := r.rest[:end]
	r.rest = r.rest[end:]
	switch word {
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "null":
		return nil, nil //nolint:nilnil // JSON's null is a value
	default:
		if i := strings.IndexAny(word, "eE"); i >= 0 && len(word)-i > longestExponent {
			return nil, errors.New("a number with a long exponent")
		}
		return json.Number(word), nil
	}
}
