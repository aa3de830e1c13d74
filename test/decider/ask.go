package decider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
)

// askingTime is for a machine that has much else to do.
const askingTime = 2 * time.Minute

// Ask asks the program as Envoy does, from an address.
func (w *World) Ask(ctx context.Context, q Request, address string) (Outcome, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askingTime) // an end of ours is no answer
	defer cancel()
	from := &corev3.Address{Address: &corev3.Address_SocketAddress{SocketAddress: &corev3.SocketAddress{Address: address}}}
	answer, err := authv3.NewAuthorizationClient(w.checks).Check(ctx, &authv3.CheckRequest{Attributes: &authv3.AttributeContext{
		Source:  &authv3.AttributeContext_Peer{Address: from},
		Request: &authv3.AttributeContext_Request{Http: q.attributes()},
	}})
	switch {
	case err != nil:
		return Outcome{}, fmt.Errorf("check: %w", err)
	case answer.GetStatus() == nil:
		return Outcome{}, errors.New("check: an answer without a status, which Envoy takes for an allow")
	case answer.GetStatus().GetCode() != 0:
		return Outcome{Status: int(answer.GetDeniedResponse().GetStatus().GetCode()), Reason: answer.GetStatus().GetMessage()}, nil
	default:
		return allowed(answer.GetOkResponse(), q)
	}
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

// allowed reads who may pass, and holds the answer to taking every credential out of the
// request, the caller's own and those that nobody looked at.
func allowed(ok *authv3.OkHttpResponse, q Request) (Outcome, error) {
	outcome := Outcome{Status: 200}
	cookies, cut := "", false
	for _, h := range ok.GetHeaders() {
		value := h.GetHeader().GetValue() + string(h.GetHeader().GetRawValue())
		switch strings.ToLower(h.GetHeader().GetKey()) {
		case "x-authz-kind":
			outcome.Word = value
		case "x-authz-subject":
			outcome.Subject = value
		case "cookie":
			cookies, cut = value, true
		}
	}
	removed := map[string]bool{}
	for _, name := range ok.GetHeadersToRemove() {
		removed[name] = true
	}
	for _, a := range q.Block.Authenticators {
		for _, h := range q.Headers {
			switch {
			case !a.Carrier.Cookie && h.Name == a.Carrier.Name && !removed[h.Name]:
				return outcome, fmt.Errorf("%s is not removed", h.Name)
			case !a.Carrier.Cookie || h.Name != "cookie" || !strings.Contains(h.Value, a.Carrier.Name+"="):
			case !removed["cookie"] && (!cut || strings.Contains(cookies, a.Carrier.Name+"=")):
				return outcome, fmt.Errorf("cookie %s is not cut", a.Carrier.Name)
			}
		}
	}
	return outcome, nil
}
