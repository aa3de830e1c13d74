package system_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/canary"
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

// secrets are the canaries, and those of Basic also as they travel.
func (c cage) secrets() []canary.Secret {
	all := slices.Collect(maps.Values(c))
	for _, place := range []string{"basic", "proxy-authorization"} {
		all = append(all, canary.Secret{Place: place + " as it travels", Value: strings.TrimPrefix(c.basic(place), "Basic ")})
	}
	return all
}

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
			w := beginCanary(t, known, c.unknown)
			for _, path := range []string{"/allow", "/forward", "/group", "/deny", "/error", "/slow", "/open", "/open-deny", "/open-error"} {
				for _, asked := range known.calls(path) {
					for _, listener := range asking() {
						got := sendHTTP1(t, w.envoy.Address(listener), asked)
						known.checkClient(t, asked, got)
						known.checkUpstream(t, asked, got, c.stripped)
					}
				}
			}
			w.breakReload(t, known)
			w.endOrderly(t)
			for name, text := range w.wrote() {
				if len(text) < 100 {
					t.Errorf("%s: nothing was written: %q", name, text)
				}
				for _, found := range canary.Find(text, known.secrets()...) {
					t.Errorf("%s: %v", name, found)
				}
			}
			isEverythingTold(t, w.wrote())
		})
	}
}

// canaryWorld is a world with all the places that its Sallyport writes to.
type canaryWorld struct {
	*world
	records string
	spans   *collector
	// pages are what operators read, when it was asked for last.
	pages map[string]string
}

// beginCanary starts a world whose Sallyport has the cage's secrets.
func beginCanary(t *testing.T, c cage, pairs []string) *canaryWorld {
	t.Helper()
	for variable, place := range map[string]string{"CANARY_BEARER": "bearer", "CANARY_ENV": "env", "CANARY_CHECKOUT": "x-checkout-secret"} {
		t.Setenv(variable, c.value(place))
	}
	dir := short(t)
	folder := filepath.Join(dir, "config")
	must(t, os.CopyFS(folder, os.DirFS(canaries)))
	must(t, os.WriteFile(filepath.Join(folder, "key.secret"), []byte(c.value("file")), 0o600))
	w := &canaryWorld{records: filepath.Join(dir, "records"), spans: newCollector(t), pages: map[string]string{}}
	w.world = beginWith(t, folder, wireEnvoy, append([]string{
		"decision_log:\n", "decision_log:\n    to: file:" + w.records + "\n", "http://127.0.0.1:4318", w.spans.server.URL,
	}, pairs...)...)
	return w
}

// breakReload changes the configuration into one that holds secrets in the wrong
// places, and waits until operators are told so.
func (w *canaryWorld) breakReload(t *testing.T, c cage) {
	t.Helper()
	w.change(t, "inline secrets are refused", "secret: env:CANARY_ENV", "secret: "+c.value("env"), "secret: file:key.secret", "sha256: "+c.value("file"))
}

// change changes the configuration, which is then refused in these words.
func (w *canaryWorld) change(t *testing.T, words string, pairs ...string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		change(t, w.sallyport.Config(), pairs[i], pairs[i+1])
	}
	for deadline := time.Now().Add(15 * time.Second); !strings.Contains(w.pages["/status"], words); time.Sleep(50 * time.Millisecond) {
		w.read(t)
		if time.Now().After(deadline) {
			t.Fatalf("the status does not tell of a broken configuration:\n%s", w.pages["/status"])
		}
	}
}

func (w *canaryWorld) read(t *testing.T) {
	t.Helper()
	for _, page := range []string{"/status", "/metrics", "/readyz", "/livez"} {
		response, err := http.Get("http://" + w.sallyport.Ops() + page)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		must(t, err)
		must(t, response.Body.Close())
		w.pages[page] = fmt.Sprint(response.Header, string(text))
	}
}

// endOrderly stops Sallyport, which then exports its last spans and records.
func (w *canaryWorld) endOrderly(t *testing.T) {
	t.Helper()
	must(t, w.sallyport.Stop())
	text, err := os.ReadFile(w.records)
	must(t, err)
	w.pages["records"] = string(text)
}

// wrote is all that Sallyport wrote, by where to.
func (w *canaryWorld) wrote() map[string]string {
	all := maps.Clone(w.pages)
	all["stdout and stderr"], all["traces"] = w.sallyport.Output(), w.spans.text()
	return all
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
// happened: each outcome must stand in the records, and something everywhere.
func isEverythingTold(t *testing.T, wrote map[string]string) {
	t.Helper()
	for sink, wants := range map[string][]string{
		"records": {
			`"allow":true`, `"reason":"rejected"`, `"reason":"malformed"`, `"reason":"conflict"`, `"reason":"policy"`, `"reason":"unavailable"`,
			`"reason":"unauthenticated"`, `"reason":"no_route"`, `"message":"denied:`, "to_number", "deadline", "MASKED", "REDACTED",
			`"x-original-url":["https://REDACTED@`, `"cookie":["MASKED"]`,
		},
		"stdout and stderr": {`"level":"DEBUG"`, "inline secrets are refused"},
		"/metrics":          {"sallyport_checks_total{"},
		"traces":            {"open-deny", "/v1/traces"},
	} {
		for _, want := range wants {
			if !strings.Contains(wrote[sink], want) {
				t.Errorf("no %s in %s: that was not tried", want, sink)
			}
		}
	}
}

// TestCanariesAreFound plants a canary into each sink and asks for it back: what
// finds nothing may also look at nothing. The name of a route and a header that the
// operator asks for are told as they are.
func TestCanariesAreFound(t *testing.T) {
	route, header := canary.New("route"), canary.New("header")
	w := beginCanary(t, newCage(), []string{"id: open-deny", "id: " + route.Value})
	got := sendHTTP1(t, w.envoy.Address("raw"), get(canaryHost, "/open-deny", field{"x-plain", header.Value}))
	if got.seen == nil || len(canary.Find(got.body, header)) != 1 {
		t.Errorf("upstream: the planted canary was not found in %s", got.body)
	}
	w.change(t, "tenant", "tenant: none", "tenant: "+route.Value)
	w.endOrderly(t)
	wrote := w.wrote()
	for sink, planted := range map[string]canary.Secret{
		"records": header, "/metrics": route, "traces": route, "/status": route, "stdout and stderr": route,
	} {
		if found := canary.Find(wrote[sink], planted); len(found) == 0 {
			t.Errorf("%s: the planted canary was not found", sink)
		}
	}
}
