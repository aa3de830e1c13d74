package keyplan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// Plan makes the keys of one route. It is immutable and safe for parallel use.
type Plan struct {
	keys *Keys
	// head is what all keys of the plan begin with: the route and the fields.
	head   []byte
	fields []authz.Field
	// others are the known carriers that no accepted authenticator reads.
	others []authz.Carrier
	claims *authz.Claims
	hidden authz.Hidden
}

var _ authz.KeyPlan = (*Plan)(nil)

// New plans the keys of a route whose policy reads these fields. The error says
// why nothing can be remembered there.
func New(keys *Keys, route *authz.Route, policy authz.Reads, hidden authz.Hidden) (*Plan, error) {
	if route.Claims == nil || route.Kind == authz.Preflight {
		return nil, fmt.Errorf("route %q has nobody to know", route.ID)
	}
	p := &Plan{keys: keys, claims: route.Claims, hidden: hidden}
	accepted := acceptedReads(route)
	p.fields = slices.Clone(accepted)
	if route.Kind == authz.Operation || route.Kind == authz.Connection {
		if route.Tenant == nil {
			return nil, fmt.Errorf("route %q declares no tenant source", route.ID)
		}
		p.fields = slices.Concat(p.fields, policy, route.Tenant.Reads(), authz.UpstreamReads(route))
	}
	slices.Sort(p.fields)
	p.fields = slices.Compact(p.fields)
	for _, field := range p.fields {
		if !known(field) {
			return nil, fmt.Errorf("route %q: no key can hold the field %q", route.ID, field)
		}
	}
	for _, carrier := range route.Claims.Carriers() {
		if !accepted.Has(carrier.Field()) {
			p.others = append(p.others, carrier)
		}
	}
	p.head = p.begin(route)
	return p, nil
}

func acceptedReads(route *authz.Route) authz.Reads {
	var reads authz.Reads
	for _, group := range route.Accept {
		for _, configured := range group {
			reads = append(reads, configured.AllReads()...)
		}
	}
	return reads
}

// begin writes the route and the plan's content, so that another plan for the
// same route makes other keys.
func (p *Plan) begin(route *authz.Route) []byte {
	w := &writer{}
	w.number(int(route.Kind))
	w.strings([]string{route.Host, route.ID, route.Method, route.Template})
	for _, field := range p.fields {
		w.string(string(field))
	}
	w.number(len(p.others))
	for _, carrier := range p.others {
		w.string(carrier.String())
	}
	return w.text
}

// Digest implements authz.KeyPlan.
func (p *Plan) Digest(a *authz.Attributes, match authz.Match) (authz.Digest, bool) {
	w := p.keys.begin()
	if w == nil {
		return authz.Digest{}, false
	}
	w.text = append(w.text, p.head...)
	w.bool(a.Request != nil)
	for _, field := range p.fields {
		if !p.write(w, field, a, match) {
			return authz.Digest{}, false
		}
	}
	if a.Request != nil {
		for _, carrier := range p.others {
			w.string(p.claims.Standing(a.Request.Headers, carrier))
		}
	}
	return p.keys.end(w), true
}

// known reports whether write knows the field.
func known(field authz.Field) bool {
	w := &writer{}
	p := Plan{}
	return p.write(w, field, &authz.Attributes{Request: &authz.Request{}}, authz.Match{})
}

// write adds one field; false where it cannot.
func (p *Plan) write(w *writer, field authz.Field, a *authz.Attributes, match authz.Match) bool {
	switch field {
	case authz.FieldPeerAddress:
		w.string(a.Peer.Address)
	case authz.FieldClient:
		w.string(a.Client())
	case authz.FieldProtected:
		w.bool(a.Protected())
	case authz.FieldPeerPrincipal:
		w.string(a.Peer.Principal)
	case authz.FieldPeerCert:
		w.string(a.Peer.Certificate)
	case authz.FieldSNI:
		w.string(a.Peer.SNI)
	case authz.FieldExtensions:
		w.texts(a.Extensions)
	case authz.FieldMetadata:
		return w.value(a.Metadata)
	case authz.FieldRouteMetadata:
		return w.value(a.RouteMetadata)
	default:
		if key, ok := strings.CutPrefix(string(field), "extension:"); ok {
			value, there := a.Extensions[key]
			w.bool(there)
			w.string(value)
			return true
		}
		// What is of the request is the same for all connections: not there.
		return p.writeRequest(w, field, a.Request, match)
	}
	return true
}

func (p *Plan) writeRequest(w *writer, field authz.Field, r *authz.Request, match authz.Match) bool {
	if r == nil {
		return true
	}
	switch field {
	case authz.FieldMethod:
		w.string(r.Method)
	case authz.FieldHost:
		w.string(r.Host)
	case authz.FieldPath:
		w.path(match)
	case authz.FieldQuery:
		w.query(r.Path)
	case authz.FieldScheme:
		w.string(r.Scheme)
	case authz.FieldSecure:
		w.bool(r.Secure)
	case authz.FieldBody:
		w.number(int(r.Body.State))
		w.string(string(r.Body.Bytes))
	case authz.FieldHeaders:
		w.headers(r.Headers, p.hidden)
	case authz.FieldCookies:
		w.cookies(r.Headers, p.hidden)
	case authz.FieldIdentity:
		w.identity(r.Headers)
	default:
		return writeCarrier(w, field, r.Headers)
	}
	return true
}

func writeCarrier(w *writer, field authz.Field, headers authz.Headers) bool {
	if name, ok := strings.CutPrefix(string(field), "header:"); ok {
		w.header(headers, name)
		return true
	}
	if name, ok := strings.CutPrefix(string(field), "cookie:"); ok {
		w.cookie(headers, name)
		return true
	}
	return false
}
