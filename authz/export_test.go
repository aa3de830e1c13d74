package authz

import "context"

// Decide runs the flow without await, whose select sees an ended context first
// and so would hide whether the flow itself looks at it.
func (a *Authorizer) Decide(ctx context.Context, attributes *Attributes) Verdict {
	d := a.decision(attributes)
	if err := d.route(); err != nil {
		return d.deny(err)
	}
	if err := d.look(); err != nil {
		return d.deny(err)
	}
	return d.safely(ctx)
}
