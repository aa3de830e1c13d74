package decider

import (
	"context"
	"fmt"
	"strings"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
)

// Ask asks the program as Envoy does, from an address.
func (w *World) Ask(ctx context.Context, q Request, address string) (Outcome, error) {
	answer, err := w.ask(ctx, q.attributes(), address)
	if err != nil {
		return Outcome{}, err
	}
	outcome := outcomeOf(answer)
	if outcome.Status == 200 {
		err = q.stripped(answer.GetOkResponse())
	}
	return outcome, err
}

// attributes are the request in one of Envoy's two encodings.
func (q Request) attributes() *authv3.AttributeContext_HttpRequest {
	http := &authv3.AttributeContext_HttpRequest{Method: "GET", Host: q.Host, Path: q.Route.Path + q.Query, Scheme: "https", Protocol: "HTTP/2"}
	if !q.Joined {
		http.HeaderMap = &corev3.HeaderMap{}
		for _, h := range q.Headers {
			http.HeaderMap.Headers = append(http.HeaderMap.Headers, &corev3.HeaderValue{Key: h.Name, RawValue: []byte(h.Value)})
		}
		return http
	}
	http.Headers = map[string]string{}
	for _, h := range q.Headers {
		http.Headers[h.Name] = h.Value
	}
	return http
}

// holdsCookie finds a cookie by its name (RFC 6265 section 4.2.1). In a value that was
// not joined a comma is part of the cookie before it.
func holdsCookie(header, name string) bool {
	for pair := range strings.SplitSeq(header, ";") {
		if key, _, _ := strings.Cut(pair, "="); strings.TrimSpace(key) == name {
			return true
		}
	}
	return false
}

// stripped holds the answer to taking every credential out of the request, the caller's
// own and those that nobody looked at.
func (q Request) stripped(ok *authv3.OkHttpResponse) error {
	removed := map[string]bool{}
	for _, name := range ok.GetHeadersToRemove() {
		removed[name] = true
	}
	cookies, cut := "", false
	for _, h := range ok.GetHeaders() {
		if strings.EqualFold(h.GetHeader().GetKey(), "cookie") {
			cookies, cut = h.GetHeader().GetValue()+string(h.GetHeader().GetRawValue()), true
		}
	}
	for _, a := range q.Block.Authenticators {
		for _, h := range q.Headers {
			switch {
			case !a.Carrier.Cookie && h.Name == a.Carrier.Name && !removed[h.Name]:
				return fmt.Errorf("%s is not removed", h.Name)
			case !a.Carrier.Cookie || h.Name != "cookie" || !holdsCookie(h.Value, a.Carrier.Name):
			case !removed["cookie"] && (!cut || holdsCookie(cookies, a.Carrier.Name)):
				return fmt.Errorf("cookie %s is not cut", a.Carrier.Name)
			}
		}
	}
	return nil
}
