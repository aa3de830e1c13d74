package verifier

import (
	"context"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// DefaultRounds are those of new texts (OWASP's Password Storage Cheat Sheet, 2023).
const DefaultRounds = 600_000

// Bounds on what a text may ask for: 5,000,000 rounds are about a second.
const (
	fewestRounds = 1_000
	mostRounds   = 5_000_000
	saltSize     = 16
	shortestSalt = 8
	longestSalt  = 64
)

// readPBKDF2 reads "i=<rounds>$<salt>$<hash>".
func readPBKDF2(text string, current int) (reading, error) {
	text, isRounds := strings.CutPrefix(text, "i=")
	parts := strings.Split(text, "$")
	if !isRounds || len(parts) != 3 {
		return reading{}, errText
	}
	rounds, err := number(parts[0], fewestRounds, mostRounds)
	salt, errSalt := bytes(parts[1], shortestSalt, longestSalt)
	want, errHash := bytes(parts[2], sha256.Size, sha256.Size)
	if err := errors.Join(err, errSalt, errHash); err != nil {
		return reading{}, errText
	}
	return reading{slow: true, outdated: rounds < current, fits: func(secret string) bool {
		got, err := pbkdf2.Key(sha256.New, secret, salt, rounds, sha256.Size)
		return err == nil && subtle.ConstantTimeCompare(got, want) == 1
	}}, nil
}

func encodePBKDF2(rounds int, salt, hash []byte) string {
	return "$pbkdf2-sha256$i=" + strconv.Itoa(rounds) + "$" +
		base64.RawStdEncoding.EncodeToString(salt) + "$" + base64.RawStdEncoding.EncodeToString(hash)
}

// nobody is a text that no secret fits but by guessing 256 bits.
func nobody(rounds int) string {
	salt, hash := make([]byte, saltSize), make([]byte, sha256.Size)
	_, _ = rand.Read(salt)
	_, _ = rand.Read(hash)
	return encodePBKDF2(rounds, salt, hash)
}

// Password makes the text of a secret that a person chose, in the pool. Its error
// says that the context ended first, or is authz.ErrInvalid: the secret is empty or
// holds a NUL.
func (v *Verifier) Password(ctx context.Context, secret authz.Secret) (string, error) {
	if !provable(secret.Reveal()) {
		return "", fmt.Errorf("%w: password: it is empty or holds a NUL", authz.ErrInvalid)
	}
	select {
	case v.workers <- struct{}{}:
	case <-ctx.Done():
		return "", fmt.Errorf("hash password: %w", context.Cause(ctx))
	}
	defer func() { <-v.workers }()
	v.counters.runs.Add(1)
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt)
	hash, err := pbkdf2.Key(sha256.New, secret.Reveal(), salt, v.settings.Rounds, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return encodePBKDF2(v.settings.Rounds, salt, hash), nil
}
