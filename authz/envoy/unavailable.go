package envoy

import (
	"fmt"
	"net/http"

	"google.golang.org/protobuf/proto"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"

	"github.com/sallyport-authz/sallyport/authz"
)

// unavailable holds the answers that are made before the first Check, so that
// sending one cannot go wrong: a 503 denial for each form of denial.
type unavailable struct{ replies map[client]reply }

func newUnavailable() (unavailable, error) {
	u := unavailable{replies: map[client]reply{}}
	verdict := unavailableVerdict(authz.Trail{})
	for _, to := range []client{clientHTTP, clientGRPC, clientMesh, clientConnection, clientUnread} {
		response := &authv3.CheckResponse{}
		deny(response, verdict, to)
		if err := sound(response, authz.Deny, to); err != nil {
			return unavailable{}, fmt.Errorf("prepare denial: %w", err)
		}
		bytes, err := proto.Marshal(response)
		if err != nil {
			return unavailable{}, fmt.Errorf("prepare denial: %w", err)
		}
		u.replies[to] = bytes
	}
	return u, nil
}

func (u unavailable) reply(to client) reply { return u.replies[to] }

// unavailableVerdict is what the decision log says of such an answer.
func unavailableVerdict(trail authz.Trail) authz.Verdict {
	return authz.Verdict{
		Effect: authz.Deny, Reason: authz.Unavailable, Status: http.StatusServiceUnavailable,
		Headers: []authz.Header{{Name: "content-type", Value: "application/json"}, {Name: "retry-after", Value: "1"}},
		Body:    fmt.Sprintf(`{"code":%q}`, authz.Unavailable),
		Trail:   trail,
	}
}

// unreadVerdict is what it says of a Check that was turned away unread.
func unreadVerdict(cause error) authz.Verdict {
	verdict := unavailableVerdict(authz.Trail{Rule: "door", Cause: cause})
	verdict.Body, verdict.Headers = "", deniedHeaders(verdict, clientUnread)
	return verdict
}
