package envoy_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sallyport-authz/sallyport/authz/envoy"
)

// disagree says how a walked message differs from what protobuf reads. A message
// that is not usual cannot: protobuf reads it.
func disagree(message []byte) (usual bool, difference string) {
	walked, read := envoy.Views(message)
	if walked == nil {
		return false, ""
	}
	if read == nil {
		return true, "walked, and does not decode"
	}
	if reflect.DeepEqual(walked, read) {
		return true, ""
	}
	return true, cmp.Diff(walked, read, cmp.AllowUnexported(envoy.ViewTypes()...), cmpopts.EquateEmpty(), cmpopts.EquateNaNs())
}

// full is a request with everything in it that proxies send.
func full(http *authv3.AttributeContext_HttpRequest) *authv3.CheckRequest {
	r := request(http)
	a := r.GetAttributes()
	a.Source = &authv3.AttributeContext_Peer{
		Address: socketAddress("203.0.113.9", 54321), Principal: "spiffe://edge", Certificate: "-----BEGIN", Service: "front",
	}
	a.Destination = &authv3.AttributeContext_Peer{Address: socketAddress("10.0.0.7", 8443)}
	a.Request.Time = &timestamppb.Timestamp{Seconds: 1764000000, Nanos: 123456789}
	a.ContextExtensions = map[string]string{"tls": "true", "zone": "a"}
	a.TlsSession = &authv3.AttributeContext_TLSSession{Sni: "api.example"}
	a.MetadataContext, a.RouteMetadataContext = &corev3.Metadata{}, &corev3.Metadata{FilterMetadata: map[string]*structpb.Struct{
		"geo": {Fields: map[string]*structpb.Value{"land": structpb.NewStringValue("de")}},
	}}
	return r
}

func usualMessages(t testing.TB) map[string][]byte {
	t.Helper()
	body := get(map[string]string{"content-length": "2"})
	body.Body, body.Size, body.Query, body.Fragment = "{}", -1, "a=1", "top"
	rawBody := getRaw(rawHeader("x-a", "\xff"))
	rawBody.RawBody = []byte("\xff\x00")
	return map[string][]byte{
		"nothing":    {},
		"joined":     encoded(t, full(get(map[string]string{"x-a": "1", "X-A": "2", "cookie": "a=\u00fc"}))),
		"raw":        encoded(t, full(getRaw(rawHeader("authorization", "Bearer a"), &corev3.HeaderValue{Key: "x-b", Value: "c"}))),
		"body":       encoded(t, full(body)),
		"raw body":   encoded(t, full(rawBody)),
		"both":       encoded(t, full(&authv3.AttributeContext_HttpRequest{Headers: map[string]string{"a": "b"}, HeaderMap: &corev3.HeaderMap{}})),
		"connection": encoded(t, &authv3.CheckRequest{Attributes: &authv3.AttributeContext{Destination: &authv3.AttributeContext_Peer{Service: "a"}}}),
	}
}

// What proxies send is walked: with a walk that gives up, this test goes red.
func TestUsualMessagesAreWalked(t *testing.T) {
	for name, message := range usualMessages(t) {
		t.Run(name, func(t *testing.T) {
			if usual, difference := disagree(message); !usual || difference != "" {
				t.Errorf("usual: %v, -walked +read:\n%s", usual, difference)
			}
		})
	}
}

// Whatever one byte of a message becomes, what is walked is what protobuf reads.
func TestSpoiltMessagesAreReadAsProtobufDoes(t *testing.T) {
	for name, message := range usualMessages(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for at := range message {
				for _, spoilt := range spoil(message, at) {
					if _, difference := disagree(spoilt); difference != "" {
						t.Fatalf("%x: -walked +read:\n%s", spoilt, difference)
					}
				}
			}
		})
	}
}

// spoil gives the message with one byte changed in several ways, taken out, or
// repeated, and with it ended there.
func spoil(message []byte, at int) [][]byte {
	all := [][]byte{message[:at], slices.Delete(slices.Clone(message), at, at+1), slices.Insert(slices.Clone(message), at, message[at])}
	for _, b := range []byte{0, 1, 0x7f, 0x80, 0xff, message[at] ^ 1, message[at] ^ 8, message[at] + 1, message[at] - 1} {
		changed := slices.Clone(message)
		changed[at] = b
		all = append(all, changed)
	}
	return all
}

// odd is a message that is not walked, and the guard that sees to it.
type odd struct {
	name    string
	message []byte
}

