package authz

// PrincipalKind is what a principal is. Names are unique within one.
type PrincipalKind string

// The kinds of principals.
const (
	Administrator PrincipalKind = "administrator"
	User          PrincipalKind = "user"
	Machine       PrincipalKind = "machine"
	Client        PrincipalKind = "client"
)

// Login is the one way in which a principal shows who they are.
type Login string

// The logins. A machine has one of them and never both.
const (
	LoginToken    Login = "token"
	LoginPassword Login = "password"
)

// Principal is somebody whom a store knows: a person or a program.
type Principal struct {
	// ID never changes and is never used again. A store chooses it.
	ID   string
	Kind PrincipalKind
	// Name is compared byte by byte: names that differ in case or Unicode form
	// are two people's.
	Name  string
	Login Login
	// Verifier is how a password is proven; "" where Login is LoginToken.
	Verifier string
	Grant
	Disabled bool
}
