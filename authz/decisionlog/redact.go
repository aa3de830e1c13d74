package decisionlog

import (
	"net/url"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// longestPath bounds what one request can put into the log.
const longestPath = 8 << 10

// separators begin a parameter: what follows one of them may be a name.
const separators = "?;#&"

// redact takes credentials out of a raw request target: values of parameters
// that clients put them in, and the userinfo of an absolute form. It is wider
// than what routes read, since refused requests are logged too: a parameter may
// also follow ";", "#" or a second "?", stand encoded within another one, and
// one whose name cannot be read counts as a credential. A target without any is
// given back as it is.
func redact(target string) string {
	at := strings.IndexAny(target, separators)
	if at < 0 {
		at = len(target)
	}
	path, query := withoutUserinfo(target[:at]), redactQuery(target[at:])
	if path != target[:at] || query != target[at:] {
		target = path + query
	}
	return target[:min(len(target), longestPath)]
}

// redactValue takes credentials out of the value of a header, which may hold
// parameters, or URLs with parameters and userinfo.
func redactValue(value string) string {
	if strings.Contains(value, "=") {
		value = redactQuery(value)
	}
	if strings.Contains(value, "://") {
		value = withoutAuthorities(value)
	}
	return value
}

func redactQuery(query string) string {
	if !redactable(query) {
		return query
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		pairs[i] = redactPair(pair)
	}
	return strings.Join(pairs, "&")
}

func redactable(query string) bool {
	for pair := range strings.SplitSeq(query, "&") {
		if redactPair(pair) != pair {
			return true
		}
	}
	return false
}

// redactPair cuts a pair off behind the first name of a credential in it: what
// follows up to the next "&" may be part of the value.
func redactPair(pair string) string {
	if end := secretAt(pair); end >= 0 {
		return pair[:end] + authz.Redacted
	}
	if !strings.Contains(pair, "%") || !hides(pair) {
		return pair
	}
	name, _, found := strings.Cut(pair, "=")
	if !found || strings.Contains(name, "%") {
		return authz.Redacted
	}
	return name + "=" + authz.Redacted
}

// secretAt finds where the value of the first credential begins, or gives -1.
func secretAt(pair string) int {
	for start := 0; start < len(pair); {
		end := len(pair)
		if i := strings.IndexAny(pair[start:], separators); i >= 0 {
			end = start + i
		}
		name, _, found := strings.Cut(pair[start:end], "=")
		if found && secretName(name) {
			return start + len(name) + 1
		}
		start = end + 1
	}
	return -1
}

// hides reports a credential within an encoded value, as in the return address
// of a sign-in. Two layers are looked through.
func hides(pair string) bool {
	for range 2 {
		decoded, err := url.QueryUnescape(pair)
		if err != nil || decoded == pair {
			return false
		}
		if secretAt(decoded) >= 0 {
			return true
		}
		pair = decoded
	}
	return false
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

// withoutAuthorities replaces the userinfo of every URL in a text.
func withoutAuthorities(value string) string {
	before, rest, found := strings.Cut(value, "://")
	if !found {
		return value
	}
	end := strings.IndexAny(rest, "/?#, ")
	if end < 0 {
		end = len(rest)
	}
	if at := strings.LastIndexByte(rest[:end], '@'); at >= 0 {
		rest = authz.Redacted + rest[at:]
		end += len(authz.Redacted) - at
	}
	return before + "://" + rest[:end] + withoutAuthorities(rest[end:])
}
