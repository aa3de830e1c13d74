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

// The logins. A machine has one of them and never both: see MayOwnTokens.
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

// MayOwnTokens reports whether a token may be given to the principal. A machine that
// logs in by a password has none: a machine has one credential, so that whoever takes
// its password away has taken all (requirements.md, G05). People are not held to it:
// an administrator logs in by a password and mints tokens of their own for programs
// (M03, M06), and so does a user (G02); what a client owns, it was granted.
func (p Principal) MayOwnTokens() bool {
	switch p.Kind {
	case Machine:
		return p.Login == LoginToken
	case Administrator, User, Client:
		return true
	default:
		return false
	}
}
