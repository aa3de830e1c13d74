package host_test

import (
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
)

// BenchmarkBadKey is what a host that is nobody's costs. A verification of one
// ES256 signature, which T-C3 holds it against, stands beside apikey's.
func BenchmarkBadKey(b *testing.B) {
	a := newAuthenticator(b)
	attributes := &authz.Attributes{Request: &authz.Request{Host: "nobody.prood.app"}}
	b.ReportAllocs()
	for b.Loop() {
		credential, err := a.Extract(attributes)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := a.Authenticate(b.Context(), credential); err == nil {
			b.Fatal("an unknown host was accepted")
		}
	}
}
