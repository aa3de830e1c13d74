package authz

import "context"

// Decide runs the flow without the goroutine and the select of await, which
// would see an ended context first.
func (a *Authorizer) Decide(ctx context.Context, attributes *Attributes) Verdict {
	d := a.decision(attributes)
	if err := d.route(); err != nil {
		return d.deny(err)
	}
	return d.safely(ctx)
}
