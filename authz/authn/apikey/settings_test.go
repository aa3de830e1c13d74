package apikey_test

import (
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz/authn/apikey"
	"github.com/sallyport-authz/sallyport/authz/keylist"
)

// TestNewRefuses: settings that would know the wrong caller, or none, or take a
// header off the request that is no credential. Each row names in want what its
// own guard in settings.go says; those of the list are authz/keylist's.
func TestNewRefuses(t *testing.T) {
	some := []keylist.Key{{ID: "k1", Digest: keylist.Digest("pk_one")}}
	for _, test := range []struct {
		name     string
		settings apikey.Settings
		want     string
	}{
		{"no keys", apikey.Settings{}, "no keys"},
		{"pseudo header", apikey.Settings{Header: ":path", Keys: some}, "no field name"},
		{"name with a space", apikey.Settings{Header: "x api", Keys: some}, "no field name"},
		{"framing header", apikey.Settings{Header: "Content-Length", Keys: some}, "cannot carry"},
		{"host", apikey.Settings{Header: "host", Keys: some}, "cannot carry"},
		{"cookie", apikey.Settings{Header: "Cookie", Keys: some}, "cannot carry"},
		{"identity header", apikey.Settings{Header: "X-Authz-Subject", Keys: some}, "cannot carry"},
		{"proxy's header", apikey.Settings{Header: "x-envoy-peer", Keys: some}, "cannot carry"},
		{"prefix with a space", apikey.Settings{Prefix: "pk ", Keys: some}, "prefix"},
		{"prefix with a comma", apikey.Settings{Prefix: "pk,", Keys: some}, "prefix"},
		{"prefix beyond ASCII", apikey.Settings{Prefix: "pk_ä", Keys: some}, "prefix"},
		{"prefix with what stands for lost bytes", apikey.Settings{Prefix: "pk!", Keys: some}, "prefix"},
		{"prefix that leaves no room", apikey.Settings{Prefix: strings.Repeat("p", 1024), Keys: some}, "prefix"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, err := apikey.New(test.settings, now)
			if err == nil || a != nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error about %q", err, test.want)
			}
		})
	}
}

// TestNewRefusesNoClock: without one, a key that ends would panic when used.
func TestNewRefusesNoClock(t *testing.T) {
	if a, err := apikey.New(apikey.Settings{Keys: keys()}, nil); err == nil || a != nil {
		t.Errorf("got %v, %v, want an error", a, err)
	}
}
