package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// frame is one CheckRequest as gRPC sends it, encoded before anything is
// measured, and the places of what no two requests of a proxy have in common.
type frame struct {
	bytes  []byte
	caller string
	varies []varying
}

// varying is one such place.
type varying struct {
	at   int
	fill func([]byte, *rand.Rand)
}

// What stands in the places until a frame is sent. Each is found again by its
// bytes, and every other value has as many.
const (
	someID      = "f81d4fae-7dec-41d0-a765-00a0c91e6bf6"
	someParent  = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	someStream  = "4903521470538196274"
	somePort    = 54321
	someNanos   = 123456789
	leastPort   = 1 << 14 // the least number that takes three bytes
	leastNanos  = 1 << 21 // the least that takes four
	prefixBytes = 5
)

// newFrame encodes what Envoy asks about one request of a caller.
func newFrame(caller, token, path string, raw bool) (*frame, error) {
	message, err := proto.Marshal(checkRequest(token, path, raw))
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	f := &frame{caller: caller, bytes: make([]byte, prefixBytes, prefixBytes+len(message))}
	binary.BigEndian.PutUint32(f.bytes[1:], uint32(len(message)))
	f.bytes = append(f.bytes, message...)
	for _, v := range []struct {
		text string
		fill func([]byte, *rand.Rand)
	}{
		{someID, hexDigits},
		{someParent[3:35], hexDigits},
		{someParent[36:52], hexDigits},
		{someStream, digits},
		{varint(3, somePort), number(leastPort, 1<<16)},
		{varint(2, someNanos), number(leastNanos, 1<<28)},
	} {
		if err := f.vary([]byte(v.text), v.fill); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// vary notes every place of some bytes. That there is none means that another
// request would be measured than the one that is described.
func (f *frame) vary(text []byte, fill func([]byte, *rand.Rand)) error {
	found := 0
	for from := 0; ; found++ {
		at := bytes.Index(f.bytes[from:], text)
		if at < 0 {
			break
		}
		place := f.bytes[from+at:][:len(text)]
		f.varies = append(f.varies, varying{from + at, func(message []byte, r *rand.Rand) { fill(message[:len(place)], r) }})
		from += at + len(text)
	}
	if found == 0 {
		return fmt.Errorf("the request does not hold %q", text)
	}
	return nil
}

// write gives the frame with new values in its places, in the memory of into.
func (f *frame) write(into []byte, r *rand.Rand) []byte {
	into = append(into[:0], f.bytes...)
	for _, v := range f.varies {
		v.fill(into[v.at:], r)
	}
	return into
}

func hexDigits(place []byte, r *rand.Rand) {
	const digits = "0123456789abcdef"
	for i := range place {
		if place[i] != '-' {
			place[i] = digits[r.Uint32()&15]
		}
	}
}

func digits(place []byte, r *rand.Rand) {
	for i := range place {
		place[i] = byte('1' + r.Uint32()%9)
	}
}

// number fills a field's varint, its tag included, with one of the same length.
func number(least, most uint64) func([]byte, *rand.Rand) {
	return func(place []byte, r *rand.Rand) {
		protowire.AppendVarint(place[:1], least+r.Uint64N(most-least))
	}
}

func varint(field protowire.Number, value uint64) string {
	return string(protowire.AppendVarint(protowire.AppendTag(nil, field, protowire.VarintType), value))
}

// headers are those of a browser behind a proxy: 20 with the pseudo headers.
func headers(token, path string) map[string]string {
	return map[string]string{
		":authority": host, ":path": path, ":method": "GET", ":scheme": "https",
		"authorization":     "Bearer " + token,
		"accept":            "application/json, text/plain, */*",
		"accept-encoding":   "gzip, deflate, br, zstd",
		"accept-language":   "en-GB,en;q=0.9,de;q=0.8",
		"cache-control":     "no-cache",
		"origin":            "https://app.shop.example",
		"referer":           "https://app.shop.example/orders?page=2",
		"sec-ch-ua":         `"Chromium";v="142", "Not)A;Brand";v="8"`,
		"sec-fetch-dest":    "empty",
		"sec-fetch-mode":    "cors",
		"sec-fetch-site":    "same-site",
		"user-agent":        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
		"x-forwarded-for":   "203.0.113.9",
		"x-forwarded-proto": "https",
		"x-request-id":      someID,
		"traceparent":       someParent,
	}
}

const host = "api.shop.example"

func checkRequest(token, path string, raw bool) *authv3.CheckRequest {
	http := &authv3.AttributeContext_HttpRequest{
		Id: someStream, Method: "GET", Path: path, Host: host, Scheme: "https", Protocol: "HTTP/2",
	}
	all := headers(token, path)
	if raw {
		http.HeaderMap = &corev3.HeaderMap{}
		for name, value := range maps.All(all) {
			http.HeaderMap.Headers = append(http.HeaderMap.Headers, &corev3.HeaderValue{Key: name, RawValue: []byte(value)})
		}
	} else {
		http.Headers = all
	}
	return &authv3.CheckRequest{Attributes: &authv3.AttributeContext{
		Source:          &authv3.AttributeContext_Peer{Address: socket("203.0.113.9", somePort)},
		Destination:     &authv3.AttributeContext_Peer{Address: socket("10.0.0.7", 8443)},
		Request:         &authv3.AttributeContext_Request{Time: &timestamppb.Timestamp{Seconds: 1764000000, Nanos: someNanos}, Http: http},
		MetadataContext: &corev3.Metadata{}, RouteMetadataContext: &corev3.Metadata{},
	}}
}

func socket(address string, port uint32) *corev3.Address {
	return &corev3.Address{Address: &corev3.Address_SocketAddress{SocketAddress: &corev3.SocketAddress{
		Address: address, PortSpecifier: &corev3.SocketAddress_PortValue{PortValue: port},
	}}}
}
