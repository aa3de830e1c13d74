package decisionlog

import (
	"net/url"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

const (
	// shortestSecret keeps words like Bearer from being taken for secrets.
	shortestSecret = 8
	// mostTokens bounds what one denial costs.
	mostTokens = 64
)

// scrub takes out of a text, written by a policy or an error, what the request
// presented as credentials. Authenticators promise not to repeat them, policies
// promise nothing: a rule may name the cookie that it did not like.
func (h headerView) scrub(said string, attributes *authz.Attributes) string {
	if said == "" || attributes == nil || attributes.Request == nil {
		return said
	}
	tokens := &tokens{said: said, left: mostTokens}
	for _, header := range attributes.Request.Headers.List {
		if h.secret(header.Name) {
			tokens.ofHeader(header.Value)
		}
	}
	tokens.ofQuery(attributes.Request.Path)
	return tokens.said
}

func (h headerView) secret(name string) bool { return h.masked[dashed(name)] || soundsSecret(name) }

// tokens takes secrets out of what was said, as many as it may.
type tokens struct {
	said string
	left int
}

func (t *tokens) take(token string) {
	if t.left--; t.left >= 0 && len(token) >= shortestSecret {
		t.said = strings.ReplaceAll(t.said, token, Masked)
	}
}

// ofHeader takes the parts of a header's value that may be a secret each: the
// whole, what stands behind a scheme, each cookie's value. Bytes that are not UTF-8
// part them too: policies see others in their place.
func (t *tokens) ofHeader(value string) {
	t.take(value)
	rest := strings.ToValidUTF8(value, " ")
	for more := true; more && t.left > 0; {
		end := strings.IndexAny(rest, " \t;,\"")
		if more = end >= 0; !more {
			end = len(rest)
		}
		token := rest[:end]
		t.take(token)
		if _, behind, found := strings.Cut(token, "="); found {
			t.take(behind)
		}
		rest = rest[min(end+1, len(rest)):]
	}
}

func (t *tokens) ofQuery(target string) {
	_, query, _ := strings.Cut(target, "?")
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if t.left <= 0 || !secretName(name) {
			continue
		}
		t.take(value)
		if plain, err := url.QueryUnescape(value); err == nil {
			t.take(plain)
		}
	}
}
