package envoy_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/envoy"
)

// Traps 1 and 2 of the contract: whatever is done to the handler, the client
// gets an answer, never a gRPC error, and its code is not 0. Each row goes red
// without the guard that it names.
func TestNoCallEndsAsAnErrorOrAnAllow(t *testing.T) {
	whole := encoded(t, request(get(nil)))
	large := request(changed(func(h *httpRequest) { h.RawBody = bytes.Repeat([]byte("a"), 5<<20) }))
	unknown := append([]byte{0xfa, 0x3f, 0x01, 'x'}, whole...)
	denied := checker{verdict: authz.Verdict{Reason: authz.ByPolicy, Status: 403}}
	allowUnread := checker{refusal: authz.Verdict{Effect: authz.Allow}}
	sending := func(v authz.Verdict) checker { v.Effect = authz.Allow; return checker{verdict: v} }
	tests := []struct {
		name    string
		checker checker
		message []byte
		want    codes.Code
	}{
		{"empty message: reader.attributes", allowing, nil, codes.InvalidArgument},
		{"garbage: codec.Unmarshal", allowing, []byte("\xff\xff\xff"), codes.InvalidArgument},
		{"truncated message: codec.Unmarshal", allowing, whole[:len(whole)-3], codes.InvalidArgument},
		{"header without a name: IsHeaderName", allowing, encoded(t, request(getRaw(nil))), codes.InvalidArgument},
		{"body of 5 MiB: MaxRecvMsgSize", denied, encoded(t, large), codes.PermissionDenied},
		{"unknown fields: reader.read", denied, unknown, codes.PermissionDenied},
		{"panic in Checker: recovered in decide", checker{panics: true}, whole, codes.Unavailable},
		{"zero verdict: reasonOf", checker{}, whole, codes.Unavailable},
		{"unknown effect: newResponse", checker{verdict: authz.Verdict{Effect: 9}}, whole, codes.Unavailable},
		{"allow of what could not be read: decide", allowUnread, nil, codes.Unavailable},
		{"header that is not UTF-8: sound", sending(authz.Verdict{Upstream: []authz.Header{{Name: "x-a", Value: "\xff"}}}), whole, codes.Unavailable},
		{"framing header: sound", sending(authz.Verdict{Upstream: []authz.Header{{Name: "content-length", Value: "1"}}}), whole, codes.Unavailable},
		{"metadata that is not UTF-8: dynamicMetadata", sending(authz.Verdict{Metadata: map[string]any{"k": "\xff"}}), whole, codes.Unavailable},
		{"body that is not UTF-8: proto.Marshal", checker{verdict: authz.Verdict{Reason: authz.ByPolicy, Body: "\xff"}}, whole, codes.Unavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := settings(tt.checker)
			_, connection := start(t, s)
			r, err := call(t, connection, tt.message)
			if got := codes.Code(r.GetStatus().GetCode()); err != nil || got != tt.want || r.GetDeniedResponse() == nil {
				t.Errorf("got %v, %v; want a denial with %v", r, err, tt.want)
			}
			for _, e := range s.Recorder.(*recorder).all() {
				if e.Verdict.Effect != authz.Deny {
					t.Errorf("recorded %v of a denial", e.Verdict.Effect)
				}
			}
		})
	}
}

// An answer that nobody recorded is none: the guard is recovered in record.
func TestPanicInRecorderIsADenial(t *testing.T) {
	s := settings(allowing)
	s.Recorder = &recorder{panics: true}
	_, connection := start(t, s)
	r, err := call(t, connection, encoded(t, request(get(nil))))
	if err != nil || r.GetStatus().GetCode() != int32(codes.Unavailable) || r.GetDeniedResponse().GetStatus().GetCode() != 503 {
		t.Errorf("got %v, %v", r, err)
	}
}

// The guard is recovered in decide: clock and ids are called within it.
func TestPanicsInClockAndIdsAreDenials(t *testing.T) {
	clock, ids := settings(allowing), settings(allowing)
	clock.Now = func() time.Time { panic("clock") }
	ids.NewID = func() string { panic("ids") }
	for name, s := range map[string]envoy.Settings{"clock": clock, "ids": ids} {
		t.Run(name, func(t *testing.T) {
			bytes, err := envoy.Answer(t.Context(), s, encoded(t, request(get(nil))))
			if err != nil || decoded(t, bytes).GetStatus().GetCode() != int32(codes.Unavailable) {
				t.Errorf("got %q, %v", bytes, err)
			}
		})
	}
}

// Only a finished evaluation may allow: the guard is ctx.Err in decide.
func TestAllowAfterTheCallEndedIsADenial(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	bytes, err := envoy.Answer(ctx, settings(allowing), encoded(t, request(get(nil))))
	if err != nil || decoded(t, bytes).GetStatus().GetCode() != int32(codes.Unavailable) {
		t.Errorf("got %q, %v", bytes, err)
	}
}

