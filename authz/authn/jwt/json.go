package jwt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// deepest bounds how objects and lists may stand in each other.
const deepest = 16

// object reads a JSON text (RFC 8259) that is one object and can be read in one
// way only: no member twice at any depth, no text that is not UTF-8, nothing
// behind it. Numbers stay as they were written.
func object(text []byte) (map[string]any, error) {
	if !utf8.Valid(text) || !json.Valid(text) {
		return nil, errors.New("no JSON text in UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	value, err := readValue(decoder, 0)
	if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something behind the JSON text")
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("no JSON object")
	}
	return members, nil
}

func readValue(decoder *json.Decoder, depth int) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	if depth > deepest {
		return nil, errors.New("JSON deeper than 16 levels")
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return readObject(decoder, depth)
		}
		return readList(decoder, depth)
	case string:
		return t, whole(t)
	default:
		return t, nil
	}
}

func readObject(decoder *json.Decoder, depth int) (any, error) {
	members := map[string]any{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("read JSON: %w", err)
		}
		name, ok := token.(string)
		if !ok {
			return nil, errors.New("a member without a name")
		}
		if _, twice := members[name]; twice {
			return nil, errors.New("a member that stands twice")
		}
		if err := whole(name); err != nil {
			return nil, err
		}
		if members[name], err = readValue(decoder, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := decoder.Token()
	return members, err
}

func readList(decoder *json.Decoder, depth int) (any, error) {
	list := []any{}
	for decoder.More() {
		element, err := readValue(decoder, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, element)
	}
	_, err := decoder.Token()
	return list, err
}

// whole refuses the character that encoding/json puts in the place of half a
// surrogate pair: two different texts would look the same.
func whole(text string) error {
	if strings.ContainsRune(text, utf8.RuneError) {
		return errors.New("a text with a replacement character")
	}
	return nil
}
