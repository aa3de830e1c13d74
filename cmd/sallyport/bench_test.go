package main

import (
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// BenchmarkRemembered is what the core does for a Check whose verdict is
// remembered: match, key, lookup, comparison.
func BenchmarkRemembered(b *testing.B) {
	p, err := load(b.Context(), write(b, sound), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	shelves, err := newShelves(16<<20, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	defer shelves.close()
	a, err := authz.NewAuthorizer(authz.Limits{InFlight: 8, Timeout: time.Minute, Margin: time.Millisecond}, time.Now)
	if err != nil {
		b.Fatal(err)
	}
	if err := a.Remembering(shelves, &authz.Changes{}); err != nil {
		b.Fatal(err)
	}
	a.Swap(p.snapshot)
	request := typical()
	a.Check(b.Context(), request)
	shelves.allows.Wait()
	shelves.denials.Wait()
	b.ReportAllocs()
	for b.Loop() {
		if v := a.Check(b.Context(), request); v.Trail.Cache != authz.CacheHit {
			b.Fatal(v.Trail.Cache)
		}
	}
}

// typical is a request as a browser behind Envoy sends it.
func typical() *authz.Attributes {
	r := &authz.Request{Method: "GET", Scheme: "https", Host: "api.example.com", Path: "/v1/orders/4711?page=2&size=50"}
	for _, h := range [][2]string{
		{"accept", "application/json, text/plain, */*"},
		{"accept-encoding", "gzip, deflate, br, zstd"},
		{"accept-language", "en-GB,en;q=0.9"},
		{"cache-control", "no-cache"},
		{"content-type", "application/json"},
		{"origin", "https://shop.example.com"},
		{"pragma", "no-cache"},
		{"referer", "https://shop.example.com/orders"},
		{"sec-fetch-dest", "empty"},
		{"sec-fetch-mode", "cors"},
		{"sec-fetch-site", "same-site"},
		{"user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"},
		{"x-api-key", "a-key-that-nobody-knows"},
		{"x-forwarded-for", "203.0.113.7"},
		{"x-forwarded-proto", "https"},
		{"x-request-id", "5a6f9c1e-0c3e-4a57-9d0b-6f0a3d2c1b00"},
		{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
		{"cookie", "theme=dark; consent=yes; lang=en"},
	} {
		r.Headers.List = append(r.Headers.List, authz.Header{Name: h[0], Value: h[1]})
	}
	return &authz.Attributes{Request: r, Peer: authz.Peer{Address: "203.0.113.7"}}
}
