package storetest_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/store/storetest"
)

// before makes another change before one that is refused, and tries again.
func before[M authz.Mutation](refusal error, other func(M) authz.Mutation) defect {
	return func(b *bent) {
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			applied, err := b.Engine.Apply(ctx, act, change)
			c, ok := change.(M)
			if !ok || !errors.Is(err, refusal) {
				return applied, err
			}
			if _, err := b.Engine.Apply(ctx, act, other(c)); err != nil {
				return authz.Applied{}, err
			}
			return b.Engine.Apply(ctx, act, change)
		}
	}
}

// remembering answers with a member that was there once.
func remembering(b *bent) {
	var seen notes[[2]string, authz.Membership]
	b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
		applied, err := b.Engine.Apply(ctx, act, change)
		if c, ok := change.(authz.PutMember); ok && err == nil {
			seen.set([2]string{c.Membership.Organization, c.Membership.Subject}, c.Membership)
		}
		return applied, err
	}
	b.member = func(ctx context.Context, organization, subject string) (authz.Membership, error) {
		if m, ok := seen.get([2]string{organization, subject}); ok {
			return m, nil
		}
		return b.Engine.Member(ctx, organization, subject)
	}
}

// naming gives each principal the same id whenever the name is there.
func naming(b *bent) {
	var ids notes[string, string]
	b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
		if c, ok := change.(authz.MintToken); ok {
			if id, ok := ids.get(c.Token.Owner); ok {
				c.Token.Owner = id
				change = c
			}
		}
		applied, err := b.Engine.Apply(ctx, act, change)
		if c, ok := change.(authz.PutPrincipal); ok && err == nil {
			ids.set(c.Principal.Name, applied.Principal.ID)
			applied.Principal.ID = c.Principal.Name
		}
		return applied, err
	}
}

const (
	oneLogin      = "a principal has one login"
	oneCredential = "a machine with a password has no tokens"
	oneName       = "a verified name is one organization's"
	renewed       = "a renewed verifier turns nothing"
	proving       = "verifiers are those that may still prove something"
	ended         = "an ended context is could-not-tell"
)

