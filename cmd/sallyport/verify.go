package main

import (
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/verify"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// verify compiles an authenticator that asks the operator's hook.
func (c *compiler) verify(at document.Cursor, message *configv1.Verify) (kind, bool) {
	before := len(c.Problems)
	settings := verify.Settings{
		Endpoint: message.GetEndpoint(), Header: message.GetHeader(), Prefix: message.GetPrefix(),
		Claims:    claimNames(message.GetClaims()),
		Timeout:   c.span(at.Field("timeout"), message.GetTimeout(), span{10 * time.Millisecond, 30 * time.Second, verify.DefaultTimeout}),
		MostCalls: c.hookCalls(at.Field("max_calls"), int(message.GetMaxCalls())),
	}
	if at.Field("bearer_token").Written() {
		settings.Bearer = c.credential(at.Field("bearer_token"), message.GetBearerToken(), bare)
	}
	if asker := c.askingAbout(at.Field("endpoint"), message.GetEndpoint()); asker != nil {
		settings.Asker = asker
	}
	if len(c.Problems) > before || c.outbound == nil { // which was refused where it stands
		return kind{}, false
	}
	a, err := verify.New(settings)
	if err != nil {
		c.Refuse(at, err.Error(), "settings of one hook", "correct what the message names")
		return kind{}, false
	}
	return kind{"verify", a.Traits(), a}, true
}

func bare(secret authz.Secret) (authz.Secret, error) { return secret, nil }

// hookCalls keeps a hook that hangs from every Check's place: twice as many as may ask
// are held by it, the others that wait among them.
func (c *compiler) hookCalls(at document.Cursor, calls int) int {
	most := max(1, atMost(c.message.GetServer().GetMaxChecks(), defaultChecks)/4)
	switch {
	case !at.Written():
		return min(most, verify.DefaultCalls)
	case calls < 1 || calls > min(most, verify.MostCalls):
		c.Refuse(at, fmt.Sprintf("%d calls at once", calls), fmt.Sprintf("1 to %d, a quarter of server.max_checks", min(most, verify.MostCalls)), "lower it, or raise server.max_checks")
	}
	return calls
}
