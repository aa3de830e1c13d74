package envoy

import (
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/sallyport-authz/sallyport/authz"
)

// dynamicMetadata is what access logs and later filters of the proxy may read.
// It holds no credential and no claims. A policy's value that is no JSON, or
// text that is not UTF-8, is an error.
func dynamicMetadata(e *authz.Event) (*structpb.Struct, error) {
	v := e.Verdict
	fields := map[string]any{
		"decision_id": e.DecisionID,
		"effect":      v.Effect.String(),
		"tenant":      v.Trail.Tenant,
	}
	if v.Effect != authz.Allow {
		fields["reason"], fields["status"] = string(reasonOf(v)), statusOf(v)
	}
	if v.Trail.Route != nil {
		fields["route"] = v.Trail.Route.ID
	}
	if v.Trail.Caller.Authenticator != "" {
		fields["caller"] = callerMetadata(v.Trail.Caller)
	}
	if len(v.Metadata) > 0 {
		fields["policy"] = v.Metadata
	}
	return structpb.NewStruct(fields)
}

func callerMetadata(c authz.Caller) map[string]any {
	scopes := make([]any, 0, len(c.Scopes))
	for _, scope := range c.Scopes {
		scopes = append(scopes, scope)
	}
	return map[string]any{
		"authenticator": c.Authenticator, "kind": c.Kind, "subject": c.Subject, "tenant": c.Tenant,
		"role": c.Role, "scopes": scopes, "user": c.User, "token_id": c.TokenID,
	}
}
