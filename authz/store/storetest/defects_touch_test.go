package storetest_test

import (
	"context"
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// forgetting leaves touches out of what was applied and out of the rows.
func forgetting(forgot func(change authz.Mutation, t authz.Touch) bool) defect {
	return func(b *bent) {
		var changes notes[uint64, authz.Mutation]
		cut := func(seq uint64, touched []authz.Touch) []authz.Touch {
			change, _ := changes.get(seq)
			return slices.DeleteFunc(touched, func(t authz.Touch) bool { return forgot(change, t) })
		}
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			applied, err := b.Engine.Apply(ctx, act, change)
			changes.set(applied.Seq, change)
			applied.Touched = cut(applied.Seq, applied.Touched)
			return applied, err
		}
		b.feed = func(ctx context.Context, after uint64, most int) ([]authz.Change, error) {
			rows, err := b.Engine.Feed(ctx, after, most)
			for i := range rows {
				rows[i].Touched = cut(rows[i].Seq, rows[i].Touched)
			}
			return rows, err
		}
	}
}

// forgettingTopic forgets a topic whenever a kind of change is made.
func forgettingTopic[M authz.Mutation](topic authz.Topic) defect {
	return forgetting(func(change authz.Mutation, t authz.Touch) bool {
		_, ok := change.(M)
		return ok && t.Topic == topic
	})
}

const (
	rotated = "a rotated token ends after the overlap"
	revoked = "a revoked token stays revoked"
	owned   = "a principal's tokens share their fate"
	// ownersNetworks is the same of another part of it.
	ownersNetworks = "a principal's networks bound their tokens"
	nobodyLeft     = "a removed principal leaves nothing"
	nothingLeft    = "a removed organization leaves nothing"
	memberships    = "memberships"
	organization   = "organizations"
)

var touchDefects = []breach{
	{"a mint forgets the reference", forgettingTopic[authz.MintToken](authz.TopicTokenRef), most, "want also"},
	{"a rotation forgets the old token", forgetting(func(change authz.Mutation, t authz.Touch) bool {
		c, ok := change.(authz.RotateToken)
		return ok && t.Topic == authz.TopicToken && t.Name[0] == c.ID
	}), rotated, "want also"},
	{"a rotation forgets the old reference", forgetting(func(change authz.Mutation, t authz.Touch) bool {
		_, ok := change.(authz.RotateToken)
		return ok && t.Topic == authz.TopicTokenRef && strings.Contains(t.Name[1], "old")
	}), rotated, "want also"},
	{"a rotation forgets the new reference", forgetting(func(change authz.Mutation, t authz.Touch) bool {
		c, ok := change.(authz.RotateToken)
		return ok && t.Topic == authz.TopicTokenRef && t.Name[1] == c.Successor.Ref.Lookup
	}), rotated, "want also"},
	{"a revocation forgets the token", forgettingTopic[authz.RevokeToken](authz.TopicToken), revoked, "want also"},
	{"a revocation forgets the reference", forgettingTopic[authz.RevokeToken](authz.TopicTokenRef), revoked, "want also"},
	{"a put forgets the principal", forgettingTopic[authz.PutPrincipal](authz.TopicPrincipal), owned, "want also"},
	{"a put forgets the owner", forgettingTopic[authz.PutPrincipal](authz.TopicOwner), owned, "want also"},
	{"networks forget tokens", forgettingTopic[authz.PutPrincipal](authz.TopicToken), ownersNetworks, "want also"},
	{"networks forget references", forgettingTopic[authz.PutPrincipal](authz.TopicTokenRef), ownersNetworks, "want also"},
	{"disabling forgets tokens", forgettingTopic[authz.PutPrincipal](authz.TopicToken), owned, "want also"},
	{"disabling forgets references", forgettingTopic[authz.PutPrincipal](authz.TopicTokenRef), owned, "want also"},
	{"a removal forgets the principal", forgettingTopic[authz.RemovePrincipal](authz.TopicPrincipal), nobodyLeft, "want also"},
	{"a removal forgets the owner", forgettingTopic[authz.RemovePrincipal](authz.TopicOwner), nobodyLeft, "want also"},
	{"a removal forgets tokens", forgettingTopic[authz.RemovePrincipal](authz.TopicToken), nobodyLeft, "want also"},
	{"a removal forgets references", forgettingTopic[authz.RemovePrincipal](authz.TopicTokenRef), nobodyLeft, "want also"},
	{"a removal forgets memberships", forgettingTopic[authz.RemovePrincipal](authz.TopicMember), nobodyLeft, "want also"},
	{"a put forgets the organization", forgettingTopic[authz.PutOrganization](authz.TopicOrganization), organization, "want also"},
	{"its removal forgets the organization", forgettingTopic[authz.RemoveOrganization](authz.TopicOrganization), organization, "want also"},
	{"its removal forgets tokens", forgettingTopic[authz.RemoveOrganization](authz.TopicToken), nothingLeft, "want also"},
	{"its removal forgets references", forgettingTopic[authz.RemoveOrganization](authz.TopicTokenRef), nothingLeft, "want also"},
	{"its removal forgets members", forgettingTopic[authz.RemoveOrganization](authz.TopicMember), nothingLeft, "want also"},
	{"its removal forgets domains", forgettingTopic[authz.RemoveOrganization](authz.TopicDomain), nothingLeft, "want also"},
	{"a put forgets the member", forgettingTopic[authz.PutMember](authz.TopicMember), memberships, "want also"},
	{"a removal forgets the member", forgettingTopic[authz.RemoveMember](authz.TopicMember), memberships, "want also"},
	{"a put forgets the domain", forgettingTopic[authz.PutDomain](authz.TopicDomain), oneName, "want also"},
	{"a removal forgets the domain", forgettingTopic[authz.RemoveDomain](authz.TopicDomain), oneName, "want also"},
	{"only the row forgets", func(b *bent) {
		feeding(func(rows []authz.Change) []authz.Change {
			for i := range rows {
				rows[i].Touched = rows[i].Touched[:len(rows[i].Touched)-1]
			}
			return rows
		})(b)
	}, minted, "Applied touched"},
	{"only what is applied forgets", ending(func(_ authz.MintToken, applied authz.Applied, err error) (authz.Applied, error) {
		applied.Touched = nil
		return applied, err
	}), minted, "Applied touched"},
}
