package onekey

import (
	"math/rand/v2"
	"strconv"

	"github.com/sallyport-authz/sallyport/authz"
)

// Keys that drawn requests present. AnnKey is Ann's on both headers, of tenant a
// with the scope read; BobKey is Bob's, of tenant b with both scopes.
const (
	AnnKey = "ann-key"
	BobKey = "bob-key"
)

// Draw makes a request. Most differ from each other in few places.
func Draw(r *rand.Rand) *authz.Attributes {
	q := &authz.Request{
		Method: pick(r, "GET", "HEAD", "POST"), Scheme: pick(r, "http", "https"), Secure: pick(r, true, false),
		Host: pick(r, "a.example", "b.example"),
		Path: pick(r, "/x/1", "/x/2", "/x/3", "/x/1?y=1", "/t/a", "/t/b", "/q?org=a", "/q?org=b", "/q?org=a&y=1", "/nowhere"),
		Body: authz.Body{State: pick(r, authz.BodyWhole, authz.BodyTruncated, authz.BodyAbsent)},
	}
	if q.Body.State != authz.BodyAbsent {
		q.Body.Bytes = []byte(pick(r, "keep", "drop"))
	}
	q.Headers = headers(r)
	return &authz.Attributes{
		Request:       q,
		TrustedHops:   pick(r, 0, 1),
		Peer:          authz.Peer{Address: pick(r, "10.0.0.1", "10.0.0.2", "127.0.0.1"), Principal: pick(r, "", "spiffe://x/y"), SNI: pick(r, "", "a.example")},
		Extensions:    pick(r, nil, map[string]string{"zone": "dmz"}),
		Metadata:      pick(r, nil, map[string]any{"geo": map[string]any{"land": "xx"}}),
		RouteMetadata: pick(r, nil, map[string]any{"r": map[string]any{"tier": "free"}}),
	}
}

func headers(r *rand.Rand) authz.Headers {
	drawn := authz.Headers{Joined: pick(r, false, true)}
	for _, h := range []authz.Header{
		{Name: "x-api-key", Value: pick(r, AnnKey, BobKey, "bad-key", "a,b", "a b", "a!b")},
		{Name: "authorization", Value: pick(r, pick(r, "Bearer "+AnnKey, "Bearer", "Digest a,b"), "Basic YTpi", "Basic YTpi", "Bearer bad-key")},
		{Name: "origin", Value: pick(r, "https://evil.example", "https://good.example")},
		{Name: "cookie", Value: pick(r, "theme=dark", "theme=light")},
		{Name: "x-flag-a", Value: pick(r, "0", "1")},
		{Name: "x-forwarded-for", Value: pick(r, "10.0.0.2", "10.0.0.1", "10.0.0.1, 10.0.0.3")},
		{Name: "x-authz-subject", Value: "root"},
	} {
		if pick(r, h.Name == "x-api-key", true, false) {
			drawn.List = append(drawn.List, h)
		}
	}
	// What changes with every request is in no key.
	drawn.List = append(drawn.List, authz.Header{Name: "x-request-id", Value: strconv.FormatUint(r.Uint64(), 36)})
	return drawn
}

// pick gives the first mostly.
func pick[T any](r *rand.Rand, from ...T) T {
	if r.IntN(6) > 0 {
		return from[0]
	}
	return from[r.IntN(len(from))]
}
