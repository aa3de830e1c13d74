package authz

import "net/http"

// UpgradeHeader is what Request.Safe looks at beside the method.
const UpgradeHeader = "upgrade"

// Safe reports that a request changes nothing, as far as HTTP says so (RFC 9110 section
// 9.2.1), and whatever page made a browser send it: of the answer to another site's page
// a browser keeps everything back but a WebSocket, so that an upgrade is not safe.
func (r *Request) Safe() bool {
	_, upgrade := r.Headers.Get(UpgradeHeader)
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return !upgrade
	default:
		return false
	}
}