// A prepared denial fits who reads it: Envoy would let its content-type replace
// the one that a gRPC client needs.
func TestPreparedDenialFitsItsClient(t *testing.T) {
	grpc := get(map[string]string{"content-type": "application/grpc"})
	mesh := get(map[string]string{"content-type": "application/grpc"})
	mesh.Size = -1
	tests := []struct {
		name string
		http *httpRequest
		want string
	}{
		{"HTTP", get(nil), `14 unavailable 503 [content-type=application/json retry-after=1]  {"code":"unavailable"}`},
		{"gRPC behind Envoy", grpc, "14 unavailable 503 [retry-after=1 grpc-status=14 grpc-message=unavailable]  "},
		{"gRPC's own client", mesh, "14 unavailable 503 [retry-after=1]  "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bytes, err := envoy.Answer(t.Context(), settings(checker{panics: true}), encoded(t, request(tt.http)))
			if err != nil {
				t.Fatal(err)
			}
			if got := denialOf(decoded(t, bytes)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAllowReachesTheProxy(t *testing.T) {
	s := settings(allowing)
	_, connection := start(t, s)
	r, err := call(t, connection, encoded(t, request(get(nil))))
	if err != nil || r.GetStatus() == nil || r.GetStatus().GetCode() != 0 || r.GetOkResponse() == nil {
		t.Fatalf("got %v, %v", r, err)
	}
	events := s.Recorder.(*recorder).all()
	if len(events) != 1 || events[0].DecisionID != "decision-1" || events[0].Verdict.Effect != authz.Allow ||
		events[0].Attributes == nil || events[0].Start.IsZero() {
		t.Errorf("recorded %+v", events)
	}
}

// There is one event for each Check, and it tells what was sent and why.
func TestEventOfAReplacedAnswer(t *testing.T) {
	var log strings.Builder
	s := settings(checker{verdict: authz.Verdict{
		Effect: authz.Allow, Upstream: []authz.Header{{Name: "x-a", Value: "\xff"}}, Trail: authz.Trail{Tenant: "t1"},
	}})
	s.Logger = slog.New(slog.NewTextHandler(&log, nil))
	if _, err := envoy.Answer(t.Context(), s, encoded(t, request(get(nil)))); err != nil {
		t.Fatal(err)
	}
	events := s.Recorder.(*recorder).all()
	if len(events) != 1 {
		t.Fatalf("recorded %d events", len(events))
	}
	v := events[0].Verdict
	if v.Effect != authz.Deny || v.Reason != authz.Unavailable || v.Status != 503 || v.Trail.Tenant != "t1" || v.Trail.Cause == nil {
		t.Errorf("recorded %+v", v)
	}
	if !strings.Contains(log.String(), "decision-1") {
		t.Errorf("logged %q", log.String())
	}
}

func TestEventOfWhatCouldNotBeRead(t *testing.T) {
	s := settings(allowing)
	if _, err := envoy.Answer(t.Context(), s, []byte("\xff")); err != nil {
		t.Fatal(err)
	}
	events := s.Recorder.(*recorder).all()
	if len(events) != 1 || events[0].Attributes != nil || events[0].Verdict.Reason != authz.Malformed {
		t.Errorf("recorded %+v", events)
	}
}

func TestTraceParent(t *testing.T) {
	const proxys = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	const clients = "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-00"
	tests := []struct {
		name    string
		proxy   []string
		header  string
		want    authz.TraceParent
		byProxy bool
	}{
		{"none", nil, "", "", false},
		{"the client's", nil, clients, clients, false},
		{"the proxy's wins", []string{proxys}, clients, proxys, true},
		{"the proxy's cannot be read", []string{proxys + "0"}, clients, "", false},
		{"the proxy's twice", []string{proxys, proxys}, clients, "", false},
		{"the client's free text", nil, "00-" + strings.Repeat("x", 32) + "-00f067aa0ba902b7-01", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx := metadata.NewIncomingContext(t.Context(), metadata.MD{"traceparent": tt.proxy})
			s := settings(allowing)
			message := encoded(t, request(get(map[string]string{"traceparent": tt.header})))
			if _, err := envoy.Answer(ctx, s, message); err != nil {
				t.Fatal(err)
			}
			event := s.Recorder.(*recorder).all()[0]
			if event.TraceParent != tt.want || event.TracedByProxy != tt.byProxy {
				t.Errorf("got %q, by the proxy %v, want %q, %v", event.TraceParent, event.TracedByProxy, tt.want, tt.byProxy)
			}
		})
	}
}

// What leaves the handler must not be the memory of grpc's buffers, which serve
// the next message: the attributes that were recorded stay what they were.
func TestAttributesOutliveTheFrame(t *testing.T) {
	s := settings(allowing)
	_, connection := start(t, s)
	for i := range 50 {
		value := strings.Repeat(string(rune('a'+i%26)), 4000)
		from := request(getRaw(rawHeader("x-a", value)))
		from.Attributes.Request.Http.RawBody = []byte(value)
		if _, err := call(t, connection, encoded(t, from)); err != nil {
			t.Fatal(err)
		}
	}
	for i, e := range s.Recorder.(*recorder).all() {
		want := strings.Repeat(string(rune('a'+i%26)), 4000)
		if got, _ := e.Attributes.Request.Headers.Get("x-a"); got != want || string(e.Attributes.Request.Body.Bytes) != want {
			t.Fatalf("event %d changed", i)
		}
	}
}

// A message over the limit is beyond us: grpc answers it, with an error, which
// an Envoy with failure_mode_allow lets through. The limit is what helps.
func TestMessageOverTheLimitIsAnError(t *testing.T) {
	s := settings(allowing)
	s.MaxReceiveBytes = 1 << 20
	_, connection := start(t, s)
	large := request(changed(func(h *httpRequest) { h.RawBody = make([]byte, 1<<20) }))
	if _, err := call(t, connection, encoded(t, large)); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("got %v, want ResourceExhausted", err)
	}
	if size := proto.Size(large); size <= s.MaxReceiveBytes {
		t.Errorf("the message has %d bytes", size)
	}
}