var changeDefects = []breach{
	{"a login can change", before(authz.ErrInvalid, func(c authz.PutPrincipal) authz.Mutation {
		return authz.RemovePrincipal{Kind: c.Principal.Kind, Name: c.Principal.Name}
	}), oneLogin, "want invalid change"},
	{"any id will do", changing(func(c *authz.PutPrincipal) { c.Principal.ID = "" }), oneLogin, "want invalid change"},
	{"a put changes half", changing(func(c *authz.PutPrincipal) {
		if c.Principal.Role == "viewer" {
			c.Principal.Scopes = []string{"write", "read", "a b"}
		}
	}), oneLogin, "changed principal"},
	{"an equal put is a change", func(b *bent) {
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			applied, err := b.Engine.Apply(ctx, act, change)
			if err == nil && applied.Seq == 0 {
				return b.Engine.Apply(ctx, act, authz.PutServerKey{ServerKey: authz.ServerKey{ID: "k", Check: "a"}})
			}
			return applied, err
		}
	}, oneLogin, "want no row"},
	{"kinds are one", func(b *bent) {
		b.named = func(ctx context.Context, kind authz.PrincipalKind, name string) (authz.Principal, error) {
			p, err := b.Engine.Principal(ctx, kind, name)
			if errors.Is(err, authz.ErrNotFound) {
				return b.Engine.Principal(ctx, authz.Administrator, name)
			}
			return p, err
		}
	}, oneLogin, "got no error"},
	{"a machine has both", func(b *bent) {
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			applied, err := b.Engine.Apply(ctx, act, change)
			if c, ok := change.(authz.MintToken); ok && errors.Is(err, authz.ErrInvalid) {
				c.Token.Owner = ""
				return b.Engine.Apply(ctx, act, c)
			}
			return applied, err
		}
	}, oneCredential, "want invalid change"},
	{"nobody has both", func(b *bent) {
		var passwords notes[string, bool]
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			if c, ok := change.(authz.MintToken); ok {
				if has, _ := passwords.get(c.Token.Owner); has {
					return authz.Applied{}, authz.ErrInvalid
				}
			}
			applied, err := b.Engine.Apply(ctx, act, change)
			passwords.set(applied.Principal.ID, applied.Principal.Login == authz.LoginPassword)
			return applied, err
		}
	}, oneCredential, "want it applied"},
	{"ids are names", naming, "ids are never used again", "has the id"},
	{"networks of a token are lost", changing(func(c *authz.MintToken) { c.Token.Networks = nil }), minted, "Networks"},
	{"networks of a token change their order", showing(func(t *authz.Token) { t.Networks = slices.Clone(t.Networks); slices.Reverse(t.Networks) }), minted, "Networks"},
	{"networks of a principal are lost", changing(func(c *authz.PutPrincipal) { c.Principal.Networks = nil }), "a principal has one login", "Networks"},
	{"an owner's networks are not told", showing(func(t *authz.Token) { t.OwnerNetworks = nil }), ownersNetworks, "OwnerNetworks"},
	{"an owner's networks become the token's own", showing(func(t *authz.Token) { t.Networks = t.OwnerNetworks }), ownersNetworks, "Networks"},
	{"disabling leaves tokens alone", showing(func(t *authz.Token) { t.Disabled = false }), "a principal's tokens share their fate", "Disabled"},
	{"enabling leaves tokens disabled", func(b *bent) {
		var seen notes[string, bool]
		showing(func(t *authz.Token) {
			once, _ := seen.get(t.ID)
			t.Disabled = t.Disabled || once
			seen.set(t.ID, t.Disabled)
		})(b)
	}, "a principal's tokens share their fate", "who is enabled"},
	{"removing leaves tokens unrevoked", showing(func(t *authz.Token) {
		if t.Disabled {
			t.Revoked, t.Reason = time.Time{}, ""
		}
	}), "a removed principal leaves nothing", "Revoked"},
	{"removing a principal leaves members", remembering, "a removed principal leaves nothing", "got no error"},
	{"removing an organization leaves members", remembering, "a removed organization leaves nothing", "got no error"},
	{"removing a member leaves them", remembering, "memberships", "got no error"},
	{"a member makes an organization", before(authz.ErrNotFound, func(c authz.PutMember) authz.Mutation {
		return authz.PutOrganization{Organization: authz.Organization{ID: c.Membership.Organization}}
	}), "memberships", "want not found"},
	{"a verified name can be taken", before(authz.ErrExists, func(c authz.PutDomain) authz.Mutation {
		return authz.RemoveDomain{Name: c.Domain.Name}
	}), oneName, "want exists already"},
	{"every name is verified", changing(func(c *authz.PutDomain) { c.Domain.Verified = true }), oneName, "asked for"},
	{"an unverified name is kept", ending(func(c authz.PutDomain, applied authz.Applied, err error) (authz.Applied, error) {
		if err == nil && !c.Domain.Verified && c.Domain.Organization == "other" {
			return authz.Applied{}, authz.ErrExists
		}
		return applied, err
	}), oneName, "want it applied"},
	{"organizations are not renamed", changing(func(c *authz.PutOrganization) { c.Organization.Name = "Acme" }), "organizations", ""},
	{"a server key changes silently", ending(func(_ authz.PutServerKey, applied authz.Applied, err error) (authz.Applied, error) {
		if errors.Is(err, authz.ErrExists) {
			return applied, nil
		}
		return applied, err
	}), "server keys never change", "want exists already"},
	{"a removed server key stays", func(b *bent) {
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			if _, ok := change.(authz.RemoveServerKey); ok {
				change = authz.PutServerKey{ServerKey: authz.ServerKey{ID: "k1 removed", Check: "a"}}
			}
			return b.Engine.Apply(ctx, act, change)
		}
	}, "server keys never change", ""},
	{"any verifier is renewed", func(b *bent) {
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			applied, err := b.Engine.Apply(ctx, act, change)
			c, ok := change.(authz.RenewVerifier)
			if !ok || !errors.Is(err, authz.ErrNotFound) {
				return applied, err
			}
			p, err := b.Engine.Principal(ctx, c.Holder.Kind, c.Holder.Name)
			if err != nil || p.Verifier == "" {
				return authz.Applied{}, authz.ErrNotFound
			}
			c.Old = p.Verifier
			return b.Engine.Apply(ctx, act, c)
		}
	}, renewed, "want not found"},
	{"a renewal is put twice", ending(func(c authz.RenewVerifier, applied authz.Applied, err error) (authz.Applied, error) {
		if err == nil && applied.Seq == 0 {
			return authz.Applied{}, authz.ErrNotFound
		}
		return applied, err
	}), renewed, "want nothing to do"},
	{"a renewal revives", func(b *bent) {
		var touched notes[string, bool]
		showing(func(t *authz.Token) {
			if again, _ := touched.get(t.ID); again {
				t.Revoked, t.Reason = time.Time{}, ""
			}
		})(b)
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			if c, ok := change.(authz.RenewVerifier); ok {
				touched.set(c.Holder.Token, true)
			}
			return b.Engine.Apply(ctx, act, change)
		}
	}, renewed, "revoked token with a new verifier"},
	{"a renewal touches", func(b *bent) {
		var renewals notes[uint64, bool]
		token := authz.Touch{Topic: authz.TopicToken, Name: []string{"1"}}
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			applied, err := b.Engine.Apply(ctx, act, change)
			if _, ok := change.(authz.RenewVerifier); ok && applied.Seq > 0 {
				renewals.set(applied.Seq, true)
				applied.Touched = append(applied.Touched, token)
			}
			return applied, err
		}
		b.feed = func(ctx context.Context, after uint64, most int) ([]authz.Change, error) {
			rows, err := b.Engine.Feed(ctx, after, most)
			for i := range rows {
				if of, _ := renewals.get(rows[i].Seq); of {
					rows[i].Touched = append(rows[i].Touched, token)
				}
			}
			return rows, err
		}
	}, renewed, "what a renewal touches"},
	{"revoked tokens prove something", func(b *bent) {
		b.verifiers = func(ctx context.Context, each func(string) error) error {
			l, err := b.Engine.List(ctx, authz.Query{Of: authz.Tokens, Most: authz.MostRows})
			for _, t := range l.Tokens {
				if !t.Revoked.IsZero() {
					_ = each(t.Verifier)
				}
			}
			return errors.Join(err, b.Engine.Verifiers(ctx, each))
		}
	}, proving, "verifiers"},
	{"passwords are forgotten", func(b *bent) {
		b.verifiers = func(ctx context.Context, each func(string) error) error {
			return b.Engine.Verifiers(ctx, func(verifier string) error {
				if strings.HasSuffix(verifier, "of ada") {
					return nil
				}
				return each(verifier)
			})
		}
	}, proving, "verifiers"},
	{"who breaks off is not heard", func(b *bent) {
		b.verifiers = func(ctx context.Context, each func(string) error) error {
			return b.Engine.Verifiers(ctx, func(verifier string) error { _ = each(verifier); return nil })
		}
	}, proving, "who breaks off"},
	{"nobody need act", func(b *bent) {
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			if act.Actor == "" {
				act.Actor = "nobody"
			}
			return b.Engine.Apply(ctx, act, change)
		}
	}, "changes that are none are refused", "want invalid change"},
	{"refusals are outages", func(b *bent) {
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			applied, err := b.Engine.Apply(ctx, act, change)
			if errors.Is(err, authz.ErrInvalid) {
				return applied, errDown
			}
			return applied, err
		}
	}, "changes that are none are refused", "want invalid change"},
	{"two sentinels", func(b *bent) {
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			applied, err := b.Engine.Apply(ctx, act, change)
			if errors.Is(err, authz.ErrExists) {
				return applied, errors.Join(err, authz.ErrInvalid)
			}
			return applied, err
		}
	}, "a reference is taken once and for ever", "want exists already"},
	{"a change outlives its context", func(b *bent) {
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			return b.Engine.Apply(context.WithoutCancel(ctx), act, change)
		}
	}, ended, "want could not tell"},
	{"an ended context is a refusal", func(b *bent) {
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			applied, err := b.Engine.Apply(ctx, act, change)
			if ctx.Err() != nil {
				return applied, errors.Join(err, authz.ErrInvalid)
			}
			return applied, err
		}
	}, ended, "want could not tell"},
}

// A store that forgets when it is closed is found, and so is one that begins its
// numbers again.
func TestSuiteFindsLossByClosing(t *testing.T) {
	s := memorySuite()
	s.Reopen = func(_ testing.TB, _ storetest.Engine, now func() time.Time) storetest.Engine {
		return storetest.NewMemory(now)
	}
	if err := storetest.Check(t, s, "nothing is lost when it is opened again"); err == nil {
		t.Error("got no breach")
	}
}
