package system_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/canary"
	"github.com/sallyport-authz/sallyport/test/echo"
	"github.com/sallyport-authz/sallyport/test/mesh"
)

const (
	canaries   = "testdata/canary"
	canaryHost = "canary.test"
)

// cage holds the twelve canaries by place. bad are as many that nobody knows, for
// what is refused.
type cage map[string]canary.Secret

func places() []string {
	return []string{
		"bearer", "basic", "proxy-authorization", "x-api-key", "x-checkout-secret", "x-csrf-token", "dpop",
		"session cookie", "query token", "query access_token", "env", "file",
	}
}

func newCage() cage {
	c := cage{}
	for _, place := range places() {
		c[place] = canary.New(place)
	}
	return c
}

func (c cage) secrets() []canary.Secret { return slices.Collect(maps.Values(c)) }

func (c cage) value(place string) string { return c[place].Value }

func (c cage) basic(place string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte("user:"+c.value(place)))
}

// query holds the secrets that clients put into a URL, in three spellings.
func (c cage) query() string {
	return "?page=2&token=" + c.value("query token") + "&access_token=" + c.value("query access_token") +
		"&back=%2Fb%3Ftoken%3D" + c.value("query token") + "&%74oken=" + c.value("query token")
}

// beside are the headers that every call carries and no authenticator reads.
func (c cage) beside() []field {
	return []field{
		{"proxy-authorization", c.basic("proxy-authorization")},
		{"x-csrf-token", c.value("x-csrf-token")},
		{"dpop", c.value("dpop")},
		{"cookie", "theme=dark; session=" + c.value("session cookie") + "; last=1"},
		{"x-original-url", "https://user:" + c.value("query token") + "@canary.test/a" + c.query()},
	}
}

// calls are what a hostile or clumsy client makes of one path.
func (c cage) calls(path string) []call {
	bearer := field{"authorization", "Bearer " + c.value("bearer")}
	basic := field{"authorization", c.basic("basic")}
	apiKey, checkout := key(c.value("x-api-key")), field{"x-checkout-secret", c.value("x-checkout-secret")}
	with := func(headers ...field) call { return get(canaryHost, path+c.query(), append(headers, c.beside()...)...) }
	elsewhere := with(bearer)
	elsewhere.host = "nowhere.test"
	body := post(canaryHost, path+c.query(), append(c.beside(), bearer)...)
	body.body = "token=" + c.value("query token")
	return []call{
		with(bearer), with(basic), with(apiKey), with(checkout), with(bearer, apiKey, checkout), with(),
		with(key(c.value("env"))), with(key(c.value("file"))), with(field{"x-checkout-secret", c.value("dpop")}),
		with(bearer, bearer), with(apiKey, key(c.value("env"))), with(key(c.value("env") + "," + c.value("file"))),
		with(field{"authorization", c.value("bearer")}), with(field{"authorization", "Bearer  " + c.value("bearer") + " x"}),
		with(key(c.value("x-api-key") + "\xff")), with(key(c.value("x-api-key") + "!")), with(field{"x_api_key", c.value("x-api-key")}),
		with(key(strings.Repeat(c.value("x-api-key"), 1000))), with(field{"cookie", "session=" + strings.Repeat(c.value("session cookie"), 500)}),
		elsewhere, body,
		get(canaryHost, path+"/%zz"+c.query(), bearer), get(canaryHost, path+";token="+c.value("query token"), bearer),
		get(canaryHost, path+"&access_token="+c.value("query access_token"), apiKey), get(canaryHost, path+"/.."+c.query(), bearer),
		get(canaryHost, "/undeclared"+c.query(), bearer, apiKey), get(canaryHost, "/undeclared"+c.query(), checkout),
	}
}

// TestCanaries is T-L2 and T-G15: whatever is asked of a Sallyport that knows all
// these carriers, or only some, and shows all that it may, no secret is found in
// what it wrote or told a client; and the upstream gets none that it was not meant
// to. Guards: alwaysMasked, soundsSecret, redact, scrub, hidden of the input, and
// the removal of carriers. That a secret would be found is TestCanariesAreFound.
func TestCanaries(t *testing.T) {
	for _, c := range []struct {
		name string
		// unknown are pairs that take carriers away from the configuration.
		unknown []string
		// stripped are the secrets that no upstream may see.
		stripped []string
	}{
		{"all known", nil, []string{"bearer", "basic", "x-api-key", "x-checkout-secret", "env", "file"}},
		{"one known", []string{"header: authorization", "header: x-other", "header: x-api-key", "header: x-another"}, []string{"bearer", "basic", "x-checkout-secret"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			known := newCage()
			w, sinks := beginCanary(t, known, c.unknown)
			for _, path := range []string{"/allow", "/forward", "/group", "/deny", "/error", "/slow", "/open", "/open-deny", "/open-error"} {
				for _, asked := range known.calls(path) {
					for _, listener := range asking() {
						got := sendHTTP1(t, w.envoy.Address(listener), asked)
						known.checkClient(t, asked, got)
						known.checkUpstream(t, asked, got, c.stripped)
					}
				}
			}
			must(t, w.sallyport.Stop())
			for name, text := range sinks(t) {
				if len(text) < 100 {
					t.Errorf("%s: nothing was written: %q", name, text)
				}
				for _, found := range canary.Find(text, known.secrets()...) {
					t.Errorf("%s: %v", name, found)
				}
			}
			isEverythingTold(t, sinks(t)["records"])
		})
	}
}

