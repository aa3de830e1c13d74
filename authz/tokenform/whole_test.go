package tokenform_test

import (
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/tokenform"
)

// SHA-256 of "abc" (FIPS 180-2, appendix B.1), in hex and in base64url.
const (
	hexABC    = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	base64ABC = "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
)

// TestWhole: the lookup is the same from the token and from either digest.
func TestWhole(t *testing.T) {
	want := authz.TokenRef{Prefix: "x_", Lookup: hexABC}
	if got := tokenform.Whole("x_", authz.NewSecret("abc")); got != want {
		t.Errorf("from the token: %v", got)
	}
	if got, err := tokenform.FromSHA256("x_", hexABC); got != want || err != nil {
		t.Errorf("from hex: %v, %v", got, err)
	}
	if got, err := tokenform.FromBetterAuth("x_", base64ABC); got != want || err != nil {
		t.Errorf("from base64url: %v, %v", got, err)
	}
}

// TestDigestsHaveOneSpelling: guards are the comparisons with what is encoded again.
func TestDigestsHaveOneSpelling(t *testing.T) {
	for _, text := range []string{"", hexABC[:62], hexABC + "00", strings.ToUpper(hexABC), hexABC[:63] + "g"} {
		if got, err := tokenform.FromSHA256("", text); err == nil || got != (authz.TokenRef{}) {
			t.Errorf("hex %q was taken: %v", text, got)
		}
	}
	for _, text := range []string{"", base64ABC[:42], base64ABC + "=", base64ABC[:42] + "1", base64ABC[:20] + "\n" + base64ABC[20:], strings.ReplaceAll(base64ABC, "-", "+")} {
		if got, err := tokenform.FromBetterAuth("", text); err == nil || got != (authz.TokenRef{}) {
			t.Errorf("base64url %q was taken: %v", text, got)
		}
	}
}

// TestMintRefusesPrefixes: nothing is minted that Parse would not read.
func TestMintRefusesPrefixes(t *testing.T) {
	for _, prefix := range []string{"", "_", "a_", "mbz", "Mbz_", "a1_", "a-b_", "a_b_", strings.Repeat("a", 17) + "_", "é_"} {
		if secret, ref, err := tokenform.Mint(prefix); err == nil || secret.Reveal() != "" || ref != (authz.TokenRef{}) {
			t.Errorf("a token of prefix %q was minted", prefix)
		}
		if _, err := tokenform.Pattern(prefix); err == nil {
			t.Errorf("there is a pattern for prefix %q", prefix)
		}
	}
}

// TestMintedTokensDiffer: a minter that repeats itself would give one token twice.
func TestMintedTokensDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		secret, _, err := tokenform.Mint("pfy_")
		if err != nil || seen[secret.Reveal()] {
			t.Fatalf("minted twice, or %v", err)
		}
		seen[secret.Reveal()] = true
	}
}
