package authz

import "errors"

// Detailed says of a refusal, in one stable word, what a client may know of it beyond
// its reason: a body template shows it. It is no word of ours where it holds anything
// but lower-case letters, digits and "_", or more than 64 of them, and is not told.
// What nobody could tell has none.
func Detailed(err error, word string) error { return detailed{err, word} }

type detailed struct {
	error
	word string
}

func (d detailed) Unwrap() error { return d.error }

func (d detailed) detail() string {
	if !isWord(d.word) {
		return ""
	}
	return d.word
}

const longestWord = 64

func isWord(text string) bool {
	for i := range len(text) {
		if b := text[i]; !(b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_') {
			return false
		}
	}
	return len(text) <= longestWord
}

// detail gives the word of an error, or "".
func detail(err error) string {
	if of, ok := errors.AsType[interface {
		error
		detail() string
	}](err); ok {
		return of.detail()
	}
	return ""
}
