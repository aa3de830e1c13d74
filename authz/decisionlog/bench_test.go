package decisionlog_test

import (
	"io"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/decisionlog"
)

// BenchmarkRecord is what one record costs the process: the line, its way
// through the buffer and a share of a write. Dropped records would be cheap, so
// that they end it.
func BenchmarkRecord(b *testing.B) {
	file, err := decisionlog.OpenFile(b.TempDir() + "/records")
	if err != nil {
		b.Fatal(err)
	}
	everything := decisionlog.View{Headers: []string{"*"}, Claims: []string{"*"}}
	for _, c := range []struct {
		name string
		to   io.Writer
		view decisionlog.View
	}{
		{"discarded", io.Discard, decisionlog.View{}},
		{"file", file, decisionlog.View{}},
		{"file, all headers and claims", file, everything},
	} {
		b.Run(c.name, func(b *testing.B) {
			log := decisionlog.New(c.to, decisionlog.Settings{
				Buffer: 1 << 20, Labels: map[string]string{"service": "commerce-api"}, View: c.view,
			})
			event := typical()
			b.ReportAllocs()
			for b.Loop() {
				log.Record(event)
			}
			b.StopTimer()
			if err := log.Close(b.Context()); err != nil || log.Stats().Dropped > 0 {
				b.Fatalf("Close: %v, stats %+v", err, log.Stats())
			}
		})
	}
}

// typical is an allow with the headers that a browser sends through Envoy.
func typical() authz.Event {
	event := denied()
	event.Verdict.Effect, event.Verdict.Reason, event.Verdict.Status = authz.Allow, "", 0
	event.Verdict.Trail.Message, event.Verdict.Trail.Cause = "", nil
	event.Verdict.Trail.Rule = "sallyport.scope"
	request := event.Attributes.Request
	request.Path = "/v1/orders/7?page=2&size=50"
	for _, name := range []string{
		"accept", "accept-encoding", "accept-language", "user-agent", "referer", "origin", "sec-fetch-mode", "sec-fetch-site",
		"x-forwarded-for", "x-forwarded-proto", "x-envoy-internal", "cache-control", "content-type", "pragma", "via", "te",
		"authorization", "x-client-version", "priority",
	} {
		request.Headers.List = append(request.Headers.List, authz.Header{Name: name, Value: "some-value-of-a-header-of-usual-length"})
	}
	return event
}
