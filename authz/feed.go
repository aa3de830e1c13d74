package authz

import "time"

// Topics of what a store holds.
const (
	// TopicToken is a token: its id.
	TopicToken Topic = "token"
	// TopicTokenRef is what a token is looked up by: prefix and lookup. A failed
	// lookup depends on it, so that a later mint ends it.
	TopicTokenRef Topic = "token_ref"
	// TopicPrincipal is a principal by kind and name, TopicOwner one by id.
	TopicPrincipal Topic = "principal"
	TopicOwner     Topic = "owner"
	// TopicOrganization is an organization: its id.
	TopicOrganization Topic = "organization"
	// TopicMember is a membership, there or not: organization and subject.
	TopicMember Topic = "member"
	// TopicDomain is a domain, there or not: its name.
	TopicDomain Topic = "domain"
)

// Touch names one thing that a change may turn.
type Touch struct {
	Topic Topic
	Name  []string
}

// Stripe is where the touch counts.
func (t Touch) Stripe() Stripe { return StripeOf(t.Topic, t.Name...) }

// Change is one row of a store's feed. Rows have sequence numbers without gaps, in
// the order in which they were committed, from 1 on. Who sees a row sees the change
// too, and who sees a change sees its row.
//
// Touched names each thing that turns, so that who relies on one need not know what
// else it hangs on. A token is named by TopicToken and TopicTokenRef, a principal by
// TopicPrincipal and TopicOwner. With a principal whose Disabled turns, or who is
// removed, their tokens are named, and their memberships if those go; with a removed
// organization its tokens, members and domains. A server key has no topic.
type Change struct {
	Seq     uint64
	At      time.Time
	Touched []Touch
}
