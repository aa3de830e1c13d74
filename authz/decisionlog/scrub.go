package decisionlog

import (
	"net/url"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

const (
	// shortestSecret keeps words like Bearer from being taken for secrets.
	shortestSecret = 8
	// mostTokens and longestCredential bound what one denial costs.
	mostTokens        = 64
	longestCredential = 16 << 10
)

// scrub takes out of a text, written by a policy or an error, what the request
// presented as credentials. Authenticators promise not to repeat them, policies
// promise nothing: a rule may name the cookie that it did not like.
func (h headerView) scrub(said string, attributes *authz.Attributes) string {
	if said == "" || attributes == nil || attributes.Request == nil {
		return said
	}
	left := mostTokens
	take := func(token string) {
		if left--; left >= 0 && len(token) >= shortestSecret {
			said = strings.ReplaceAll(said, token, Masked)
		}
	}
	for _, header := range attributes.Request.Headers.List {
		if h.secret(header.Name) {
			eachToken(header.Value, take)
		}
	}
	eachSecretParameter(attributes.Request.Path, take)
	return said
}

func (h headerView) secret(name string) bool { return h.masked[dashed(name)] || soundsSecret(name) }

// eachToken gives the parts of a header's value that may be a secret each: the
// whole, what stands behind a scheme, each cookie's value.
func eachToken(value string, take func(string)) {
	value = value[:min(len(value), longestCredential)]
	take(value)
	for token := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune(" \t;,\"", r) }) {
		take(token)
		if _, behind, found := strings.Cut(token, "="); found {
			take(behind)
		}
	}
}

func eachSecretParameter(target string, take func(string)) {
	_, query, _ := strings.Cut(target[:min(len(target), longestCredential)], "?")
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if !secretName(name) {
			continue
		}
		take(value)
		if plain, err := url.QueryUnescape(value); err == nil {
			take(plain)
		}
	}
}
