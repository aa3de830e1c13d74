package authz_test

import (
	"errors"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
)

func TestCarried(t *testing.T) {
	header := authz.InHeader("authorization")
	for _, c := range []struct {
		name, scheme, want string
		lines              []string
		joined             bool
		err                error
	}{
		{name: "nothing", err: authz.ErrAbsent},
		{name: "whole value", lines: []string{"Basic YTpi"}, want: "Basic YTpi"},
		{name: "behind its scheme", scheme: "bearer", lines: []string{"BEARER t"}, want: "t"},
		{name: "spaces are the value's", scheme: "bearer", lines: []string{"Bearer  t"}, want: " t"},
		{name: "a scheme alone", scheme: "bearer", lines: []string{"Bearer"}, want: ""},
		{name: "another scheme", scheme: "bearer", lines: []string{"Basic YTpi"}, err: authz.ErrAbsent},
		{name: "a longer scheme", scheme: "bearer", lines: []string{"BearerX t"}, err: authz.ErrAbsent},
		{name: "twice", scheme: "bearer", lines: []string{"Bearer t", "Bearer t"}, err: authz.ErrMalformed},
		{name: "joined", scheme: "bearer", lines: []string{"Bearer t,Bearer u"}, err: authz.ErrMalformed},
		{name: "bytes that Envoy replaced", scheme: "bearer", lines: []string{"Bearer t!"}, joined: true, err: authz.ErrMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &authz.Request{Headers: authz.Headers{Joined: c.joined}}
			for _, line := range c.lines {
				r.Headers.List = append(r.Headers.List, authz.Header{Name: "authorization", Value: line})
			}
			got, err := (&authz.Attributes{Request: r}).Carried(header, c.scheme)
			if got != c.want || !errors.Is(err, c.err) {
				t.Errorf("got %q, %v, want %q, %v", got, err, c.want, c.err)
			}
		})
	}
	if _, err := new(authz.Attributes).Carried(header, ""); !errors.Is(err, authz.ErrAbsent) {
		t.Errorf("a connection: got %v", err)
	}
}
