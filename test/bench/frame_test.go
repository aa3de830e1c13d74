package main

import (
	"math/rand/v2"
	"testing"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
)

func decodeFrame(t *testing.T, bytes []byte) *authv3.CheckRequest {
	t.Helper()
	var request authv3.CheckRequest
	if err := proto.Unmarshal(bytes[prefixBytes:], &request); err != nil {
		t.Fatal(err)
	}
	return &request
}

// Two requests of one caller differ in what a proxy changes with each, and in
// nothing else.
func TestFramesVaryAsAProxysDo(t *testing.T) {
	for _, raw := range []bool{false, true} {
		f, err := newFrame("user-1", "token", askedPath(3), raw)
		if err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(1, 2))
		for range 1000 {
			first := decodeFrame(t, f.write(nil, random))
			second := decodeFrame(t, f.write(nil, random))
			if first.GetAttributes().GetRequest().GetHttp().GetId() == second.GetAttributes().GetRequest().GetHttp().GetId() ||
				presentedID(first) == presentedID(second) || len(presentedID(first)) != len(someID) {
				t.Fatalf("%v and %v have one id", first, second)
			}
			still := cmp.Diff(fixed(first), fixed(second), protocmp.Transform())
			if still != "" {
				t.Fatal(still)
			}
		}
	}
}

func presentedID(r *authv3.CheckRequest) string {
	http := r.GetAttributes().GetRequest().GetHttp()
	for _, h := range http.GetHeaderMap().GetHeaders() {
		if h.GetKey() == "x-request-id" {
			return string(h.GetRawValue())
		}
	}
	return http.GetHeaders()["x-request-id"]
}

// fixed takes out what may vary.
func fixed(r *authv3.CheckRequest) *authv3.CheckRequest {
	a := r.GetAttributes()
	http := a.GetRequest().GetHttp()
	http.Id, a.Request.Time.Nanos = "", 0
	a.Source.Address.GetSocketAddress().PortSpecifier = nil
	for _, name := range []string{"x-request-id", "traceparent"} {
		delete(http.GetHeaders(), name)
		for _, h := range http.GetHeaderMap().GetHeaders() {
			if h.GetKey() == name {
				h.RawValue = nil
			}
		}
	}
	return r
}

func TestVaryRefusesWhatIsNotThere(t *testing.T) {
	f := &frame{bytes: []byte("abc")}
	if err := f.vary([]byte("d"), digits); err == nil {
		t.Error("a place that is not there was taken")
	}
}

// A client that takes anything for right proves nothing: each row names the
// guard of rightSallyport that it is let through without.
func TestWrongAnswersAreFound(t *testing.T) {
	all := []caller{{subject: "user-1"}, {subject: "user-11"}}
	right, err := rightSallyport(all)
	if err != nil {
		t.Fatal(err)
	}
	answer := noopAnswer()
	answer.GetOkResponse().Headers[0].Header.Value = "user-11"
	whole, err := proto.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	answer.Status.Code = 7
	denied, err := proto.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	answer.Status, answer.HttpResponse = nil, nil
	empty, err := proto.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		answer []byte
		asked  string
		right  bool
	}{
		{"the caller's own", whole, "user-11", true},
		{"another's: Contains", whole, "user-1", false},
		{"a denial: allowed", denied, "user-11", false},
		{"nothing: allowed", empty, "user-11", false},
		{"cut: allowed", whole[:len(whole)-3], "user-11", false},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			if err := right(c.answer, &frame{caller: c.asked}); (err == nil) != c.right {
				t.Errorf("got %v", err)
			}
		})
	}
}
