package jwt

import "math/big"

// hasROCA finds moduli of the Infineon generator (Nemec et al., "The Return of
// Coppersmith's Attack", 2017): its primes are powers of 65537 modulo a product
// of small primes, and so are their products. Another modulus passes for one with
// a chance of about one in 2^27.
func hasROCA(n *big.Int) bool {
	remainder := new(big.Int)
	for _, prime := range smallPrimes() {
		r := remainder.Mod(n, big.NewInt(prime)).Int64()
		if !isPower(r, prime) {
			return false
		}
	}
	return true
}

// isPower reports whether r is a power of 65537 modulo a prime.
func isPower(r, prime int64) bool {
	const generator = 65537
	for power := int64(1); ; {
		if power == r {
			return true
		}
		if power = power * generator % prime; power == 1 {
			return false
		}
	}
}

// smallPrimes are those of the attack's fingerprint for 512-bit keys, which are
// among those for longer ones.
func smallPrimes() []int64 {
	return []int64{
		3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
		101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
	}
}
