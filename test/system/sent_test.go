package system_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/test/canary"
)

// sent are the credentials that the tests sent so far, whatever they were sent
// for. No Sallyport may have written any of them: each is searched when it ends.
var sent = &credentials{seen: map[string]string{}}

type credentials struct {
	mu   sync.Mutex
	seen map[string]string
}

// note takes the credentials out of a call.
func (s *credentials) note(c call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range c.headers {
		name := strings.ReplaceAll(strings.ToLower(h.name), "_", "-")
		switch name {
		case "authorization", "proxy-authorization", "x-api-key", "x-checkout-secret", "dpop", "x-csrf-token":
			_, behind, schemed := strings.Cut(strings.TrimSpace(h.value), " ")
			s.add(name, h.value)
			if schemed {
				s.add(name, behind)
			}
		case "cookie":
			for pair := range strings.SplitSeq(h.value, ";") {
				_, value, _ := strings.Cut(pair, "=")
				s.add(name, value)
			}
		}
	}
	_, query, _ := strings.Cut(c.path, "?")
	values, _ := url.ParseQuery(query)
	for name := range values {
		if authz.SecretParameter(name) {
			s.add("query "+name, values.Get(name))
		}
	}
}

func (s *credentials) add(place, value string) { s.seen[value] = place }

// foundIn fails the test for each credential that stands in a text.
func (s *credentials) foundIn(t *testing.T, text string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	// All at once: a text of many megabytes is folded to one case for each call.
	var secrets []canary.Secret
	for value, place := range s.seen {
		secrets = append(secrets, canary.Secret{Place: place, Value: value, Whole: true})
	}
	for _, found := range canary.Find(text, secrets...) {
		t.Error(found)
	}
}
