package keyplan

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"hash"
	"sync"

	"github.com/sallyport-authz/sallyport/authz"
)

// Keys is the secret under which the digests of one process are made. It is safe
// for parallel use.
type Keys struct{ pool sync.Pool }

// NewKeys draws a secret. rand.Read never returns an error.
func NewKeys() *Keys {
	secret := make([]byte, sha256.Size)
	_, _ = rand.Read(secret)
	k := &Keys{}
	k.pool.New = func() any { return &writer{mac: hmac.New(sha256.New, secret)} }
	return k
}

// writer gathers the parts of one key.
type writer struct {
	mac  hash.Hash
	text []byte
}

// begin gives an empty writer.
func (k *Keys) begin() *writer {
	w, ok := k.pool.Get().(*writer)
	if !ok {
		return nil
	}
	w.mac.Reset()
	w.text = w.text[:0]
	return w
}

// largestKept bounds what the pool keeps of a key with a large body.
const largestKept = 64 << 10

// end gives the digest of what was written, and the writer back.
func (k *Keys) end(w *writer) authz.Digest {
	var digest authz.Digest
	_, _ = w.mac.Write(w.text)
	w.mac.Sum(digest[:0])
	if cap(w.text) <= largestKept {
		k.pool.Put(w)
	}
	return digest
}
