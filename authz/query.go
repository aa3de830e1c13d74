package authz

import "context"

// Collection is one of the things that a store lists.
type Collection string

// The collections, by what they are sorted by. Texts are sorted by their bytes.
const (
	Tokens        Collection = "tokens"        // Created, then ID
	Principals    Collection = "principals"    // Kind, then Name
	Organizations Collection = "organizations" // ID
	Members       Collection = "members"       // Organization, then Subject
	Domains       Collection = "domains"       // Name
	ServerKeys    Collection = "server_keys"   // ID
)

// Query asks for a page of a collection. A field that is "" chooses nothing; one that
// the collection does not have is ErrInvalid. What no store could hold, no row has.
type Query struct {
	Of Collection
	// Tenant is the grant's tenant of tokens and principals, and the organization of
	// members and domains.
	Tenant string
	// Owner is a token's owner, Prefix its prefix, ID its id, which no two have.
	Owner, Prefix, ID string
	// Kind is a principal's.
	Kind PrincipalKind
	// Skip and Most make the page; Most is 1 to MostRows, Skip not below zero: else
	// ErrInvalid. A page with fewer rows than Most is the last one.
	Skip, Most int
}

// Listing is a page: the list of the collection that was asked for.
type Listing struct {
	Tokens        []Token
	Principals    []Principal
	Organizations []Organization
	Members       []Membership
	Domains       []Domain
	ServerKeys    []ServerKey
}

// Lister lists what a store holds. A page may be torn by a change made between two.
type Lister interface {
	List(ctx context.Context, query Query) (Listing, error)
}
