package tokenform

import (
	"crypto/rand"

	"github.com/sallyport-authz/sallyport/authz"
)

// Mint makes a token of the prefix that nobody can guess, and gives what it shows of
// itself.
func Mint(prefix string) (authz.Secret, authz.TokenRef, error) {
	if err := CheckPrefix(prefix); err != nil {
		return authz.Secret{}, authz.TokenRef{}, err
	}
	f := formOf(prefix)
	id := f.random(f.id)
	text := prefix + id + "_"
	if prefix == Mobazha {
		text += f.random(f.tail)
	} else {
		text += f.random(secretLength)
		text += checksum(text)
	}
	return authz.NewSecret(text), authz.TokenRef{Prefix: prefix, Lookup: id}, nil
}

// random gives n characters of the alphabet, each as likely as any other: its
// length is a power of two. The reader of crypto/rand never gives an error.
func (f form) random(n int) string {
	text := make([]byte, n)
	_, _ = rand.Read(text)
	for i := range text {
		text[i] = f.alphabet[int(text[i])%len(f.alphabet)]
	}
	return string(text)
}
