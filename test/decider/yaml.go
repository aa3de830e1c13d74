package decider

import (
	"fmt"
	"slices"
	"strings"
)

// preamble is what does not depend on the blocks. DIR is the folder.
const preamble = `mode: development
server: {drain: 0s, check_timeout: 30s, stop_timeout: 40s, max_connection_age_grace: 40s, listeners: [{address: "unix:DIR/authz.sock", scheme: trusted}]}
ops: {address: "127.0.0.1:0"}
outbound: {allow_networks: [127.0.0.0/8], allow_http: true}
store: {path: data, keys: [{id: k1, secret: "file:server.key"}]}
policies: {timeout: 30s}
decision_log: {off: true}
cache: {ttl: 1m, deny_ttl: 1m, max_bytes: 536870912}
`

// configuration is the description as the program reads it.
func configuration(blocks []*Block, kinds map[string]Kind) string {
	var text strings.Builder
	text.WriteString(preamble)
	text.WriteString("authenticators:\n")
	for _, b := range blocks {
		for _, a := range b.Authenticators {
			fmt.Fprintf(&text, "  - {name: %s, on_invalid: %s, %s}\n", a.Name, either(a.Next, "next", "stop"), settings(b, a, kinds))
		}
	}
	text.WriteString("hosts:\n")
	for _, b := range blocks {
		fmt.Fprintf(&text, "  - name: %s\n    match: [%s, %s]\n    authenticators: [%s]\n    tenant: none\n    routes:\n",
			b.Name, b.KnownHost(), b.StrangeHost(), names(b.Authenticators))
		for _, r := range b.Routes {
			fmt.Fprintf(&text, "      - {id: %s%s, methods: [GET], path: %s, %s}\n", b.Name, r.Path, r.Path, r.options())
		}
	}
	return text.String()
}

func settings(b *Block, a *Authenticator, kinds map[string]Kind) string {
	switch a.Kind {
	case Host:
		return fmt.Sprintf("host: {tenants: [{tenant: %s, domains: [{name: %s, verified: true}]}]}", b.Name, b.KnownHost())
	case Anonymous:
		return "anonymous: {}"
	default:
		return kinds[a.Kind].Settings(a)
	}
}

// options are those of a route.
func (r *Route) options() string {
	groups := make([]string, 0, len(r.Accept))
	for _, group := range r.Accept {
		if r.Flat {
			groups = append(groups, names(group))
			continue
		}
		groups = append(groups, "["+names(group)+"]")
	}
	return fmt.Sprintf("accept: [%s], public: %t, unclaimed: %s, unaccepted: {headers: %s, cookies: %s}, malformed: %s",
		strings.Join(groups, ", "), r.isPublic(), either(r.IgnoreUnclaimed, "ignore", "refuse"), either(r.IgnoreHeaders, "ignore", "refuse"),
		either(r.RefuseCookies, "refuse", "ignore"), either(r.Malformed400, "400", "401"))
}

func (r *Route) isPublic() bool {
	return slices.ContainsFunc(slices.Concat(r.Accept...), func(a *Authenticator) bool { return a.Kind == Anonymous })
}

func names(all []*Authenticator) string {
	list := make([]string, 0, len(all))
	for _, a := range all {
		list = append(list, a.Name)
	}
	return strings.Join(list, ", ")
}

func either(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}