func oddMessages(t testing.TB) []odd {
	t.Helper()
	whole := encoded(t, full(get(map[string]string{"x-a": "1"})))
	text := func(number protowire.Number, value string) []byte {
		return protowire.AppendString(protowire.AppendTag(nil, number, protowire.BytesType), value)
	}
	inAttributes := func(fields ...[]byte) []byte { return text(1, string(slices.Concat(fields...))) }
	inHTTP := func(fields ...[]byte) []byte {
		return inAttributes(text(4, string(text(2, string(slices.Concat(fields...))))))
	}
	number := func(field protowire.Number, value uint64) []byte {
		return protowire.AppendVarint(protowire.AppendTag(nil, field, protowire.VarintType), value)
	}
	pair := string(slices.Concat(text(1, "a"), text(2, "b")))
	return []odd{
		{"attributes twice: once", slices.Concat(whole, whole)},
		{"request twice: once", inAttributes(text(4, ""), text(4, ""))},
		{"method twice: once", inHTTP(text(2, "GET"), text(2, "POST"))},
		{"unknown field of the request: walk", slices.Concat(whole, text(2, "a"))},
		{"unknown field of attributes: walkContext", inAttributes(text(3, "a"))},
		{"unknown field of http: text", inHTTP(text(14, "a"))},
		{"field above 31: mostFields", inHTTP(text(34, "a"))},
		{"header twice: sorted", inHTTP(text(3, pair), text(3, pair))},
		{"extension twice: walkExtension", inAttributes(text(10, pair), text(10, pair))},
		{"text that is not UTF-8: text", inHTTP(text(2, "\xff"))},
		{"text as a number: text", inHTTP(number(2, 1))},
		{"message as a number: entry", inAttributes(number(4, 1))},
		{"body as a number: opaque", inHTTP(number(12, 1))},
		{"size as text: number", inHTTP(text(9, "1"))},
		{"labels of a peer: walk", inAttributes(text(1, string(text(3, pair))))},
		{"pipe: walkAddress", inAttributes(text(1, string(text(1, string(text(2, ""))))))},
		{"named port: walkSocket", inAttributes(text(1, string(text(1, string(text(1, string(text(4, "http"))))))))},
		{"port above 32 bits: number", inAttributes(text(1, string(text(1, string(text(1, string(number(3, 1<<32))))))))},
		{"nanoseconds below zero: number", inAttributes(text(4, string(text(1, string(number(2, 1<<63))))))},
		{"group: next", inHTTP(protowire.AppendTag(nil, 2, protowire.StartGroupType), protowire.AppendTag(nil, 2, protowire.EndGroupType))},
		{"fixed number: next", inHTTP(protowire.AppendFixed32(protowire.AppendTag(nil, 9, protowire.Fixed32Type), 1))},
		{"cut: next", whole[:len(whole)-1]},
	}
}

// What protobuf merges, drops or refuses is not walked. Each row is walked when
// the guard in its name is out, and most of them then read wrong.
func TestOddMessagesAreNotWalked(t *testing.T) {
	for _, c := range oddMessages(t) {
		t.Run(c.name, func(t *testing.T) {
			if usual, _ := disagree(c.message); usual {
				t.Error("was walked")
			}
		})
	}
}

// Metadata may lie as deep as protobuf takes it as a part of the whole.
func TestMetadataIsWalkedAsDeepAsProtobufReads(t *testing.T) {
	nested := func(depth int) []byte {
		var value []byte // a Value that is a list of one Value
		for range depth {
			list := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), value)
			value = protowire.AppendBytes(protowire.AppendTag(nil, 6, protowire.BytesType), list)
		}
		entry := func(key string, value []byte) []byte {
			return protowire.AppendBytes(protowire.AppendTag(protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), key), 2, protowire.BytesType), value)
		}
		field := func(number protowire.Number, inner []byte) []byte {
			return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), inner)
		}
		return field(1, field(11, field(1, entry("ns", field(1, entry("k", value))))))
	}
	const around = 12
	deepest := 0
	for depth := range around {
		message := nested(protowire.DefaultRecursionLimit/2 - around/2 + depth)
		decodes := proto.Unmarshal(message, &authv3.CheckRequest{}) == nil
		walked, _ := envoy.Views(message)
		if (walked != nil) != decodes {
			t.Errorf("depth %d: walked %v, protobuf reads it %v", depth, walked != nil, decodes)
		}
		if decodes {
			deepest = depth
		}
	}
	if deepest == 0 || deepest == around-1 {
		t.Errorf("the limit is not where this test looks: %d", deepest)
	}
}

// FuzzWalk: what is walked is what protobuf reads.
func FuzzWalk(f *testing.F) {
	for _, message := range usualMessages(f) {
		f.Add(message)
	}
	for _, o := range oddMessages(f) {
		f.Add(o.message)
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		if _, difference := disagree(message); difference != "" {
			t.Error(difference)
		}
	})
}

func TestPseudoHeadersAreBounded(t *testing.T) {
	headers := make([]*corev3.HeaderValue, 0, 20)
	for i := range 20 {
		headers = append(headers, rawHeader(":x"+strings.Repeat("x", i), "a"))
	}
	if _, err := envoy.Read(envoy.Settings{}, encoded(t, request(getRaw(headers[:10]...)))); err != nil {
		t.Errorf("ten: %v", err)
	}
	if _, err := envoy.Read(envoy.Settings{}, encoded(t, request(getRaw(headers...)))); err == nil {
		t.Error("twenty were read")
	}
}
