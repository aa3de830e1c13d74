package decisionlog

import (
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// The flags of a record: secrets that are to be replaced, since somebody else may
// know them by now.
const (
	// inQuery: a parameter of the query is one that clients put credentials in. It
	// stands in histories, and in the logs of whatever the request passed.
	inQuery = "credential_in_query"
	// overPlaintext: a header or cookie of ours came neither over proven HTTPS nor
	// from loopback.
	overPlaintext = "credential_over_plaintext"
)

// flags writes what is to be seen to, where there is something.
func flags(t *text, attributes *authz.Attributes, tried []authz.Tried) {
	if attributes == nil || attributes.Request == nil {
		return
	}
	query := queried(attributes.Request.Path)
	plain := slices.ContainsFunc(tried, carried) && !attributes.Protected()
	if !query && !plain {
		return
	}
	t.open("flags", '[')
	if query {
		t.string("", inQuery)
	}
	if plain {
		t.string("", overPlaintext)
	}
	t.close(']')
}

func carried(tried authz.Tried) bool { return tried.Carrier.Kind != authz.NoCarrier }

// queried reports a credential in what redact would not leave as it is.
func queried(target string) bool {
	at := strings.IndexAny(target, separators)
	return at >= 0 && redactable(target[at:])
}
