package route_test

import (
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/route"
)

// FuzzPath: the canonical form is its own canonical form, and package net/url
// reads the raw and the canonical path alike, segment by segment.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{
		"/", "/a/b", "/a/", "/%61", "/a%2fb", "/a%252f", "/%c3%a9", "/\u00e9", "/..", "//", "*", "", "/a;b", "/%25", "/%25%2f",
		"/%%2F", "/%2%2F5", "http://a/b", "/a#b", "/\xff", "/%25zz", "/%5c", "/%e2%80%a8",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		path, err := route.ParsePath(raw)
		if err != nil {
			return
		}
		canonical := path.Canonical()
		again, err := route.ParsePath(canonical)
		if err != nil || again.Canonical() != canonical {
			t.Fatalf("%q: canonical %q reads as %q, error %v", raw, canonical, again.Canonical(), err)
		}
		theirs, ours := strings.Split(raw, "/"), strings.Split(canonical, "/")
		if len(theirs) != len(ours) {
			t.Fatalf("%q: canonical %q has another number of segments", raw, canonical)
		}
		for i := range theirs {
			want, err := url.PathUnescape(theirs[i])
			if err != nil {
				t.Fatalf("%q: net/url refuses %q: %v", raw, theirs[i], err)
			}
			got, err := url.PathUnescape(ours[i])
			if err != nil || got != want {
				t.Fatalf("%q: canonical segment %q means %q, want %q, error %v", raw, ours[i], got, want, err)
			}
		}
	})
}

// FuzzQuery: what we read, package net/url reads alike, but for the semicolon,
// which it refuses.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"", "a=1", "a=1&a=2", "a;b=c", "%61=+", "a=%", "a=%ff", "&&", "=", "a?b", "a=\u00e9"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := authz.ParseQuery(raw)
		if err != nil || strings.Contains(raw, ";") {
			return
		}
		want, err := url.ParseQuery(raw)
		if err != nil {
			t.Fatalf("%q: net/url: %v", raw, err)
		}
		if len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, map[string][]string(want)) {
			t.Fatalf("%q: got %v, want %v", raw, got, want)
		}
	})
}

// FuzzTemplate: a template without parameters that loads is matched by exactly
// the path that it spells.
func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{"/", "/a", "/a/", "/a b", "/{x}", "/{x}/{x}", "/{x...}", "/a{", "/%61", "/\u00e9", "/..", "/*"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, template string) {
		made, err := route.New(route.Spec{Unknown: nothing("unknown"), Hosts: []route.Host{
			{Patterns: []string{"api.example"}, NoRoute: nothing("no route"), Rules: get(template)},
		}})
		if err != nil || strings.Contains(template, "{") || len(template) > 2000 {
			return
		}
		segments := strings.Split(template, "/")
		for i := range segments {
			segments[i] = url.PathEscape(segments[i])
		}
		match, err := made.Match(request("GET", strings.Join(segments, "/")))
		if err != nil || match.Route.Kind != authz.Operation {
			t.Fatalf("template %q: its own path %q is not matched, error %v", template, strings.Join(segments, "/"), err)
		}
	})
}