// beginCanary starts a world whose Sallyport has the cage's secrets, and records
// into a file. sinks are all that it writes to.
func beginCanary(t *testing.T, c cage, pairs []string) (w *world, sinks func(*testing.T) map[string]string) {
	t.Helper()
	for variable, place := range map[string]string{"CANARY_BEARER": "bearer", "CANARY_ENV": "env", "CANARY_CHECKOUT": "x-checkout-secret"} {
		t.Setenv(variable, c.value(place))
	}
	dir := short(t)
	folder, records := filepath.Join(dir, "config"), filepath.Join(dir, "records")
	must(t, os.CopyFS(folder, os.DirFS(canaries)))
	must(t, os.WriteFile(filepath.Join(folder, "key.secret"), []byte(c.value("file")), 0o600))
	w = beginWith(t, folder, wireEnvoy, append([]string{"decision_log:\n", "decision_log:\n    to: file:" + records + "\n"}, pairs...)...)
	return w, func(t *testing.T) map[string]string {
		t.Helper()
		text, err := os.ReadFile(records)
		must(t, err)
		return map[string]string{"stdout and stderr": w.sallyport.Output(), "records": string(text)}
	}
}

// checkClient looks at what came back from us. The upstream's own answer repeats
// what it was sent.
func (c cage) checkClient(t *testing.T, asked call, got reply) {
	t.Helper()
	if got.seen != nil {
		return
	}
	for _, found := range canary.Find(fmt.Sprint(got.status, got.header, got.body), c.secrets()...) {
		t.Errorf("%s %s: the client was told %v", asked.method, asked.path, found)
	}
}

func (c cage) checkUpstream(t *testing.T, asked call, got reply, stripped []string) {
	t.Helper()
	if got.seen == nil || strings.HasPrefix(asked.path, "/forward") {
		return
	}
	headers := maps.Clone(got.seen.Headers)
	for _, other := range []string{"x-original-url", "proxy-authorization", "dpop", "x-csrf-token", "cookie"} {
		delete(headers, other)
	}
	for _, place := range stripped {
		for _, found := range canary.Find(fmt.Sprint(headers), c[place]) {
			t.Errorf("%s %s: the upstream saw %v", asked.method, asked.path, found)
		}
	}
}

// isEverythingTold guards against a test that finds nothing because nothing
// happened: each outcome must stand in the records.
func isEverythingTold(t *testing.T, records string) {
	t.Helper()
	for _, want := range []string{
		`"allow":true`, `"reason":"rejected"`, `"reason":"malformed"`, `"reason":"conflict"`, `"reason":"policy"`, `"reason":"unavailable"`,
		`"reason":"unauthenticated"`, `"reason":"no_route"`, `"message":"denied:`, "to_number", "deadline", "MASKED", "REDACTED",
		`"x-original-url":["https://REDACTED@`, `"cookie":["MASKED"]`,
	} {
		if !strings.Contains(records, want) {
			t.Errorf("no %s in the records: that was not tried", want)
		}
	}
}

// TestCanariesAreFound plants a canary into each sink and asks for it back: what
// finds nothing may also look at nothing. A header whose name says nothing, shown
// because the operator named it, goes to the records; a policy's path to the log.
func TestCanariesAreFound(t *testing.T) {
	known := newCage()
	w, sinks := beginCanary(t, known, nil)
	planted := canary.New("planted")
	sendHTTP1(t, w.envoy.Address("raw"), get(canaryHost, "/open", field{"x-plain", planted.Value}))
	sendHTTP1(t, w.envoy.Address("raw"), get(canaryHost, "/open/"+base64.RawURLEncoding.EncodeToString([]byte(planted.Value))))
	must(t, w.sallyport.Stop())
	if found := canary.Find(sinks(t)["records"], planted); len(found) != 1 {
		t.Errorf("records: found %v, want the planted canary", found)
	}
	labelled := canary.New("label")
	s := serve(t, wire, "policies:\n", "decision_log: {labels: {planted: "+labelled.Value+"}}\npolicies:\n")
	upstream, err := echo.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, upstream.Close()) })
	text, err := mesh.Bootstrap(openEnvoy, mesh.Places{Clusters: map[string]string{"authz": s.TCP(), "echo": upstream.Web()}})
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := mesh.StartEnvoy(t.Context(), text, short(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, proxy.Stop()) })
	sendHTTP1(t, proxy.Address("open"), get(host, "/key"))
	for deadline := time.Now().Add(5 * time.Second); len(canary.Find(s.Output(), labelled)) == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("stdout: the planted canary was not found")
		}
	}
}
