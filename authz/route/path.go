package route

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sallyport-authz/sallyport/authz"
)

// What a path may cost. Longer ones are ambiguous: servers cut them at lengths
// of their own.
const (
	longestPath  = 8 << 10
	mostSegments = 64
)

// encodedSlash is what stands for %2F in a decoded segment. It cannot be
// mistaken for text, because no other %XX may stand there.
const encodedSlash = "%2F"

// Path is a path that can be read in one way only: segments decoded once. The
// last one is empty where the path ends in a slash.
type Path struct {
	segments []string
	// slashed tells that some segment holds an encoded slash.
	slashed bool
}

// ParsePath reads a raw path without its query. Everything that two parsers may
// read in two ways is authz.ErrAmbiguous.
func ParsePath(raw string) (Path, error) {
	if err := authz.CheckTarget(raw); err != nil {
		return Path{}, err
	}
	if len(raw) > longestPath {
		return Path{}, fmt.Errorf("%w: path of more than %d bytes", authz.ErrAmbiguous, longestPath)
	}
	rest, rooted := strings.CutPrefix(raw, "/")
	if !rooted {
		return Path{}, fmt.Errorf("%w: path without a leading slash", authz.ErrAmbiguous)
	}
	if strings.Count(rest, "/") >= mostSegments {
		return Path{}, fmt.Errorf("%w: path of more than %d segments", authz.ErrAmbiguous, mostSegments)
	}
	segments := strings.Split(rest, "/")
	path := Path{segments: segments}
	for i, text := range segments {
		decoded, slashed, err := decodeSegment(text, i == len(segments)-1)
		if err != nil {
			return Path{}, err
		}
		segments[i], path.slashed = decoded, path.slashed || slashed
	}
	return path, nil
}

// decodeSegment decodes one segment once and checks what it then says.
func decodeSegment(text string, last bool) (decoded string, slashed bool, err error) {
	decoded, slashed = text, false
	if strings.Contains(text, "%") {
		if decoded, slashed, err = unescapeSegment(text); err != nil {
			return "", false, err
		}
	}
	return decoded, slashed, unambiguous(decoded, last)
}

// unambiguous refuses decoded text that some server takes apart, drops or folds
// into its neighbour.
func unambiguous(decoded string, last bool) error {
	switch {
	case decoded == "" && !last:
		return fmt.Errorf("%w: empty path segment", authz.ErrAmbiguous)
	case decoded == "." || decoded == "..":
		return fmt.Errorf("%w: dot segment", authz.ErrAmbiguous)
	case strings.ContainsAny(decoded, `/\;`):
		return fmt.Errorf("%w: slash, backslash or semicolon in a path segment", authz.ErrAmbiguous)
	case !utf8.ValidString(decoded):
		return fmt.Errorf("%w: path segment is not UTF-8", authz.ErrAmbiguous)
	case strings.ContainsFunc(decoded, unicode.IsControl):
		return fmt.Errorf("%w: control character in a path segment", authz.ErrAmbiguous)
	default:
		return nil
	}
}

// unescapeSegment decodes escapes once. %2F becomes the mark encodedSlash; any
// other %XX that decoding leaves behind is a second layer of encoding.
func unescapeSegment(text string) (decoded string, slashed bool, err error) {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		b := text[i]
		if b == '%' {
			if i+2 >= len(text) || !isHex(text[i+1]) || !isHex(text[i+2]) {
				return "", false, fmt.Errorf("%w: broken escape in the path", authz.ErrAmbiguous)
			}
			b = unhex(text[i+1])<<4 | unhex(text[i+2])
			i += 2
			if b == '/' {
				out, slashed = append(out, encodedSlash...), true
				continue
			}
		}
		out = append(out, b)
		if endsInEscape(out) {
			return "", false, fmt.Errorf("%w: path is encoded twice", authz.ErrAmbiguous)
		}
	}
	return string(out), slashed, nil
}

func endsInEscape(text []byte) bool {
	n := len(text)
	return n > 2 && text[n-3] == '%' && isHex(text[n-2]) && isHex(text[n-1])
}

// Canonical is the path encoded again: unreserved characters and sub-delims
// stand for themselves, all else is escaped in upper case (RFC 3986 sections
// 2.1 and 3.3).
func (p Path) Canonical() string {
	var b strings.Builder
	for _, segment := range p.segments {
		b.WriteByte('/')
		for i := 0; i < len(segment); i++ {
			switch {
			case strings.HasPrefix(segment[i:], encodedSlash):
				b.WriteString(encodedSlash)
				i += len(encodedSlash) - 1
			case isPathByte(segment[i]):
				b.WriteByte(segment[i])
			default:
				b.WriteByte('%')
				b.WriteByte(upperHex[segment[i]>>4])
				b.WriteByte(upperHex[segment[i]&15])
			}
		}
	}
	return b.String()
}

const upperHex = "0123456789ABCDEF"

func isPathByte(b byte) bool {
	return isAlphanumeric(b) || strings.IndexByte("-._~!$&'()*+,;=:@", b) >= 0
}

func isAlphanumeric(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

func isHex(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F'
}

func unhex(b byte) byte {
	switch {
	case b >= 'a':
		return b - 'a' + 10
	case b >= 'A':
		return b - 'A' + 10
	default:
		return b - '0'
	}
}
