package verifier

import (
	"crypto/subtle"
	"errors"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Bounds on argon2id (RFC 9106): memory in KiB, passes and threads; memory times
// passes is at most what takes about a second.
const (
	mostMemory  = 128 << 10
	mostPasses  = 16
	mostThreads = 4
	mostWork    = 512 << 10
	// Each thread needs eight blocks (RFC 9106 section 3.1).
	blocksPerThread = 8
	shortestTag     = 16
	longestTag      = 64
)

// readArgon2id reads "v=19$m=,t=,p=$<salt>$<hash>".
func readArgon2id(text string) (reading, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 4 || parts[0] != "v=19" {
		return reading{}, errText
	}
	memory, passes, threads, err := argon2Costs(parts[1])
	salt, errSalt := bytes(parts[2], shortestSalt, longestSalt)
	want, errHash := bytes(parts[3], shortestTag, longestTag)
	if err := errors.Join(err, errSalt, errHash); err != nil {
		return reading{}, errText
	}
	return reading{slow: true, fits: func(secret string) bool {
		got := argon2.IDKey([]byte(secret), salt, uint32(passes), uint32(memory), uint8(threads), uint32(len(want)))
		return subtle.ConstantTimeCompare(got, want) == 1
	}}, nil
}

func argon2Costs(text string) (memory, passes, threads int, err error) {
	parts := strings.Split(text, ",")
	if len(parts) != 3 || !strings.HasPrefix(parts[0], "m=") || !strings.HasPrefix(parts[1], "t=") || !strings.HasPrefix(parts[2], "p=") {
		return 0, 0, 0, errText
	}
	memory, errMemory := number(parts[0][2:], blocksPerThread, mostMemory)
	passes, errPasses := number(parts[1][2:], 1, mostPasses)
	threads, errThreads := number(parts[2][2:], 1, mostThreads)
	if errors.Join(errMemory, errPasses, errThreads) != nil || memory < blocksPerThread*threads || memory*passes > mostWork {
		return 0, 0, 0, errText
	}
	return memory, passes, threads, nil
}
