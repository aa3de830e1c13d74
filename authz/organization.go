package authz

// Organization is a tenant that a store knows.
type Organization struct {
	// ID is what tenants are called; it is the operator's, and compared byte by byte.
	ID   string
	Name string
}

// Membership says that a principal, by the subject that callers have, belongs to an
// organization.
type Membership struct {
	Organization, Subject string
	Role                  string
	Scopes                []string
}

// Domain is a host name that stands for an organization.
type Domain struct {
	// Name is canonical, as ParseHost gives it.
	Name         string
	Organization string
	// Verified is that the organization has shown that the name is theirs. Another
	// one stands for nobody.
	Verified bool
}
