package jose_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"math/big"
	"slices"
	"testing"

	"github.com/sallyport-authz/sallyport/authz/jose"
)

func takesEd25519(x []byte) bool {
	_, err := jose.JWK{"kty": "OKP", "crv": "Ed25519", "x": encode(x)}.Ed25519()
	return err == nil
}

// TestEd25519Points holds our test for points against the curve's equation,
// -x² + y² = 1 + dx²y², whose x is sought the long way.
func TestEd25519Points(t *testing.T) {
	p := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	d := new(big.Int).Mul(big.NewInt(-121665), new(big.Int).ModInverse(big.NewInt(121666), p))
	points := 0
	for range 300 {
		key := make([]byte, ed25519.PublicKeySize)
		_, _ = rand.Read(key)
		little := slices.Clone(key)
		slices.Reverse(little)
		little[0] &= 0x7f
		square := new(big.Int).Exp(new(big.Int).SetBytes(little), big.NewInt(2), p)
		over := new(big.Int).Sub(square, big.NewInt(1))
		under := new(big.Int).ModInverse(new(big.Int).Add(new(big.Int).Mul(d, square), big.NewInt(1)), p)
		x := new(big.Int).ModSqrt(new(big.Int).Mod(over.Mul(over, under), p), p)
		if got := takesEd25519(key); got != (x != nil) {
			t.Errorf("%x: taken %t", key, got)
		}
		if x != nil {
			points++
		}
		public, _, err := ed25519.GenerateKey(rand.Reader)
		if err != nil || !takesEd25519(public) {
			t.Errorf("%x: refused", public)
		}
		if takesEd25519(append(public, 0)) || takesEd25519(public[:31]) {
			t.Errorf("%x: taken with a byte more, or less", public)
		}
	}
	if points < 100 || points > 200 {
		t.Errorf("%d points of 300", points)
	}
}

// TestEd25519SmallOrder: under these keys anybody can sign, as is shown with Go's
// own Verify. Two of them are other spellings, which it takes too.
func TestEd25519SmallOrder(t *testing.T) {
	for _, text := range []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		key, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		if !forgeable(key) {
			t.Errorf("%s: nothing was forged: the row shows nothing", text)
		}
		if takesEd25519(key) {
			t.Errorf("%s: taken", text)
		}
	}
}

// forgeable finds a text that verifies with a signature made of no secret: R is
// the neutral point and S is 0, which fits whenever the hash is a multiple of the
// key's order.
func forgeable(key ed25519.PublicKey) bool {
	signature := make([]byte, ed25519.SignatureSize)
	signature[0] = 1
	for i := range 200 {
		if ed25519.Verify(key, []byte{byte(i)}, signature) {
			return true
		}
	}
	return false
}
