package decider

import "slices"

// The paths of the routes that each block of the matrix has.
const (
	// DefaultGroups is one group of all that hold secrets, then the host.
	DefaultGroups = "/default"
	// ProodGroups is Prood's order: what stands in Authorization there, then API keys,
	// then sessions, then the host.
	ProodGroups = "/prood"
	// SingleGroups asks one after the other, the host last.
	SingleGroups = "/single"
)

// Layouts are those paths.
func Layouts() []string { return []string{DefaultGroups, ProodGroups, SingleGroups} }

// matrixBlock knows all kinds, each in the place that where gives it.
func matrixBlock(name string, where func(kind string) Carrier, down bool) *Block {
	b := &Block{Name: name}
	for _, kind := range secretKinds() {
		a := Known(name+"-"+kind, kind, where(kind))
		a.Next, a.Down = kind == KindSession, down && kind == KindJWT
		b.Authenticators = append(b.Authenticators, a)
	}
	secrets := slices.Clone(b.Authenticators)
	host := &Authenticator{Name: name + "-host", Kind: Host}
	b.Authenticators = append(b.Authenticators, host)
	single := make([][]*Authenticator, 0, len(b.Authenticators))
	for _, a := range b.Authenticators {
		single = append(single, []*Authenticator{a})
	}
	b.Routes = []*Route{
		{Path: DefaultGroups, Accept: [][]*Authenticator{secrets, {host}}, Flat: true},
		{Path: ProodGroups, Accept: [][]*Authenticator{secrets[:4], {b.of(KindKey)}, {b.of(KindSession)}, {host}}},
		{Path: SingleGroups, Accept: single},
	}
	return b
}

// route gives the route with a path.
func (b *Block) route(path string) *Route {
	i := slices.IndexFunc(b.Routes, func(r *Route) bool { return r.Path == path })
	return b.Routes[i]
}
