package authz

import (
	"slices"
	"strings"
)

// Field names one part of the attributes that a stage may look at. Stages
// declare theirs as Reads; what no stage reads cannot change a verdict.
type Field string

// The fields that are not one of many.
const (
	FieldMethod        Field = "method"
	FieldHost          Field = "host"
	FieldPath          Field = "path"
	FieldQuery         Field = "query"
	FieldScheme        Field = "scheme"
	FieldSecure        Field = "secure"
	FieldBody          Field = "body"
	FieldPeerAddress   Field = "peer.address"
	FieldPeerPrincipal Field = "peer.principal"
	FieldPeerCert      Field = "peer.certificate"
	FieldSNI           Field = "peer.sni"
	FieldMetadata      Field = "metadata"
	FieldRouteMetadata Field = "route_metadata"

	// FieldClient is Attributes.Client.
	FieldClient Field = "client"

	// FieldProtected is Attributes.Protected: coarser than the peer's address, so
	// that a rule on it keeps one verdict for all clients of one kind.
	FieldProtected Field = "protected"
)

// The fields that are all of many.
const (
	// FieldHeaders are all headers that policies may see, cookies included.
	FieldHeaders Field = "headers"
	// FieldExtensions are all context extensions.
	FieldExtensions Field = "extensions"
	// FieldCookies are the cookies that are not ours.
	FieldCookies Field = "cookies"
	// FieldIdentity are the names of the identity headers that the client sent.
	FieldIdentity Field = "identity"
)

// FieldHeader is the field of the header called name.
func FieldHeader(name string) Field { return Field("header:" + strings.ToLower(name)) }

// FieldCookie is the field of the cookie called name; cookie names keep their case.
func FieldCookie(name string) Field { return Field("cookie:" + name) }

// FieldExtension is the field of the context extension called key.
func FieldExtension(key string) Field { return Field("extension:" + key) }

// Reads lists the fields that a stage may look at. A stage that looks at
// another one fails its contract test.
type Reads []Field

// Has reports whether f is among the reads.
func (r Reads) Has(f Field) bool { return slices.Contains(r, f) }
