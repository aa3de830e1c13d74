package decisionlog_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/decisionlog"
)

// TestFlags (M27, G42): whoever reads the log learns which secrets to replace.
func TestFlags(t *testing.T) {
	key := []authz.Tried{{Authenticator: "keys", Carrier: authz.InHeader("x-api-key"), Outcome: authz.OutcomeRejected}}
	host := []authz.Tried{{Authenticator: "shop", Outcome: authz.OutcomeValid}}
	for _, test := range []struct {
		name, path, peer string
		secure           bool
		tried            []authz.Tried
		want             any
	}{
		{"nothing", "/v1/orders?page=2", "192.0.2.9", true, key, nil},
		{"in the query", "/v1/orders?access_token=x", "192.0.2.9", true, nil, []any{"credential_in_query"}},
		{"in the query, refused before anybody looked", "/v1//orders?page=2&TOKEN=x", "192.0.2.9", true, nil, []any{"credential_in_query"}},
		{"in a second query", "/v1/orders?a=1?token=x", "192.0.2.9", true, nil, []any{"credential_in_query"}},
		{"in the path", "/v1/token=x", "192.0.2.9", true, nil, nil},
		{"over plaintext", "/v1/orders", "192.0.2.9", false, key, []any{"credential_over_plaintext"}},
		{"from loopback", "/v1/orders", "127.0.0.1", false, key, nil},
		{"nothing carried", "/v1/orders", "192.0.2.9", false, host, nil},
		{"both", "/v1/orders?api_key=x", "192.0.2.9", false, append(host, key...), []any{"credential_in_query", "credential_over_plaintext"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := denied()
			e.Attributes.Request.Path, e.Attributes.Request.Secure, e.Attributes.Peer.Address = test.path, test.secure, test.peer
			e.Verdict.Trail.Tried = test.tried
			got := parsed(t, written(t, e, decisionlog.Settings{}))["flags"]
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
