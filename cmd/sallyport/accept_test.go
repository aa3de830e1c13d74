package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
)

// several ways to know a caller: two that hold secrets, one by host, anonymous.
const fourKinds = `server: {listeners: [{address: "127.0.0.1:9001"}]}
mode: development
authenticators:
  - {name: guest, anonymous: {}}
  - {name: web, host: {tenants: [{tenant: acme, domains: [{name: shop.acme.com, verified: true}]}]}}
  - {name: key, apikey: {keys: [{id: a, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08}]}}
  - {name: bearer, word: token, apikey: {header: Authorization, keys: [{id: b, sha256: 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752}]}}
denials: [{name: plain}, {name: fancy}]
denial: plain
hosts:
  - name: api
    match: [api.example.com]
    tenant: none
    HOST
    routes:
      - methods: [GET, POST]
        path: /x/{id}
        ROUTE
`

// matched compiles fourKinds with more settings and gives the route of a request.
func matched(t *testing.T, host, route string, request authz.Request) *authz.Route {
	t.Helper()
	p, err := load(t.Context(), write(t, strings.NewReplacer("HOST", host, "ROUTE", route).Replace(fourKinds)), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	match, err := p.snapshot.Router.Match(&authz.Attributes{Request: &request})
	if err != nil {
		t.Fatal(err)
	}
	return match.Route
}

func order() authz.Request {
	return authz.Request{Method: "GET", Host: "api.example.com", Path: "/x/1"}
}

func acceptedNames(route *authz.Route) [][]string {
	var groups [][]string
	for _, group := range route.Accept {
		var names []string
		for _, configured := range group {
			names = append(names, configured.Name)
		}
		groups = append(groups, names)
	}
	return groups
}

// TestAccept: the guard of "nothing said" is notAnonymous, that of the order is
// classOf. A flat list never puts anonymous before a secret.
func TestAccept(t *testing.T) {
	for _, c := range []struct {
		name, host, route string
		want              [][]string
	}{
		{"nothing said: all but anonymous", "", "", [][]string{{"key", "bearer"}, {"web"}}},
		{"flat list: by class", "", "accept: [guest, web, bearer, key]", [][]string{{"bearer", "key"}, {"web"}, {"guest"}}},
		{"groups: as they are", "", "accept: [[web], [key], [bearer, guest]]", [][]string{{"web"}, {"key"}, {"bearer", "guest"}}},
		{"the block's default", "accept: [bearer]", "", [][]string{{"bearer"}}},
		{"the route's own word", "accept: [bearer]", "accept: [key]", [][]string{{"key"}}},
		{"the block's authenticators", "authenticators: [key, guest]", "", [][]string{{"key"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := acceptedNames(matched(t, c.host, c.route, order()))
			if diff := cmp.Diff(got, c.want); diff != "" {
				t.Errorf("groups (-got +want):\n%s", diff)
			}
		})
	}
}

// TestNoRoute: what nobody declared never accepts anonymous by default, and an
// unknown host accepts nobody at all.
func TestNoRoute(t *testing.T) {
	elsewhere := authz.Request{Method: "GET", Host: "api.example.com", Path: "/other"}
	unknown := authz.Request{Method: "GET", Host: "evil.example.com", Path: "/x/1"}
	for _, c := range []struct {
		name, host string
		request    authz.Request
		want       [][]string
	}{
		{"default", "", elsewhere, [][]string{{"key", "bearer"}, {"web"}}},
		{"not the routes' default", "accept: [bearer]", elsewhere, [][]string{{"key", "bearer"}, {"web"}}},
		{"as declared", "no_route: {accept: [bearer]}", elsewhere, [][]string{{"bearer"}}},
		{"nobody", "no_route: {accept: []}", elsewhere, nil},
		{"unknown host", "", unknown, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			route := matched(t, c.host, "", c.request)
			if route.Kind != authz.NothingDeclared {
				t.Errorf("got kind %d, want NothingDeclared", route.Kind)
			}
			if diff := cmp.Diff(acceptedNames(route), c.want); diff != "" {
				t.Errorf("groups (-got +want):\n%s", diff)
			}
		})
	}
}

func TestChallenge(t *testing.T) {
	for _, c := range []struct{ name, host, route, want string }{
		{"bearer first", "", "accept: [key, bearer]", "Bearer"},
		{"auto over the block's off", "challenge: off", "challenge: auto", "Bearer"},
		{"off", "", `challenge: "off"`, ""},
		{"the block's off", `challenge: "off"`, "", ""},
		{"own text", "", `challenge: 'Bearer realm="api"'`, `Bearer realm="api"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := matched(t, c.host, c.route, order()).Challenge
			if got != c.want && !strings.HasPrefix(got, c.want+",") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestInherited: a route's own word, else the block's, else the default, and
// the default refuses.
func TestInherited(t *testing.T) {
	type rules struct {
		Malformed                 int
		Unclaimed, Header, Cookie authz.Treatment
		Forward, Slash            bool
	}
	for _, c := range []struct {
		name, host, route string
		want              rules
	}{
		{"defaults", "", "", rules{401, authz.Refuse, authz.Refuse, authz.Ignore, false, false}},
		{"block", "unclaimed: ignore\n    malformed: 400\n    unaccepted: {headers: ignore, cookies: refuse}", "", rules{400, authz.Ignore, authz.Ignore, authz.Refuse, false, false}},
		{"route over block", "unclaimed: ignore\n    malformed: 400\n    unaccepted: {headers: ignore}", "unclaimed: refuse\n        malformed: 401\n        unaccepted: {headers: refuse}", rules{401, authz.Refuse, authz.Refuse, authz.Ignore, false, false}},
		{"route", "", "forward_credential: true\n        encoded_slash: keep", rules{401, authz.Refuse, authz.Refuse, authz.Ignore, true, true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := matched(t, c.host, c.route, order())
			got := rules{r.MalformedStatus, r.Unclaimed, r.UnacceptedHeader, r.UnacceptedCookie, r.ForwardCredential, r.EncodedSlash}
			if diff := cmp.Diff(got, c.want); diff != "" {
				t.Errorf("rules (-got +want):\n%s", diff)
			}
		})
	}
}

func TestRouteIDs(t *testing.T) {
	post := order()
	post.Method = "POST"
	if got, want := matched(t, "", "", post).ID, "POST /x/{id}"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := matched(t, "", "id: x.write", post).ID, "x.write"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestFormats: a denial looks as the route says, else the block, else the top.
func TestFormats(t *testing.T) {
	at := func(host, route string) *authz.DenialFormat { return matched(t, host, route, order()).Format }
	if at("", "") == nil {
		t.Error("the format at the top is not taken over")
	}
	p, err := load(t.Context(), write(t, strings.NewReplacer("HOST", "denial: fancy", "ROUTE", "denial: plain").Replace(fourKinds)), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	of := func(request authz.Request) *authz.DenialFormat {
		match, err := p.snapshot.Router.Match(&authz.Attributes{Request: &request})
		if err != nil {
			t.Fatal(err)
		}
		return match.Route.Format
	}
	elsewhere := authz.Request{Method: "GET", Host: "api.example.com", Path: "/other"}
	if of(order()) != p.snapshot.Format || of(elsewhere) == p.snapshot.Format {
		t.Error("the route's format is not its own, or the block's is not the block's")
	}
}
