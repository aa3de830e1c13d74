package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/tracing"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

const (
	// postTime bounds one batch of spans on its way, lastSpansTime those that wait
	// when the process ends.
	postTime      = 5 * time.Second
	lastSpansTime = 2 * time.Second
)

// tracingPlan is where spans go; endpoint is "" where they go nowhere.
type tracingPlan struct {
	endpoint, service string
	ratio             float64
}

func (c *compiler) tracing() tracingPlan {
	at, message := c.root.Field("tracing"), c.message.GetTracing()
	if message == nil {
		return tracingPlan{}
	}
	c.checkEndpoint(at.Field("endpoint"), message)
	if ratio := message.GetRatio(); !(ratio >= 0 && ratio <= 1) {
		c.Refuse(at.Field("ratio"), fmt.Sprintf("ratio %v", ratio), "0 to 1", "write the share of Checks, as in 0.01")
	}
	return tracingPlan{message.GetEndpoint(), cmp.Or(message.GetService(), "sallyport"), message.GetRatio()}
}

// checkEndpoint does not repeat what it refuses: a URL is where people put
// passwords and tokens.
func (c *compiler) checkEndpoint(at document.Cursor, message *configv1.Tracing) {
	const expected, mend = "the URL of an OTLP collector, with scheme, host and no more than a path", "write it as in http://127.0.0.1:4318"
	to, err := url.Parse(message.GetEndpoint())
	switch {
	case message.GetEndpoint() == "":
		c.Refuse(at, "no endpoint", expected, mend)
	case err != nil || to.Host == "" || to.Scheme != "http" && to.Scheme != "https":
		c.Refuse(at, "this is no http or https URL", expected, mend)
	case to.User != nil || to.RawQuery != "" || to.ForceQuery || to.Fragment != "":
		c.Refuse(at, "a URL with userinfo, a query or a fragment", expected, "give what the collector asks for in OTEL_EXPORTER_OTLP_HEADERS")
	}
}

// trace starts the tracing of Checks, if there is any; finish exports what waits.
func (s *service) trace(ctx context.Context) (finish func(), err error) {
	p := s.plan.tracing
	if p.endpoint == "" {
		return func() {}, nil
	}
	s.tracer, err = tracing.New(ctx, tracing.Settings{
		Endpoint: p.endpoint, Ratio: p.ratio, Service: p.service, Version: release(), Client: collectorClient(), Now: s.now, Logger: s.log,
	})
	if err != nil {
		return nil, fmt.Errorf("start tracing: %w", err)
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSpansTime)
		defer cancel()
		if err := s.tracer.Close(ctx); err != nil {
			s.log.Warn("the last spans were not exported", "cause", err)
		}
	}, nil
}

// collectorClient goes where the operator says and nowhere else: no redirect, no
// proxy from the environment.
func collectorClient() *http.Client {
	return &http.Client{
		Timeout:       postTime,
		Transport:     &http.Transport{MaxIdleConns: 1, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: postTime},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// recorders are all who get the event of each Check, the decision log first.
func (s *service) recorders(log authz.Recorder, w *watch) authz.Recorder {
	all := authz.Recorders{log}
	if w.metrics != nil {
		all = append(all, w.metrics)
	}
	if s.tracer != nil {
		all = append(all, s.tracer)
	}
	if s.uses != nil {
		all = append(all, s.uses)
	}
	return all
}
