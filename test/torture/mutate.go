package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/protobuf/proto"
)

// mutator makes one hostile message. Half of them began as a request that would
// be allowed, so that what lies behind the first checks is reached too.
type mutator struct{ *rand.Rand }

// notUTF8 stands for two bytes that are not UTF-8, which no encoder takes.
const notUTF8 = "\u00ff"

func newMutator(r *rand.Rand) mutator { return mutator{r} }

// message gives bytes. What changes a field comes before what changes bytes.
func (m mutator) message() ([]byte, error) {
	request := m.request()
	for range m.IntN(3) {
		m.field(request.GetAttributes().GetRequest().GetHttp())
	}
	message, err := proto.MarshalOptions{Deterministic: true}.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	message = bytes.ReplaceAll(message, []byte(notUTF8), []byte("\xff\xff"))
	for range m.IntN(4) {
		message = m.spoil(message)
	}
	return message, nil
}

func (m mutator) request() *authv3.CheckRequest {
	key := theKey
	if m.IntN(2) == 0 {
		key = "pk_00000000000000000000"
	}
	http := &authv3.AttributeContext_HttpRequest{
		Id: "1", Method: "GET", Path: thePath + "?page=2", Host: theHost + ":443", Scheme: "https", Protocol: "HTTP/2",
	}
	headers := []*corev3.HeaderValue{
		{Key: ":authority", RawValue: []byte(http.GetHost())},
		{Key: ":path", RawValue: []byte(http.GetPath())},
		{Key: ":method", RawValue: []byte("GET")},
		{Key: "accept", RawValue: []byte("*/*")},
		{Key: "user-agent", RawValue: []byte("torture")},
		{Key: keyHeader, RawValue: []byte(key)},
	}
	if m.IntN(2) == 0 {
		http.HeaderMap = &corev3.HeaderMap{Headers: headers}
	} else {
		http.Headers = map[string]string{}
		for _, h := range headers {
			http.Headers[h.GetKey()] = string(h.GetRawValue())
		}
	}
	return &authv3.CheckRequest{Attributes: &authv3.AttributeContext{
		Source:  &authv3.AttributeContext_Peer{Principal: "spiffe://edge"},
		Request: &authv3.AttributeContext_Request{Http: http},
	}}
}

// field changes what a proxy, or a client through it, could have sent.
func (m mutator) field(http *authv3.AttributeContext_HttpRequest) {
	switch m.IntN(8) {
	case 0:
		http.Method = m.pick("", "get", "HEAD", "POST", "GET ", "GET\x00", "CONNECT", "OPTIONS")
	case 1:
		http.Path = m.path()
	case 2:
		http.Host = m.pick("", "API.example", "api.example.", "api.example..", "evil.example", "api.example,evil", "[::1]", "a@api.example", "api.example:99999")
	case 3:
		http.Scheme = m.pick("", "http", "HTTPS", "javascript")
	case 4:
		http.Body, http.RawBody = m.pick("", "{}", "\x00"), []byte(m.pick("", "{}", notUTF8))
	case 5:
		http.Size = m.Int64N(3) - 1
	case 6:
		http.Query, http.Fragment = m.pick("", "page=2", "page=3"), m.pick("", "top")
	default:
		m.header(http)
	}
}

func (m mutator) path() string {
	return m.pick(
		thePath, thePath+"/", "/v1//orders", "/v1/./orders", "/v1/x/../orders", "/v1/%6frders", "/v1/%256frders", "/v1%2forders",
		"/v1/orders;a=b", "/v1/orders%00", "/v1/orders#top", "/v1/orders?"+strings.Repeat("a=b&", 400), `/v1\orders`, "", "*",
		"v1/orders", "/V1/orders", "/v1/orders"+notUTF8, "/v1/orders%c0%af", strings.Repeat("/a", 5000), "http://api.example/v1/orders")
}

// header adds a header beside the others, in one encoding or in both.
func (m mutator) header(http *authv3.AttributeContext_HttpRequest) {
	name := m.pick(keyHeader, "X-API-KEY", "x_api_key", "authorization", "cookie", "host", ":path", ":authority", "", "x-authz-subject",
		"x-envoy-auth-partial-body", "content-length", "transfer-encoding", "x-a\r\nx-b", "x-"+notUTF8, "access-control-request-method", "origin", "content-type")
	value := m.pick(theKey, theKey+","+theKey, theKey+" ", "Bearer "+theKey, "", "false", "application/grpc", "a\r\nb", "a\x00b", "a!b", notUTF8, thePath, theHost,
		strings.Repeat("a", 20_000))
	if m.IntN(2) == 0 && http.GetHeaders() != nil {
		http.Headers[name] = value
		return
	}
	if http.GetHeaderMap() == nil {
		http.HeaderMap = &corev3.HeaderMap{}
	}
	h := &corev3.HeaderValue{Key: name, RawValue: []byte(value)}
	if m.IntN(4) == 0 {
		h.Value = value
	}
	http.HeaderMap.Headers = slices.Insert(http.HeaderMap.Headers, m.IntN(len(http.GetHeaderMap().GetHeaders())+1), h)
}

// spoil changes the message as no encoder would.
func (m mutator) spoil(message []byte) []byte {
	at := m.IntN(len(message) + 1)
	to := at + m.IntN(min(len(message)-at, 64)+1)
	switch m.IntN(7) {
	case 0: // one bit
		changed := slices.Clone(message)
		if at < len(changed) {
			changed[at] ^= 1 << m.IntN(8)
		}
		return changed
	case 1: // some bytes
		return slices.Insert(slices.Clone(message), at, m.garbage()...)
	case 2: // a piece out
		return slices.Delete(slices.Clone(message), at, to)
	case 3: // a piece twice
		return slices.Insert(slices.Clone(message), to, message[at:to]...)
	case 4: // cut
		return message[:at]
	case 5: // the whole once more: protobuf merges the two
		return append(slices.Clone(message), message...)
	default: // another one behind it
		other, err := proto.Marshal(m.request())
		if err != nil {
			return fmt.Append(nil, err)
		}
		return append(slices.Clone(message), other...)
	}
}

// garbage is short and often means something to a reader of protobuf: groups,
// huge lengths, numbers without an end, field 0.
func (m mutator) garbage() []byte {
	if m.IntN(2) == 0 {
		known := []string{"\x0b", "\x0c", "\x00", "\x0a\xff\xff\xff\xff\x0f", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\x0a\x80\x80\x80\x80\x08", "\x6a\x02\x0a\x00", "\x1a\x00"}
		return []byte(m.pick(known...))
	}
	piece := make([]byte, 1+m.IntN(8))
	for i := range piece {
		piece[i] = byte(m.IntN(256))
	}
	return piece
}

func (m mutator) pick(among ...string) string { return among[m.IntN(len(among))] }
