package ops

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// guard lets through only who reads, under a name of ours. A page in a browser
// on this machine can make its own name resolve to loopback (DNS rebinding) and
// would then read what we answer; such a request bears that name as its Host.
type guard struct {
	names map[string]bool
	next  http.Handler
}

// newGuard takes the names beside localhost. Addresses need not be named: to
// rebind, one needs a name.
func newGuard(names []string, next http.Handler) (guard, error) {
	g := guard{map[string]bool{"localhost": true}, next}
	for _, name := range names {
		host, err := authz.ParseHost(name)
		if err != nil {
			return guard{}, fmt.Errorf("host %q: %w", name, err)
		}
		g.names[host] = true
	}
	return g, nil
}

// ServeHTTP implements http.Handler.
func (g guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	switch {
	case !g.ours(r.Host):
		http.Error(w, "this host is not served here: ask by address, as localhost, or name it in ops.hosts", http.StatusMisdirectedRequest)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
	default:
		g.next.ServeHTTP(w, r)
	}
}

func (g guard) ours(authority string) bool {
	host, err := authz.ParseHost(authority)
	if err != nil {
		return false
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return true
	}
	return g.names[host]
}
