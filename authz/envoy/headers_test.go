package envoy_test

import (
	"testing"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/envoy"
)

func TestHeaders(t *testing.T) {
	tests := []struct {
		name string
		http *httpRequest
		want authz.Headers
	}{
		{
			"joined: pseudo headers and host taken out, sorted",
			get(map[string]string{"x-b": "2", "host": "Api.Example:443", "x-a": "1,2"}),
			authz.Headers{Joined: true, List: []authz.Header{{Name: "x-a", Value: "1,2"}, {Name: "x-b", Value: "2"}}},
		},
		{
			"raw: the wire's order, duplicates and bytes are kept",
			getRaw(rawHeader("x-b", "2"), rawHeader("authorization", "Bearer a"), rawHeader("x-b", "\xff"), &corev3.HeaderValue{Key: "x-c", Value: "3"}),
			authz.Headers{List: []authz.Header{{Name: "x-b", Value: "2"}, {Name: "authorization", Value: "Bearer a"}, {Name: "x-b", Value: "\xff"}, {Name: "x-c", Value: "3"}}},
		},
		{
			// The guard is ToLower in add: without it a second line hides from
			// whoever counts the lines of one name.
			"names are lowered, so that a duplicate counts as one",
			get(map[string]string{"Authorization": "Bearer b", "authorization": "Bearer a"}),
			authz.Headers{Joined: true, List: []authz.Header{{Name: "authorization", Value: "Bearer a"}, {Name: "authorization", Value: "Bearer b"}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := read(t, envoy.Settings{}, request(tt.http)).Request.Headers
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Both encodings of two lines of one carrier are Repeated to the core: the
// guard is that Joined is told and that no line is dropped.
func TestRepeatedCarriersInBothEncodings(t *testing.T) {
	carrier := authz.InHeader("authorization")
	for name, http := range map[string]*httpRequest{
		"joined":              get(map[string]string{"authorization": "Bearer a,Bearer b"}),
		"raw":                 getRaw(rawHeader("authorization", "Bearer a"), rawHeader("authorization", "Bearer b")),
		"raw, joined inline":  getRaw(rawHeader("authorization", "Bearer a,Bearer b")),
		"raw, in other cases": getRaw(rawHeader("authorization", "Bearer a"), rawHeader("Authorization", "Bearer b")),
	} {
		t.Run(name, func(t *testing.T) {
			headers := read(t, envoy.Settings{}, request(http)).Request.Headers
			if _, got := headers.Carried(carrier); got != authz.Repeated {
				t.Errorf("got %v, want Repeated", got)
			}
		})
	}
	mangled := read(t, envoy.Settings{}, request(get(map[string]string{"authorization": "Bearer a!"}))).Request.Headers
	if _, got := mangled.Carried(carrier); got != authz.Mangled {
		t.Errorf("got %v, want Mangled", got)
	}
}
