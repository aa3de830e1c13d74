package authz

// Standing is who somebody is in an organization, as a list of members has it now: what
// a credential says of that is a claim. The zero Standing is nobody anywhere.
type Standing struct {
	Tenant string
	Role   string
	// Scopes are what the role may be granted. Nobody has a scope by it that their
	// credential does not have.
	Scopes []string
}

// Within gives those of a credential's scopes that the standing leaves, in their order.
func (s Standing) Within(scopes []string) []string { return Bound{Scopes: s.Scopes}.within(scopes) }
