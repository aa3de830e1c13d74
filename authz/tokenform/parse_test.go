package tokenform_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/tokenform"
)

const (
	// mobazha and prefixed are whole tokens; prefixed's checksum was worked out by
	// Python's zlib.crc32, apart from this code.
	mobazha  = "mbz_1a2b3c4d_00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	prefixed = "pfy_0123456789ab_0123456789abcdefghjkmnpqrstvwxyz0gpeje9"
)

// TestParse: each row names the guard that it needs.
func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       authz.TokenRef
		err        error
	}{
		{"mbz", mobazha, authz.TokenRef{Prefix: "mbz_", Lookup: "1a2b3c4d"}, nil},
		{"another prefix", prefixed, authz.TokenRef{Prefix: "pfy_", Lookup: "0123456789ab"}, nil},
		// form.begins: the length.
		{"mbz, longer", mobazha + "0", authz.TokenRef{}, tokenform.ErrForm},
		{"longer", prefixed + "0", authz.TokenRef{}, tokenform.ErrForm},
		{"newline behind", mobazha + "\n", authz.TokenRef{}, tokenform.ErrForm},
		// form.begins: the alphabet.
		{"mbz in upper case", "mbz_1A2B3C4D" + mobazha[12:], authz.TokenRef{}, tokenform.ErrForm},
		{"a look-alike", strings.Replace(prefixed, "_01", "_O1", 1), authz.TokenRef{}, tokenform.ErrForm},
		{"a space within", "pfy_abc def", authz.TokenRef{}, tokenform.ErrForm},
		// form.begins: where "_" stands.
		{"no second underscore", strings.Replace(mobazha, "d_0", "d00", 1), authz.TokenRef{}, tokenform.ErrForm},
		{"an underscore too early", "mbz_1a2b3c4_d" + mobazha[13:], authz.TokenRef{}, tokenform.ErrForm},
		// Parse: the length.
		{"M07: mbz_ and 13 characters", "mbz_1a2b3c4d_0011", authz.TokenRef{}, tokenform.ErrTruncated},
		{"a prefix alone", "mbz_", authz.TokenRef{}, tokenform.ErrTruncated},
		{"the document's own example", "pfy_abc123", authz.TokenRef{}, tokenform.ErrTruncated},
		// Parse: the checksum.
		{"another prefix than it was made for", "pfx" + prefixed[3:], authz.TokenRef{}, tokenform.ErrMistyped},
		{"another id", strings.Replace(prefixed, "_01", "_02", 1), authz.TokenRef{}, tokenform.ErrMistyped},
		{"two swapped", strings.Replace(prefixed, "_01", "_10", 1), authz.TokenRef{}, tokenform.ErrMistyped},
		// CheckPrefix.
		{"empty", "", authz.TokenRef{}, tokenform.ErrForm},
		{"no prefix", "abc", authz.TokenRef{}, tokenform.ErrForm},
		{"one letter", "m_0123", authz.TokenRef{}, tokenform.ErrForm},
		{"a digit in the prefix", "m2_0123", authz.TokenRef{}, tokenform.ErrForm},
		{"upper case in the prefix", "MBZ" + mobazha[3:], authz.TokenRef{}, tokenform.ErrForm},
		{"a long prefix", strings.Repeat("a", 17) + "_0123", authz.TokenRef{}, tokenform.ErrForm},
		{"a JWT", "eyJhbGciOiJub25lIn0.e30.", authz.TokenRef{}, tokenform.ErrForm},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := tokenform.Parse(c.text)
			if got != c.want || !errors.Is(err, c.err) {
				t.Errorf("got %v, %v, want %v, %v", got, err, c.want, c.err)
			}
			if (err != nil) != errors.Is(err, authz.ErrMalformed) {
				t.Errorf("error %v is not authz.ErrMalformed", err)
			}
		})
	}
}

// anyPrefix draws prefixes, mbz_ among them.
func anyPrefix() *rapid.Generator[string] {
	return rapid.OneOf(rapid.Just("mbz_"), rapid.Just("pfy_"), rapid.Just("mu_"), rapid.StringMatching(`[a-z]{2,16}_`))
}

