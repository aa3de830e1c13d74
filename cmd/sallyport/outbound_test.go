package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz/outbound"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
)

// brokenOutbound are settings that would open more than they say, or nothing.
// Each row goes red when its check in newOutbound, allowNetworks, largestAnswer,
// outboundAuthorities or one of package outbound is out.
func brokenOutbound() []broken {
	with := func(name, settings, want string) broken {
		return broken{name, "decision_log:", "outbound: {" + settings + "}\ndecision_log:", want}
	}
	return []broken{
		with("http to nowhere", "allow_http: true", ":40:24: outbound.allow_http: http is allowed towards no network; expected allow_networks beside it"),
		with("every network", "allow_networks: ['0.0.0.0/0']", `:40:29: outbound.allow_networks[0]: network "0.0.0.0/0": wider than any network of one's own`),
		with("every network of IPv6", "allow_networks: [10.0.0.0/8, '::/0']", `:40:41: outbound.allow_networks[1]: network "::/0": wider than`),
		with("name for a network", "allow_networks: [id.internal]", `:40:29: outbound.allow_networks[0]: network "id.internal": neither an address nor a CIDR; expected the CIDR of a network`),
		with("address of a network", "allow_networks: [10.1.2.3/16]", `:40:29: outbound.allow_networks[0]: network "10.1.2.3/16": bits behind the prefix: 10.1.0.0/16 is the network`),
		with("IPv4 in IPv6", "allow_networks: ['::ffff:10.0.0.0/104']", `:40:29: outbound.allow_networks[0]: network "::ffff:10.0.0.0/104": an IPv4 network in IPv6 form`),
		with("asking for no time", "timeout: 0s", ":40:21: outbound.timeout: duration 0s; expected 100ms to 1m0s"),
		with("asking for ever", "timeout: 1h", ":40:21: outbound.timeout: duration 1h0m0s; expected 100ms to 1m0s; mend: write it as in 5s, the default"),
		with("answers of nothing", "max_bytes: 0", ":40:23: outbound.max_bytes: 0 bytes; expected 1024 to 67108864"),
		with("endless answers", "max_bytes: 4294967295", ":40:23: outbound.max_bytes: 4294967295 bytes; expected 1024 to 67108864"),
		with("authorities from a variable", "ca: env:CA", `:40:16: outbound.ca: reference "env:CA"; expected file:path`),
		with("authorities from nowhere", "ca: ''", `:40:16: outbound.ca: reference ""; expected file:path`),
		with("authorities that are not there", "ca: file:/nowhere/ca.pem", ":40:16: outbound.ca: stat /nowhere/ca.pem: no such file"),
	}
}

// TestAuthorities: what is no list of certificates is refused with its place, and
// other certificates behind the same ca need a restart. The guards are
// ParseAuthorities, and authorities in settings.fixed.
func TestAuthorities(t *testing.T) {
	file := write(t, sound+"outbound: {ca: file:ca.pem}\n")
	folder := filepath.Dir(file)
	certify(t, folder, "a")
	certify(t, folder, "b")
	began := authorities(t, folder, "a.pem")
	for name, want := range map[string]bool{"a.pem": false, "b.pem": true} {
		now := authorities(t, folder, name)
		var got []string
		for _, line := range problemLines(now.restarts(began.fixed())) {
			got = append(got, strings.TrimPrefix(line, file))
		}
		told := len(got) == 1 && strings.HasPrefix(got[0], ":41:16: outbound.ca: needs a restart")
		if told != want || !want && len(got) > 0 {
			t.Errorf("%s: got %q, want a warning: %v", name, got, want)
		}
	}
	put(t, folder, "a.key")
	_, err := load(t.Context(), file, time.Now)
	checkOne(t, folder, err, "sallyport.yaml:41:16: outbound.ca: a block that is no certificate: number 1; expected certificates of authorities in PEM")
}

// authorities loads the configuration with the certificates of another file.
func authorities(t *testing.T, folder, from string) settings {
	t.Helper()
	put(t, folder, from)
	p, err := load(t.Context(), filepath.Join(folder, "sallyport.yaml"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return p.settings
}

func put(t *testing.T, folder, from string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, from))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "ca.pem"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestOutbound: the settings that are written are those of the client. The guards
// are the fields of newOutbound's settings.
func TestOutbound(t *testing.T) {
	for _, row := range []struct{ settings, url, want string }{
		{"{}", "https://id.example.com/", ""},
		{"{}", "http://id.example.com/", "allow_http"},
		{"{}", "https://10.1.2.3/", "private"},
		{"{allow_networks: [10.0.0.0/8]}", "https://10.1.2.3/", ""},
		{"{allow_networks: [10.0.0.0/8]}", "http://10.1.2.3/", "allow_http"},
		{"{allow_networks: [10.0.0.0/8], allow_http: true}", "http://10.1.2.3/", ""},
		{"{allow_networks: [10.0.0.0/8], allow_http: true}", "http://8.8.8.8/", "without TLS"},
	} {
		client := outboundOf(t, write(t, sound+"outbound: "+row.settings+"\n"))
		if err := client.CheckURL(row.url); (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %s: got %v, want %q", row.settings, row.url, err, row.want)
		}
	}
}

// TestOutboundBounds holds the client against a server that says 2000 bytes, or
// nothing on /slow. Its certificate is in ca.pem.
func TestOutboundBounds(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			<-r.Context().Done()
			return
		}
		_, _ = w.Write(make([]byte, 2000))
	}))
	defer server.Close()
	for _, row := range []struct {
		settings, path string
		want           error
	}{
		{"", "/", nil},
		{", max_bytes: 2000", "/", nil},
		{", max_bytes: 1999", "/", outbound.ErrTooLarge},
		{", timeout: 100ms", "/slow", outbound.ErrTimeout},
	} {
		file := write(t, sound+"outbound: {allow_networks: [127.0.0.1], ca: file:ca.pem"+row.settings+"}\n")
		writePEM(t, filepath.Join(filepath.Dir(file), "ca.pem"), "CERTIFICATE", server.Certificate().Raw)
		client := outboundOf(t, file)
		if _, err := client.Get(t.Context(), server.URL+row.path); !errors.Is(err, row.want) || (err == nil) != (row.want == nil) {
			t.Errorf("%q: got %v, want %v", row.settings, err, row.want)
		}
		client.Close()
	}
}

func outboundOf(t *testing.T, file string) *outbound.Client {
	t.Helper()
	r, files := &document.Report{}, newInventory()
	read, ok := readConfig(file, files, r)
	if !ok {
		t.Fatal(r.Err())
	}
	c := &compiler{Report: r, message: read.message, root: read.root, secrets: secrets{folder: read.folder, files: files}}
	client := c.newOutbound()
	if client == nil {
		t.Fatal(r.Err())
	}
	return client
}
