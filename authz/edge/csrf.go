package edge

import (
	"crypto/subtle"
	"fmt"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// DefaultCSRFHeader is the header that a page shows its token in.
const DefaultCSRFHeader = "x-csrf-token"

// ForgedRequest is the Detail (authz.Detailed) of a refusal by CSRF.
const ForgedRequest = "csrf"

// shortestToken is what nobody guesses: 96 bits in base64.
const shortestToken = 16

// CSRF admits a request that may change something only if the page that sent it could
// set a header of its own. Browsers send cookies along by themselves, whoever wrote the
// page; forms, images and links cannot set a header, and a script of another site only
// after the service allowed it in a CORS preflight (Fetch section 4.8). With Cookie the
// header must besides say what that cookie says (a double submit): then a preflight
// that is too generous is not enough, since the other site's script cannot read it.
//
// Safe methods are admitted, but for an upgrade, as Origins has it: a page can set no
// header on a WebSocket, so that sessions under this rule open none.
type CSRF struct{ header, cookie string }

var _ authz.Edge = CSRF{}

// NewCSRF takes the names of the header, in lower case, and of the cookie, which may be
// "". A header that browsers or proxies set by themselves, or that a page may set
// without a preflight, proves nothing and is refused.
func NewCSRF(header, cookie string) (CSRF, error) {
	shows := header == "x-requested-with" || strings.HasPrefix(header, "x-") && (strings.Contains(header, "csrf") || strings.Contains(header, "xsrf"))
	switch {
	case !authz.IsHeaderName(header) || !shows:
		return CSRF{}, fmt.Errorf("header %q: browsers and proxies must never set it by themselves", header)
	case cookie != "" && !authz.IsCookieName(cookie):
		return CSRF{}, fmt.Errorf("cookie %q has no cookie's name (RFC 6265 section 4.1.1)", cookie)
	default:
		return CSRF{header, cookie}, nil
	}
}

// Submitted reports whether the header is compared with a cookie.
func (c CSRF) Submitted() bool { return c.cookie != "" }

// Admit implements authz.Edge. The zero CSRF admits safe methods only.
func (c CSRF) Admit(attributes *authz.Attributes) error {
	if attributes.Request == nil || attributes.Request.Safe() {
		return nil
	}
	// Of what is repeated or mangled the text is "".
	headers := attributes.Request.Headers
	token, _ := headers.Carried(authz.InHeader(c.header))
	switch {
	case token == "":
		return refused("no token")
	case c.cookie == "":
		return nil
	}
	submitted, _ := headers.Carried(authz.InCookie(c.cookie))
	switch {
	case len(submitted) < shortestToken:
		return refused("no token in the cookie, or a short one")
	case subtle.ConstantTimeCompare([]byte(token), []byte(submitted)) != 1:
		return refused("another token than the cookie's")
	default:
		return nil
	}
}

func refused(why string) error {
	return authz.Detailed(fmt.Errorf("%w: forged, as far as can be told: %s", authz.ErrChannel, why), ForgedRequest)
}

// Reads implements authz.Edge.
func (c CSRF) Reads() authz.Reads {
	reads := authz.Reads{authz.FieldMethod, authz.FieldHeader(authz.UpgradeHeader), authz.FieldHeader(c.header)}
	if c.cookie != "" {
		reads = append(reads, authz.FieldCookie(c.cookie))
	}
	return reads
}
