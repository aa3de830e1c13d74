package envoy_test

import (
	"errors"
	"testing"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/protobuf/proto"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/envoy"
)

// FuzzAttributes: no message panics, and each gives attributes or ErrAmbiguous,
// never both and never neither. What is read has a host and lower-case names.
func FuzzAttributes(f *testing.F) {
	f.Add([]byte{})
	f.Add(encoded(f, request(get(map[string]string{"x-a": "1", "content-length": "2"}))))
	f.Add(encoded(f, request(getRaw(rawHeader("authorization", "Bearer a"), rawHeader("x-a", "\xff")))))
	f.Add(encoded(f, &authv3.CheckRequest{Attributes: &authv3.AttributeContext{Destination: &authv3.AttributeContext_Peer{Service: "a"}}}))
	f.Fuzz(func(t *testing.T, message []byte) {
		a, err := envoy.Read(envoy.Settings{MaxRequestBytes: 8}, message)
		if (a == nil) != errors.Is(err, authz.ErrAmbiguous) {
			t.Fatalf("got %v, %v", a, err)
		}
		if a == nil || a.Request == nil {
			return
		}
		if a.Request.Host == "" {
			t.Error("no host")
		}
		for _, h := range a.Request.Headers.List {
			if h.Name == "" || h.Name[0] == ':' || h.Name == "host" {
				t.Errorf("header %q", h.Name)
			}
		}
	})
}

// FuzzResponse: an answer always decodes, and has code 0 exactly for an allow
// whose headers are as they should be.
func FuzzResponse(f *testing.F) {
	f.Add(1, 0, "", "x-authz-subject", "u", "authorization", "", "t1")
	f.Add(0, 403, "policy", "content-type", "text/plain", "", "body", "t1")
	f.Add(1, 200, "", ":path", "/admin", "host", "\xff", "\xff")
	f.Fuzz(func(t *testing.T, effect, status int, reason, name, value, removed, body, tenant string) {
		header := []authz.Header{{Name: name, Value: value}}
		s := settings(checker{verdict: authz.Verdict{
			Effect: authz.Effect(effect), Status: status, Reason: authz.Reason(reason), Headers: header, Upstream: header,
			Remove: []string{removed}, Body: body, Trail: authz.Trail{Tenant: tenant},
			Metadata: map[string]any{name: value},
		}})
		bytes, err := envoy.Answer(t.Context(), s, encoded(t, request(get(nil))))
		if err != nil {
			t.Fatal(err)
		}
		r := &authv3.CheckResponse{}
		if err := proto.Unmarshal(bytes, r); err != nil {
			t.Fatal(err)
		}
		allowed := r.GetStatus().GetCode() == 0
		if allowed && (authz.Effect(effect) != authz.Allow || r.GetOkResponse() == nil || r.GetStatus() == nil) {
			t.Errorf("allowed: %v", r)
		}
		if !allowed && r.GetDeniedResponse() == nil {
			t.Errorf("denied without a response: %v", r)
		}
		if got := s.Recorder.(*recorder).all()[0].Verdict.Effect; (got == authz.Allow) != allowed {
			t.Errorf("recorded %v of %v", got, r)
		}
	})
}
