package jose

import (
	"math/big"
	"slices"
)

// isEdwardsPoint reports whether 32 bytes are a point of Ed25519's curve (RFC
// 8032 section 5.1.3) under which not everybody can sign: a key of small order
// verifies signatures that were made without any secret, and Go's Verify does not
// look for one.
func isEdwardsPoint(key []byte) bool {
	p := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	little := slices.Clone(key)
	slices.Reverse(little)
	little[0] &= 0x7f // the sign of x
	y := new(big.Int).SetBytes(little)
	if y.Cmp(p) >= 0 || hasSmallOrder(y, p) {
		return false
	}
	// x is the root of (y² - 1) / (dy² + 1), where d is -121665/121666: it exists
	// where numerator times denominator is a square, whatever both are multiplied by.
	square := new(big.Int).Mul(y, y)
	numerator := new(big.Int).Mul(big.NewInt(121666), new(big.Int).Sub(square, big.NewInt(1)))
	denominator := new(big.Int).Sub(big.NewInt(121666), new(big.Int).Mul(big.NewInt(121665), square))
	product := numerator.Mul(numerator, denominator)
	return big.Jacobi(product.Mod(product, p), p) == 1
}

// hasSmallOrder finds points whose order divides 8: y is 0, or one of the two
// whose doubles have that. Where y is 1 or -1 x is 0, which passes for no square.
func hasSmallOrder(y, p *big.Int) bool {
	eighth, _ := new(big.Int).SetString("7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7", 16)
	return y.Sign() == 0 || y.Cmp(eighth) == 0 || y.Cmp(new(big.Int).Sub(p, eighth)) == 0
}
