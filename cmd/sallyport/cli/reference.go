package cli

import (
	"errors"
	"strings"

	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// digestLength is that of a SHA-256 in hex, by which tokens of other systems' forms
// are looked up.
const digestLength = 64

func reference(ref *adminv1.TokenRef) string { return ref.GetPrefix() + ref.GetLookup() }

// find takes an argument that means a token: what the token shows of itself, as lists
// print it, or else an id, in which there is no "_".
func find(text string) (id string, ref *adminv1.TokenRef, err error) {
	switch {
	case strings.Contains(text, "_"):
		ref, err = parseReference(text)
		return "", ref, err
	case isDigest(text):
		return "", &adminv1.TokenRef{Lookup: text}, nil
	case text == "":
		return "", nil, errors.New("no token: write prefix and public part, as in mbz_1a2b3c4d, or an id")
	default:
		return text, nil, nil
	}
}

func isDigest(text string) bool {
	return len(text) == digestLength && strings.Trim(text, "0123456789abcdef") == ""
}

// parseReference takes what a token shows of itself apart. A whole token is refused
// and not repeated: it belongs into no history of a shell.
func parseReference(text string) (*adminv1.TokenRef, error) {
	prefix, lookup, ok := strings.Cut(text, "_")
	switch {
	case !ok || prefix == "" || lookup == "":
		return nil, errors.New("no token reference: write prefix and public part, as in mbz_1a2b3c4d")
	case strings.Contains(lookup, "_"):
		return nil, errors.New("this may be a whole token: write prefix and public part alone, as in mbz_1a2b3c4d, and take the token out of your shell's history")
	default:
		return &adminv1.TokenRef{Prefix: prefix + "_", Lookup: lookup}, nil
	}
}
