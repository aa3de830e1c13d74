package tokenform

import "hash/crc32"

// checksum is the CRC-32 (IEEE) of text, most significant bits first, in as many
// characters as hold 32 bits.
func checksum(text string) string {
	sum := crc32.ChecksumIEEE([]byte(text))
	var spelled [checksumLength]byte
	for i := checksumLength - 1; i >= 0; i-- {
		spelled[i] = crockford[sum%32]
		sum /= 32
	}
	return string(spelled[:])
}
