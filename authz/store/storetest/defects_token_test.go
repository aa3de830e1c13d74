package storetest_test

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// showing changes each token that is looked up.
func showing(edit func(*authz.Token)) defect {
	return func(b *bent) {
		b.token = func(ctx context.Context, ref authz.TokenRef) (authz.Token, error) {
			t, err := b.Engine.Token(ctx, ref)
			if err == nil {
				edit(&t)
			}
			return t, err
		}
	}
}

// changing changes mutations on their way to the engine.
func changing[M authz.Mutation](edit func(*M)) defect {
	return func(b *bent) {
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			if c, ok := change.(M); ok {
				edit(&c)
				change = c
			}
			return b.Engine.Apply(ctx, act, change)
		}
	}
}

// ending changes what becomes of mutations.
func ending[M authz.Mutation](edit func(M, authz.Applied, error) (authz.Applied, error)) defect {
	return func(b *bent) {
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			applied, err := b.Engine.Apply(ctx, act, change)
			if c, ok := change.(M); ok {
				return edit(c, applied, err)
			}
			return applied, err
		}
	}
}

const most = "a number of tokens bounds them"

// counting lets a mint through where the tokens that some rule counts are too
// few, whatever the engine counts.
func counting(counts func(t authz.Token, now time.Time) bool) defect {
	return func(b *bent) {
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			c, ok := change.(authz.MintToken)
			if !ok || c.Most == 0 {
				return b.Engine.Apply(ctx, act, change)
			}
			l, err := b.Engine.List(ctx, authz.Query{Of: authz.Tokens, Tenant: c.Token.Tenant, Prefix: c.Token.Ref.Prefix, Most: authz.MostRows})
			if err != nil {
				return authz.Applied{}, err
			}
			count := 0
			for _, t := range l.Tokens {
				if t.Owner == c.Token.Owner && t.Revoked.IsZero() && counts(t, b.now()) {
					count++
				}
			}
			if count >= c.Most {
				return authz.Applied{}, authz.ErrExists
			}
			time.Sleep(time.Millisecond)
			c.Most = 0
			return b.Engine.Apply(ctx, act, c)
		}
	}
}

