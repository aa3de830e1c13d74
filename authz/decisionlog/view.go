package decisionlog

import (
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// Masked stands in for what a record tells the presence of, and nothing more.
const Masked = "MASKED"

// everything is the name that stands for all.
const everything = "*"

// longestValue bounds one value of a header, most how many headers are shown.
const (
	longestValue = 4 << 10
	mostHeaders  = 128
)

// View is what records show of headers and claims beside what they always tell.
// The zero View shows none.
type View struct {
	// Headers are names of request headers, Claims of the caller's claims; "*"
	// is all. A dot goes into an object, as in realm.tenant.
	Headers []string
	Claims  []string
	// MaskHeaders and MaskClaims are shown as MASKED where they are there. A
	// mask covers everything within the claim.
	MaskHeaders []string
	MaskClaims  []string
	// Carriers hold secrets. They are masked whatever else is said.
	Carriers []authz.Carrier
}

// view is a View as records need it.
type view struct {
	headers headerView
	claims  claimView
	// carriers only grow: a Check that began before a change may still present
	// its credential where it stood then.
	carriers []authz.Carrier
}

func newView(v View, before []authz.Carrier) *view {
	carriers := slices.Clone(before)
	for _, carrier := range v.Carriers {
		if !slices.Contains(carriers, carrier) {
			carriers = append(carriers, carrier)
		}
	}
	return &view{
		headers:  newHeaderView(v, carriers),
		claims:   claimView{slices.Clone(v.Claims), slices.Clone(v.MaskClaims)},
		carriers: carriers,
	}
}

// headerView shows headers.
type headerView struct {
	all    bool
	shown  map[string]bool
	masked map[string]bool
}

// alwaysMasked are carriers of somebody, whoever is configured. cookie is masked
// whole: what is not our session is another system's.
func alwaysMasked() []string {
	return []string{
		"authorization", "proxy-authorization", "cookie", "set-cookie", "dpop", "x-csrf-token", "x-api-key", "x-checkout-secret",
	}
}

func newHeaderView(v View, carriers []authz.Carrier) headerView {
	h := headerView{all: slices.Contains(v.Headers, everything), shown: map[string]bool{}, masked: map[string]bool{}}
	for _, name := range v.Headers {
		h.shown[strings.ToLower(name)] = true
	}
	for _, name := range slices.Concat(alwaysMasked(), v.MaskHeaders) {
		h.masked[dashed(strings.ToLower(name))] = true
	}
	for _, c := range carriers {
		if c.Kind == authz.HeaderCarrier {
			h.masked[dashed(c.Name)] = true
		}
	}
	return h
}

// dashed is the name that many servers read: x_api_key is x-api-key to them.
func dashed(name string) string { return strings.ReplaceAll(name, "_", "-") }

// write adds the member headers, each name with its values in their order.
func (h headerView) write(t *text, list []authz.Header) {
	if len(h.shown) == 0 {
		return
	}
	shown := list[:min(len(list), mostHeaders)]
	t.open("headers", '{')
	for i := range shown {
		if name := shown[i].Name; h.shows(name) && !named(shown[:i], name) {
			h.values(t, name, shown[i:])
		}
	}
	t.close('}')
	if len(list) > len(shown) {
		t.int("headers_omitted", int64(len(list)-len(shown)))
	}
}

func (h headerView) shows(name string) bool { return h.all || h.shown[name] }

func named(list []authz.Header, name string) bool {
	return slices.ContainsFunc(list, func(other authz.Header) bool { return other.Name == name })
}

func (h headerView) values(t *text, name string, list []authz.Header) {
	t.key(name)
	t.open("", '[')
	for i := range list {
		if list[i].Name == name {
			t.string("", h.value(name, list[i].Value))
		}
	}
	t.close(']')
}

// value is what may be told of one header. Where nobody named the header, it
// must not even look like a secret's; and any value may hold a URL.
func (h headerView) value(name, value string) string {
	if h.masked[dashed(name)] || !h.shown[name] && soundsSecret(name) {
		return Masked
	}
	return redactValue(value[:min(len(value), longestValue)])
}

// soundsSecret reports a name that systems which we do not know use for secrets.
func soundsSecret(name string) bool {
	for _, part := range [...]string{
		"auth", "token", "secret", "passw", "apikey", "api-key", "api_key", "session", "cookie", "signature", "credential", "csrf", "xsrf",
		"jwt", "assertion", "websocket-protocol",
	} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}
