package decisionlog

import (
	"net/url"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// longestPath bounds what one request can put into the log.
const longestPath = 8 << 10

// redact takes credentials out of a raw request target: values of parameters
// that clients put them in, and the userinfo of an absolute form. It is wider
// than what routes read, since refused requests are logged too: a parameter may
// also follow ";", "#" or a second "?", and one whose name cannot be read counts
// as a credential.
func redact(target string) string {
	at := strings.IndexAny(target, "?;#")
	if at < 0 {
		at = len(target)
	}
	text := withoutUserinfo(target[:at])
	pairs := strings.Split(target[at:], "&")
	for i, pair := range pairs {
		pairs[i] = redactPair(pair)
	}
	text += strings.Join(pairs, "&")
	if len(text) > longestPath {
		text = text[:longestPath]
	}
	return text
}

// redactPair cuts a pair off behind the first name of a credential in it: what
// follows up to the next "&" may be part of the value.
func redactPair(pair string) string {
	for start := 0; start < len(pair); {
		end := len(pair)
		if i := strings.IndexAny(pair[start:], "?;#"); i >= 0 {
			end = start + i
		}
		name, _, found := strings.Cut(pair[start:end], "=")
		if found && secretName(name) {
			return pair[:start] + name + "=" + authz.Redacted
		}
		start = end + 1
	}
	return pair
}

func secretName(name string) bool {
	decoded, err := url.QueryUnescape(name)
	return err != nil || authz.SecretParameter(decoded)
}

// withoutUserinfo replaces what stands before an "@" in an absolute form; in
// the path of an origin form an "@" is text.
func withoutUserinfo(path string) string {
	at := strings.LastIndexByte(path, '@')
	if at < 0 || strings.HasPrefix(path, "/") {
		return path
	}
	return authz.Redacted + path[at:]
}
