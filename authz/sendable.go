package authz

import (
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"
)

// identityPrefix starts the names of the headers in which upstreams read who
// the caller is. Nobody but us may set one.
const identityPrefix = "x-authz-"

// Sendable refuses a header that would change the framing or the routing of a
// message, or that Envoy passes on although it is no header (RFC 9110 sections
// 5.1, 5.5 and 7.6.1). Envoy checks none of it by default. The flow asks it where
// a header comes in, and the room that writes the answer once more.
func Sendable(h Header) error {
	switch {
	case !IsHeaderName(h.Name):
		return fmt.Errorf("header name %q is no lower-case token", h.Name)
	case isFraming(h.Name):
		return fmt.Errorf("header %q changes the message's framing or routing", h.Name)
	case !utf8.ValidString(h.Value):
		return fmt.Errorf("header %q holds bytes that are not UTF-8", h.Name)
	case strings.ContainsFunc(h.Value, isControl):
		return fmt.Errorf("header %q holds a control character", h.Name)
	default:
		return nil
	}
}

// sendableByPolicy is Sendable, and keeps policies off the identity headers,
// also off names that an upstream may read as one (see underscored).
func sendableByPolicy(h Header) error {
	if err := Sendable(h); err != nil {
		return err
	}
	if strings.HasPrefix(strings.ReplaceAll(h.Name, "_", "-"), identityPrefix) {
		return fmt.Errorf("header %q is set by nobody but Sallyport", h.Name)
	}
	return nil
}

// SendableStatus allows final statuses, and keeps a body off those that have
// none: Envoy would put it on the wire and lose step with the client.
func SendableStatus(status int, body string) error {
	if status < 200 || status > 599 {
		return fmt.Errorf("status %d is not between 200 and 599", status)
	}
	if body != "" && (status == http.StatusNoContent || status == http.StatusNotModified) {
		return fmt.Errorf("status %d has no body", status)
	}
	return nil
}

// IsHeaderName reports a token (RFC 9110 section 5.6.2) in lower case.
func IsHeaderName(name string) bool {
	for i := range len(name) {
		b := name[i]
		if !(b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", b) >= 0) {
			return false
		}
	}
	return name != ""
}

func isFraming(name string) bool {
	switch name {
	case "host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection",
		"te", "trailer", "upgrade", "proxy-authenticate", "proxy-authorization", "http2-settings", "expect":
		return true
	default:
		return false
	}
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
