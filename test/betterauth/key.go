package betterauth

import (
	"testing"
	"time"
)

// Key is an API key that was made. Secret is shown this once.
type Key struct {
	ID     string
	Secret string `json:"key"`
}

// CreateKey makes a key of the person's with whatever metadata the person likes; nil
// is none. It expires after its life, in whole seconds, unless that is 0.
func (p *Person) CreateKey(t *testing.T, metadata map[string]any, life time.Duration) Key {
	t.Helper()
	order := map[string]any{"name": "key"}
	if metadata != nil {
		order["metadata"] = metadata
	}
	if life != 0 {
		order["expiresIn"] = int(life.Seconds())
	}
	var key Key
	p.do(t, "/api-key/create", order, &key)
	return key
}

// DisableKey lets a key do nothing any more.
func (p *Person) DisableKey(t *testing.T, id string) {
	t.Helper()
	p.do(t, "/api-key/update", map[string]any{"keyId": id, "enabled": false}, nil)
}

// DeleteKey takes a key away.
func (p *Person) DeleteKey(t *testing.T, id string) {
	t.Helper()
	p.do(t, "/api-key/delete", map[string]string{"keyId": id}, nil)
}

// CountedKey is a key of the person's that can be used so many times, as the server
// alone can make one.
func (p *Person) CountedKey(t *testing.T, uses int) Key {
	t.Helper()
	var key Key
	check(t, p.server.order(t.Context(), "counted", map[string]any{"user": p.id, "uses": uses}, &key))
	return key
}