func mint(t rapid.TB, prefix string) (string, authz.TokenRef) {
	secret, ref, err := tokenform.Mint(prefix)
	if err != nil {
		t.Fatal(err)
	}
	return secret.Reveal(), ref
}

// TestMinted: what is minted is read as what it is, and scanners know it.
func TestMinted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prefix := anyPrefix().Draw(t, "prefix")
		text, ref := mint(t, prefix)
		got, err := tokenform.Parse(text)
		if err != nil || got != ref || ref.Prefix != prefix {
			t.Fatalf("%s: got %v, %v, want %v", text, got, err, ref)
		}
		pattern, err := tokenform.Pattern(prefix)
		if err != nil || regexp.MustCompile(pattern).FindString("key="+text+"\n") != text {
			t.Fatalf("%s does not match %s, %v", text, pattern, err)
		}
		if prefix == "mbz_" && len(text) != 77 {
			t.Fatalf("%s has %d characters, want 77", text, len(text))
		}
	})
}

// TestTruncated: every copy that lost its end is told, once its prefix is there.
func TestTruncated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prefix := anyPrefix().Draw(t, "prefix")
		text, _ := mint(t, prefix)
		for end := len(prefix); end < len(text); end++ {
			if _, err := tokenform.Parse(text[:end]); !errors.Is(err, tokenform.ErrTruncated) {
				t.Fatalf("%s: got %v, want %v", text[:end], err, tokenform.ErrTruncated)
			}
		}
	})
}

// TestChanged: every change of one byte is told: a token has one spelling. Where
// there is no checksum, another digit is another token.
func TestChanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, ref := mint(t, anyPrefix().Draw(t, "prefix"))
		for at := range len(text) {
			b := rapid.Byte().Draw(t, "byte")
			changed := text[:at] + string([]byte{b}) + text[at+1:]
			got, err := tokenform.Parse(changed)
			switch {
			case changed == text:
			case err != nil:
			case ref.Prefix == "mbz_" && at >= len(ref.Prefix) && strings.IndexByte("0123456789abcdef", b) >= 0 && got.Prefix == "mbz_":
			default:
				t.Fatalf("%q, changed at %d, was taken: %v", changed, at, got)
			}
		}
	})
}

// FuzzParse: what is taken has one spelling, which its own parts make up.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{mobazha, prefixed, "pfy_", "mbz_1a2b3c4d", "mu_xyz789...", "", "_", "aa__"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ref, err := tokenform.Parse(text)
		if err != nil {
			if ref != (authz.TokenRef{}) || !errors.Is(err, authz.ErrMalformed) {
				t.Fatalf("got %v beside %v", ref, err)
			}
			return
		}
		pattern, err := tokenform.Pattern(ref.Prefix)
		if err != nil || !regexp.MustCompile("^(?:"+pattern+")$").MatchString(text) {
			t.Fatalf("%q was taken and does not match %s, %v", text, pattern, err)
		}
		if !strings.HasPrefix(text, ref.Prefix+ref.Lookup+"_") {
			t.Fatalf("%q does not begin with %v", text, ref)
		}
	})
}

// An id is one that tokens of the prefix have.
func TestCheckID(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		prefix, id string
		fine       bool
	}{
		{"mbz_", "3f2a9c1b", true},
		{"pfy_", "0123456789ab", true},
		{"mbz_", "", false},
		{"mbz_", "3f2a9c1", false},
		{"mbz_", "3f2a9c1b0", false},
		{"mbz_", "3f2a9c1_", false},
		{"mbz_", "3F2A9C1B", false},
		{"mbz_", "a9876543210z", false},
		{"pfy_", "3f2a9c1b", false},
		{"pfy_", "0123456789il", false},
		{"", "3f2a9c1b", false},
		{"sk-", "a9876543210z", false},
	} {
		err := tokenform.CheckID(c.prefix, c.id)
		if (err == nil) != c.fine {
			t.Errorf("%q of %q: %v", c.id, c.prefix, err)
		}
		if err != nil && c.id != "" && strings.Contains(err.Error(), c.id) {
			t.Errorf("the error repeats %q", c.id)
		}
	}
}
