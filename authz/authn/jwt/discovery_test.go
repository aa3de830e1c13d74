package jwt_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// site answers by URL, and with an error for all others.
func site(pages map[string][]byte) fetch {
	return func(_ context.Context, url string) ([]byte, error) {
		page, there := pages[url]
		if !there {
			return nil, errors.New("status 404")
		}
		return page, nil
	}
}

// TestDiscovery tries OpenID Connect's place, then OAuth's (RFC 8414 section 3),
// and takes keys from nobody's document but the issuer's.
func TestDiscovery(t *testing.T) {
	const (
		host   = "https://id.example.com"
		openid = "/.well-known/openid-configuration"
		oauth  = "/.well-known/oauth-authorization-server"
	)
	s := newSigner(t)
	set := asJSON(t, object{"keys": []object{s.ecJWK()}})
	names := func(issuer, keys any) []byte { return asJSON(t, object{"issuer": issuer, "jwks_uri": keys}) }
	for name, row := range map[string]struct {
		issuer string
		pages  map[string][]byte
		asked  []string
		want   ending
	}{
		"openid":  {host, map[string][]byte{host + openid: names(host, host+"/k")}, []string{host + openid, host + "/k"}, known},
		"oauth":   {host, map[string][]byte{host + oauth: names(host, host+"/k")}, []string{host + openid, host + oauth, host + "/k"}, known},
		"neither": {host, nil, []string{host + openid, host + oauth}, cannotTell},
		"a path": {
			host + "/t/1",
			map[string][]byte{host + "/t/1" + openid: names(host+"/t/1", host+"/k")},
			[]string{host + "/t/1" + openid, host + "/k"},
			known,
		},
		"a path, oauth": {
			host + "/t/1",
			map[string][]byte{host + oauth + "/t/1": names(host+"/t/1", host+"/k")},
			[]string{host + "/t/1" + openid, host + oauth + "/t/1", host + "/k"},
			known,
		},
		"a slash behind": {
			host + "/t/",
			map[string][]byte{host + "/t" + openid: names(host+"/t/", host+"/k")},
			[]string{host + "/t" + openid, host + "/k"},
			known,
		},
		"an escape in the path": {
			host + "/a%2Fb",
			map[string][]byte{host + oauth + "/a%2Fb": names(host+"/a%2Fb", host+"/k")},
			[]string{host + "/a%2Fb" + openid, host + oauth + "/a%2Fb", host + "/k"},
			known,
		},
		"the second, if the first is another's": {
			host,
			map[string][]byte{host + openid: names("https://evil.example.com", host+"/k"), host + oauth: names(host, host+"/k")},
			[]string{host + openid, host + oauth, host + "/k"},
			known,
		},
		"another issuer": {
			host,
			map[string][]byte{host + openid: names(host+"/", host+"/k"), host + oauth: names("https://ID.example.com", host+"/k")},
			[]string{host + openid, host + oauth},
			cannotTell,
		},
		"no issuer":             {host, map[string][]byte{host + openid: names(nil, host+"/k")}, []string{host + openid, host + oauth}, cannotTell},
		"an issuer list":        {host, map[string][]byte{host + openid: names([]string{host}, host+"/k")}, []string{host + openid, host + oauth}, cannotTell},
		"no jwks_uri":           {host, map[string][]byte{host + openid: names(host, nil)}, []string{host + openid, host + oauth}, cannotTell},
		"jwks_uri without host": {host, map[string][]byte{host + openid: names(host, "https:///k")}, []string{host + openid, host + oauth}, cannotTell},
		"jwks_uri a path":       {host, map[string][]byte{host + openid: names(host, "/k")}, []string{host + openid, host + oauth}, cannotTell},
		"jwks_uri in the open": {
			host,
			map[string][]byte{host + openid: names(host, "http://id.example.com/k"), "http://id.example.com/k": set},
			[]string{host + openid, host + oauth},
			cannotTell,
		},
		"jwks_uri a file": {host, map[string][]byte{host + openid: names(host, "file://localhost/etc/k")}, []string{host + openid, host + oauth}, cannotTell},
		"all in the open": {
			"http://id.test",
			map[string][]byte{"http://id.test" + openid: names("http://id.test", "http://id.test/k"), "http://id.test/k": set},
			[]string{"http://id.test" + openid, "http://id.test/k"},
			known,
		},
		"issuer twice": {
			host,
			map[string][]byte{host + openid: []byte(`{"issuer":"https://evil.example.com","issuer":"` + host + `","jwks_uri":"` + host + `/k"}`)},
			[]string{host + openid, host + oauth},
			cannotTell,
		},
		"HTML":          {host, map[string][]byte{host + openid: []byte("<html>"), host + oauth: []byte("<html>")}, []string{host + openid, host + oauth}, cannotTell},
		"no keys there": {host, map[string][]byte{host + openid: names(host, host+"/gone")}, []string{host + openid, host + "/gone"}, cannotTell},
	} {
		t.Run(name, func(t *testing.T) {
			pages := map[string][]byte{host + "/k": set}
			maps.Copy(pages, row.pages)
			synctest.Test(t, func(t *testing.T) {
				at := &endpoint{reply: site(pages)}
				conf := fetchSettings(at)
				conf.URL, conf.Discovery, conf.Issuer = "", true, row.issuer
				f := start(t, conf)
				f.Ready(t.Context())
				if diff := cmp.Diff(at.urls, row.asked); diff != "" {
					t.Errorf("asked (-got +want):\n%s", diff)
				}
				_, _, err := f.Keys(t.Context(), ecKey, "ES256")
				if got := endingOf(err); got != row.want {
					t.Errorf("got %v (%v), want %v", got, err, row.want)
				}
			})
		})
	}
}
