package authntest

import (
	"slices"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// change makes attributes differ in one field.
type change struct {
	name string
	// field is "" for what no stage may declare.
	field authz.Field
	apply func(*authz.Attributes)
}

// declared reports whether the reads cover the change. How the headers are
// encoded belongs to each header and cookie, and a cookie to the header cookie.
func (c change) declared(reads authz.Reads) bool {
	if c.name == encodingChange {
		return slices.ContainsFunc(reads, func(f authz.Field) bool {
			return strings.HasPrefix(string(f), "header:") || strings.HasPrefix(string(f), "cookie:")
		})
	}
	isCookie := strings.HasPrefix(string(c.field), "cookie:")
	return c.field != "" && (reads.Has(c.field) || isCookie && reads.Has(authz.FieldHeader("cookie")))
}

const encodingChange = "headers' encoding"

// changes lists every change, for the fields of Full and those that are read.
func changes(reads authz.Reads) []change {
	all := append(requestChanges(), peerChanges()...)
	for _, name := range namesOf(reads, "header:", headerNames()) {
		all = append(all, headerChanges(name)...)
	}
	for _, name := range namesOf(reads, "cookie:", cookieNames()) {
		all = append(all, cookieChanges(name)...)
	}
	for _, name := range namesOf(reads, "extension:", extensionNames()) {
		field := authz.FieldExtension(name)
		all = append(all,
			change{string(field) + " changed", field, func(a *authz.Attributes) { a.Extensions[name] = "changed" }},
			change{string(field) + " removed", field, func(a *authz.Attributes) { delete(a.Extensions, name) }})
	}
	return append(all, metadataChanges()...)
}

// namesOf adds the names that the reads hold under the prefix.
func namesOf(reads authz.Reads, prefix string, known []string) []string {
	for _, field := range reads {
		name, ok := strings.CutPrefix(string(field), prefix)
		if ok && name != "cookie" && !slices.Contains(known, name) {
			known = append(known, name)
		}
	}
	return known
}

func requestChanges() []change {
	return []change{
		{"stream id", "", func(a *authz.Attributes) { a.Request.ID = "18" }},
		{"time", "", func(a *authz.Attributes) { a.Request.Time = a.Request.Time.Add(time.Hour) }},
		{"protocol", "", func(a *authz.Attributes) { a.Request.Protocol = "HTTP/1.1" }},
		{"mesh", "", func(a *authz.Attributes) { a.Request.Mesh = !a.Request.Mesh }},
		{encodingChange, "", func(a *authz.Attributes) { a.Request.Headers.Joined = !a.Request.Headers.Joined }},
		{"method", authz.FieldMethod, func(a *authz.Attributes) { a.Request.Method = "GET" }},
		{"scheme", authz.FieldScheme, func(a *authz.Attributes) { a.Request.Scheme = "http" }},
		{"secure", authz.FieldSecure, func(a *authz.Attributes) { a.Request.Secure = !a.Request.Secure }},
		{"host", authz.FieldHost, func(a *authz.Attributes) { a.Request.Host = "changed.example.test" }},
		{"host removed", authz.FieldHost, func(a *authz.Attributes) { a.Request.Host = "" }},
		{"path", authz.FieldPath, func(a *authz.Attributes) {
			_, query, _ := strings.Cut(a.Request.Path, "?")
			a.Request.Path = "/changed?" + query
		}},
		{"query", authz.FieldQuery, func(a *authz.Attributes) { a.Request.Path = "/v1/orders?token=changed" }},
		{"query removed", authz.FieldQuery, func(a *authz.Attributes) { a.Request.Path = "/v1/orders" }},
		{"body", authz.FieldBody, func(a *authz.Attributes) { a.Request.Body.Bytes = []byte("changed") }},
		{"body cut", authz.FieldBody, func(a *authz.Attributes) { a.Request.Body.State = authz.BodyTruncated }},
		{"body removed", authz.FieldBody, func(a *authz.Attributes) { a.Request.Body = authz.Body{} }},
	}
}

func peerChanges() []change {
	return []change{
		{"peer address", authz.FieldPeerAddress, func(a *authz.Attributes) { a.Peer.Address = "127.0.0.1" }},
		{"trusted hops", "", func(a *authz.Attributes) { a.TrustedHops = 1 }},
		{"peer port", "", func(a *authz.Attributes) { a.Peer.Port = 1 }},
		{"peer principal", authz.FieldPeerPrincipal, func(a *authz.Attributes) { a.Peer.Principal = "spiffe://mesh.test/changed" }},
		{"peer principal removed", authz.FieldPeerPrincipal, func(a *authz.Attributes) { a.Peer.Principal = "" }},
		{"peer certificate", authz.FieldPeerCert, func(a *authz.Attributes) { a.Peer.Certificate = "changed" }},
		{"peer certificate removed", authz.FieldPeerCert, func(a *authz.Attributes) { a.Peer.Certificate = "" }},
		{"peer SNI", authz.FieldSNI, func(a *authz.Attributes) { a.Peer.SNI = "changed.example.test" }},
		{"local address", "", func(a *authz.Attributes) { a.Local.Address = "127.0.0.1" }},
		{"local port", "", func(a *authz.Attributes) { a.Local.Port = 1 }},
		{"local principal", "", func(a *authz.Attributes) { a.Local.Principal = "" }},
		{"local certificate", "", func(a *authz.Attributes) { a.Local.Certificate = "" }},
		{"local SNI", "", func(a *authz.Attributes) { a.Local.SNI = "" }},
	}
}

func metadataChanges() []change {
	return []change{
		{"metadata", authz.FieldMetadata, func(a *authz.Attributes) { a.Metadata = map[string]any{"changed": true} }},
		{"metadata removed", authz.FieldMetadata, func(a *authz.Attributes) { a.Metadata = nil }},
		{"route metadata", authz.FieldRouteMetadata, func(a *authz.Attributes) { a.RouteMetadata = map[string]any{"changed": true} }},
		{"route metadata removed", authz.FieldRouteMetadata, func(a *authz.Attributes) { a.RouteMetadata = nil }},
	}
}

func headerChanges(name string) []change {
	field := authz.FieldHeader(name)
	return []change{
		{string(field) + " removed", field, func(a *authz.Attributes) { removeHeader(a, name) }},
		{string(field) + " emptied", field, func(a *authz.Attributes) { setHeader(a, name, "") }},
		{string(field) + " repeated", field, func(a *authz.Attributes) { addHeader(a, name, "changed") }},
		{string(field) + " true", field, func(a *authz.Attributes) { setHeader(a, name, "true") }},
		{string(field) + " changed", field, func(a *authz.Attributes) { setHeader(a, name, "changed") }},
	}
}

func cookieChanges(name string) []change {
	field := authz.FieldCookie(name)
	return []change{
		{string(field) + " removed", field, func(a *authz.Attributes) { removeCookie(a, name) }},
		{string(field) + " changed", field, func(a *authz.Attributes) { setCookie(a, name, "changed") }},
	}
}

// removeField takes a header or a cookie out.
func removeField(a *authz.Attributes, field authz.Field) {
	if name, ok := strings.CutPrefix(string(field), "header:"); ok {
		removeHeader(a, name)
	}
	if name, ok := strings.CutPrefix(string(field), "cookie:"); ok {
		removeCookie(a, name)
	}
}
