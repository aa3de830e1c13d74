package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/sallyport-authz/sallyport/test/echo"
	"github.com/sallyport-authz/sallyport/test/mesh"
)

// outcome is what came of one request.
type outcome struct {
	status   int
	body     string
	record   mesh.Record
	recorded bool
}

// walk sends the requests in order, prints a table and says how many were not
// as expected.
func walk(ctx context.Context, s *stage, stops []stop, out io.Writer) (failed int, err error) {
	client := &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "REQUEST\tSTATUS\tREASON\tRULE\t")
	var faults []string
	for _, stop := range stops {
		got, err := s.visit(ctx, client, stop)
		if err != nil {
			return 0, fmt.Errorf("request %q: %w", stop.Name, err)
		}
		_, _ = fmt.Fprintf(table, "%s\t%d\t%s\t%s\t\n", stop.Name, got.status, dash(got.record.Reason), dash(got.rule()))
		if wrong := stop.Want.compare(got); len(wrong) > 0 {
			failed++
			faults = append(faults, stop.Name+": "+strings.Join(wrong, "; "))
		}
	}
	_ = table.Flush()
	for _, fault := range faults {
		_, _ = fmt.Fprintln(out, "NOT AS EXPECTED", fault)
	}
	_, _ = fmt.Fprintf(out, "%d passed, %d failed\n", len(stops)-failed, failed)
	return failed, nil
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// patience is how often a request is sent again that was told to come back: the first
// time that a password is shown, its proof may take longer than the proxy waits.
const patience = 10

// visit does what stands before a request, and sends it.
func (s *stage) visit(ctx context.Context, client *http.Client, stop stop) (outcome, error) {
	if stop.Run != "" {
		if err := s.sallyport.Shell(ctx, stop.Run, s.secrets); err != nil {
			return outcome{}, err
		}
	}
	filled, err := stop.filled(s.secrets)
	if err != nil {
		return outcome{}, err
	}
	got, err := s.send(ctx, client, filled)
	for again := 0; again < patience && err == nil && got.status == http.StatusServiceUnavailable && stop.Want.Status != got.status; again++ {
		got, err = s.send(ctx, client, filled)
	}
	return got, err
}

func (s *stage) send(ctx context.Context, client *http.Client, stop stop) (outcome, error) {
	request, err := http.NewRequestWithContext(ctx, stop.Method, "http://"+s.address+stop.Path, strings.NewReader(stop.Body))
	if err != nil {
		return outcome{}, fmt.Errorf("make request: %w", err)
	}
	request.Host = stop.Host
	for name, value := range stop.Headers {
		request.Header.Set(name, value)
	}
	response, err := client.Do(request)
	if err != nil {
		return outcome{}, fmt.Errorf("send: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return outcome{}, fmt.Errorf("read response: %w", err)
	}
	got := outcome{status: response.StatusCode, body: string(body)}
	if stop.Want.Proxy {
		return got, nil
	}
	if got.record, err = s.sallyport.Record(ctx, response.Header.Get("X-Request-Id")); err != nil {
		return outcome{}, err
	}
	got.recorded = true
	return got, nil
}

func (o outcome) rule() string {
	if !o.recorded {
		return "(the proxy's own)"
	}
	return o.record.Rule
}

// compare lists what is not as wanted.
func (w want) compare(got outcome) []string {
	var wrong []string
	differ := func(what string, got, want any) {
		if got != want {
			wrong = append(wrong, fmt.Sprintf("%s is %v, want %v", what, got, want))
		}
	}
	differ("status", got.status, w.Status)
	if !w.Proxy {
		differ("reason", got.record.Reason, w.Reason)
		differ("rule", got.record.Rule, w.Rule)
	}
	if w.Body != "" {
		differ("body", got.body, w.Body)
	}
	if len(w.Upstream) == 0 {
		return wrong
	}
	var seen echo.Answer
	if err := json.Unmarshal([]byte(got.body), &seen); err != nil {
		return append(wrong, "the upstream did not answer")
	}
	for _, name := range slices.Sorted(maps.Keys(w.Upstream)) {
		differ("upstream header "+name, strings.Join(seen.Headers[name], ","), w.Upstream[name])
	}
	return wrong
}

// invite tells how to try more by hand.
func invite(out io.Writer, s *stage, stops []stop) {
	_, _ = fmt.Fprintf(out, "\nEnvoy listens on %s, its admin on %s.\n", s.address, s.envoy.Admin())
	if ops := s.sallyport.Ops(); ops != "" {
		_, _ = fmt.Fprintf(out, "How Sallyport does: curl http://%s/status\n", ops)
	}
	if s.sallyport.HasStore() {
		_, _ = fmt.Fprintf(out, "Administer its store: %s token list --config %s\n", s.program, s.sallyport.Config())
	}
	_, _ = fmt.Fprint(out, "Some requests to try:\n\n")
	for _, stop := range stops {
		filled, err := stop.filled(s.secrets)
		if line, ok := curl(s.address, filled); ok && err == nil {
			_, _ = fmt.Fprintln(out, " ", line)
		}
	}
	_, _ = fmt.Fprintln(out, "\nCtrl-C ends it.")
}

// curl is the request as a command line. Requests with bodies or paths that
// curl would rewrite are left out.
func curl(address string, stop stop) (string, bool) {
	if stop.Body != "" || strings.ContainsAny(stop.Path, "%;") || strings.Contains(stop.Path, "/.") {
		return "", false
	}
	parts := []string{"curl -i"}
	if stop.Method != http.MethodGet {
		parts = append(parts, "-X "+stop.Method)
	}
	parts = append(parts, fmt.Sprintf("-H %q", "host: "+stop.Host))
	for _, name := range slices.Sorted(maps.Keys(stop.Headers)) {
		parts = append(parts, fmt.Sprintf("-H %q", name+": "+stop.Headers[name]))
	}
	return strings.Join(append(parts, fmt.Sprintf("%q", "http://"+address+stop.Path)), " "), true
}
