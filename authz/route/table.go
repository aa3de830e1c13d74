package route

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// Table is the compiled Spec. It is immutable and safe for parallel use.
type Table struct {
	// unknown has no rules: it stands for every host that nobody declared.
	unknown     *block
	hosts       names[*block]
	connections names[*authz.Route]
	// nameless is for connections without a server name; nil where none is declared.
	nameless *authz.Route
}

var _ authz.Router = (*Table)(nil)

// block is a compiled Host.
type block struct {
	noRoute   *authz.Route
	preflight *authz.Route
	rules     *index
}

// Match implements authz.Router.
func (t *Table) Match(attributes *authz.Attributes) (authz.Match, error) {
	switch {
	case attributes == nil:
		return authz.Match{Route: t.unknown.noRoute}, fmt.Errorf("%w: no attributes", authz.ErrAmbiguous)
	case attributes.Request == nil:
		return t.matchConnection(attributes.Peer.SNI)
	default:
		return t.matchRequest(attributes.Request)
	}
}

// Lookup gives the route that a host's rules have for a method and a path, or
// nil. It does not allocate.
func (t *Table) Lookup(host, method string, path *Path) *authz.Route {
	b, ok := t.hosts.find(host)
	if !ok {
		return nil
	}
	found := b.rules.find(0, path.segments, method)
	if found == nil {
		return nil
	}
	return found.route
}

func (t *Table) matchRequest(request *authz.Request) (authz.Match, error) {
	b, known := t.hosts.find(request.Host)
	if request.Host == "" || !known {
		b = t.unknown
	}
	nowhere := authz.Match{Route: b.noRoute}
	if request.Host == "" {
		return nowhere, fmt.Errorf("%w: request without a host", authz.ErrAmbiguous)
	}
	if !isMethod(request.Method) {
		return nowhere, fmt.Errorf("%w: method is no token", authz.ErrAmbiguous)
	}
	rawPath, rawQuery, _ := strings.Cut(request.Path, "?")
	path, err := ParsePath(rawPath)
	if err != nil {
		return nowhere, fmt.Errorf("read path: %w", err)
	}
	query, err := authz.ParseQuery(rawQuery)
	if err != nil {
		return nowhere, fmt.Errorf("read query: %w", err)
	}
	match := b.match(request, path)
	if path.slashed && !match.keeps {
		return nowhere, fmt.Errorf("%w: encoded slash in the path", authz.ErrAmbiguous)
	}
	return authz.Match{Route: match.route, Path: path.Canonical(), Params: match.params, Query: query}, nil
}

// found is what a block has for a request.
type found struct {
	route  *authz.Route
	params []authz.Param
	// keeps tells that an encoded slash may stand in the path.
	keeps bool
}

func (b *block) match(request *authz.Request, path Path) found {
	r := b.rules.find(0, path.segments, request.Method)
	if wanted, ok := preflighted(request); ok && b.preflight != nil && (r == nil || r.method != request.Method) {
		actual := b.rules.find(0, path.segments, wanted)
		return found{route: b.preflight, keeps: actual != nil && actual.route.EncodedSlash}
	}
	if r == nil {
		return found{route: b.noRoute}
	}
	return found{route: r.route, params: r.params(path), keeps: r.route.EncodedSlash}
}

// preflighted reports a CORS preflight and the method that it asks about (Fetch
// standard, CORS-preflight fetch).
func preflighted(request *authz.Request) (method string, ok bool) {
	if request.Method != http.MethodOptions {
		return "", false
	}
	origin, _ := request.Headers.Get("origin")
	method, _ = request.Headers.Get("access-control-request-method")
	return method, origin != "" && isMethod(method)
}

// matchConnection finds the connection by its server name, which clients may
// write in any case (RFC 6066 section 3).
func (t *Table) matchConnection(sni string) (authz.Match, error) {
	if sni == "" {
		return t.connection(t.nameless, t.nameless != nil)
	}
	name, err := authz.ParseHost(sni)
	if err != nil || strings.Contains(sni, ":") {
		return authz.Match{Route: t.unknown.noRoute}, fmt.Errorf("%w: server name is no host name", authz.ErrAmbiguous)
	}
	return t.connection(t.connections.find(name))
}

func (t *Table) connection(route *authz.Route, declared bool) (authz.Match, error) {
	if !declared {
		route = t.unknown.noRoute
	}
	return authz.Match{Route: route}, nil
}

// isMethod reports a token (RFC 9110 section 5.6.2); methods keep their case.
func isMethod(method string) bool {
	for i := range len(method) {
		if !isAlphanumeric(method[i]) && strings.IndexByte("!#$%&'*+-.^_`|~", method[i]) < 0 {
			return false
		}
	}
	return method != ""
}
