package envoy_test

import (
	"strings"
	"testing"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/protobuf/proto"

	"github.com/sallyport-authz/sallyport/authz/envoy"
)

// BenchmarkRead compares reading a browser's request, with a token of 900 bytes,
// to what protobuf alone takes for it.
func BenchmarkRead(b *testing.B) {
	asked := full(get(map[string]string{
		"authorization": "Bearer " + strings.Repeat("a", 900), "accept": "application/json", "accept-encoding": "gzip, deflate, br",
		"accept-language": "en-GB,en;q=0.9", "cache-control": "no-cache", "origin": "https://app.example", "referer": "https://app.example/x",
		"sec-fetch-dest": "empty", "sec-fetch-mode": "cors", "sec-fetch-site": "same-site", "user-agent": strings.Repeat("Mozilla ", 12),
		"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https", "x-request-id": "f81d4fae-7dec-41d0-a765-00a0c91e6bf6",
		"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
	}))
	asked.Attributes.RouteMetadataContext = nil // few proxies send any
	message := encoded(b, asked)
	b.Run("attributes", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := envoy.Read(envoy.Settings{}, message); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("protobuf", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := proto.Unmarshal(message, &authv3.CheckRequest{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