var tokenDefects = []breach{
	{"scopes are sorted", showing(func(t *authz.Token) {
		if len(t.Scopes) == 3 {
			t.Scopes[0], t.Scopes[1] = t.Scopes[1], t.Scopes[0]
		}
	}), "a minted token is found by its reference", "write"},
	{"claims are lost", showing(func(t *authz.Token) { t.Claims = nil }), "a minted token is found by its reference", "Claims"},
	{"times are local", showing(func(t *authz.Token) { t.Created = t.Created.In(time.FixedZone("here", 60)) }), "a minted token is found by its reference", "UTC"},
	{"expiry is rounded up", changing(func(c *authz.MintToken) {
		if !c.Token.Expires.IsZero() {
			c.Token.Expires = c.Token.Expires.Add(time.Microsecond - 1)
		}
	}), "a token is active until it expires", "expiry"},
	{"a mint is put", ending(func(c authz.MintToken, applied authz.Applied, err error) (authz.Applied, error) {
		if errors.Is(err, authz.ErrExists) {
			return applied, nil
		}
		return applied, err
	}), "a reference is taken once and for ever", "want exists already"},
	{"a revoked reference is free", func(b *bent) {
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			if c, ok := change.(authz.MintToken); ok {
				if t, err := b.Engine.Token(ctx, c.Token.Ref); err == nil && !t.Revoked.IsZero() {
					c.Token.Ref.Lookup += " again"
					change = c
				}
			}
			return b.Engine.Apply(ctx, act, change)
		}
	}, "a reference is taken once and for ever", "got no error"},
	{"one too many", changing(func(c *authz.MintToken) {
		if c.Most > 0 {
			c.Most++
		}
	}), most, "want exists already"},
	{"disabling makes room", counting(authz.Token.Active), most, "want exists already"},
	{"expired tokens take room", counting(func(authz.Token, time.Time) bool { return true }), most, "got exists already"},
	{"tokens are counted before the mint", counting(authz.Token.Active), "parallel mints do not exceed a number", "mints that won"},
	{"the overlap is forgotten", changing(func(c *authz.RotateToken) { c.Overlap = 0 }), "a rotated token ends after the overlap", "Expires"},
	{"a rotated token does not end", changing(func(c *authz.RotateToken) { c.Overlap += 100 * time.Hour }), "a rotated token ends after the overlap", "Expires"},
	{"a rotation leaves an expiry alone", func(b *bent) {
		var expires notes[string, time.Time]
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			applied, err := b.Engine.Apply(ctx, act, change)
			expires.set(applied.Token.ID, applied.Token.Expires)
			return applied, err
		}
		showing(func(t *authz.Token) {
			if at, _ := expires.get(t.ID); !at.IsZero() {
				t.Expires = at
			}
		})(b)
	}, "a rotated token ends after the overlap", "rotated token"},
	{"a rotation revokes first", func(b *bent) {
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			if c, ok := change.(authz.RotateToken); ok {
				if _, err := b.Engine.Token(ctx, c.Successor.Ref); err == nil {
					_, _ = b.Engine.Apply(ctx, act, authz.RevokeToken{ID: c.ID})
				}
			}
			return b.Engine.Apply(ctx, act, change)
		}
	}, "a successor that is refused leaves the old token alone", "Revoked"},
	{"revoked twice is an error", ending(func(_ authz.RevokeToken, applied authz.Applied, err error) (authz.Applied, error) {
		if err == nil && applied.Seq == 0 {
			return authz.Applied{}, authz.ErrExists
		}
		return applied, err
	}), "a revoked token stays revoked", "want nothing to do"},
	{"the last reason counts", func(b *bent) {
		var reasons notes[string, string]
		showing(func(t *authz.Token) {
			if reason, ok := reasons.get(t.ID); ok {
				t.Reason = reason
			}
		})(b)
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			applied, err := b.Engine.Apply(ctx, act, change)
			if c, ok := change.(authz.RevokeToken); ok && err == nil {
				reasons.set(applied.Token.ID, c.Reason)
			}
			return applied, err
		}
	}, "a revoked token stays revoked", "Reason"},
	{"a revocation of nobody is fine", ending(func(_ authz.RevokeToken, applied authz.Applied, _ error) (authz.Applied, error) { return applied, nil }), "a revoked token stays revoked", "want not found"},
	{"acknowledged before it is applied", func(b *bent) {
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			if _, ok := change.(authz.RevokeToken); !ok {
				return b.Engine.Apply(ctx, act, change)
			}
			time.AfterFunc(20*time.Millisecond, func() { _, _ = b.Engine.Apply(context.WithoutCancel(ctx), act, change) })
			return authz.Applied{Seq: 1}, nil
		}
	}, "parallel changes stand in one order", "active after its revocation"},
	{"last use is the last that was told", func(b *bent) {
		var uses notes[string, time.Time]
		b.used = func(_ context.Context, last map[string]time.Time) error {
			for id, at := range last {
				uses.set(id, at.UTC().Truncate(time.Microsecond))
			}
			return nil
		}
		showing(func(t *authz.Token) { t.LastUsed, _ = uses.get(t.ID) })(b)
	}, "last use never goes back", "earlier use"},
	{"one unknown token loses all uses", func(b *bent) {
		b.used = func(ctx context.Context, last map[string]time.Time) error {
			if _, ok := last["nobody"]; ok {
				return nil
			}
			return b.Engine.Used(ctx, last)
		}
	}, "last use never goes back", "later use beside one of nobody"},
	{"a use is a change", func(b *bent) {
		b.used = func(ctx context.Context, last map[string]time.Time) error {
			_, _ = b.Engine.Apply(ctx, authz.Act{Actor: "store", Origin: "cli"}, authz.PutServerKey{ServerKey: authz.ServerKey{ID: "use", Check: "a"}})
			return b.Engine.Used(ctx, last)
		}
	}, "last use never goes back", "want no row"},
	{"secrets stand in errors", ending(func(c authz.MintToken, applied authz.Applied, err error) (authz.Applied, error) {
		if err != nil {
			return applied, errors.Join(err, errors.New(c.Token.Verifier))
		}
		return applied, nil
	}), "no proof shows in feed and audit", "without the verifier"},
	{"names are cut to fit", changing(func(c *authz.MintToken) {
		c.Token.Name = strings.ToValidUTF8(c.Token.Name[:min(len(c.Token.Name), 1024)], "")
	}), "changes that are none are refused", "want invalid change"},
}
