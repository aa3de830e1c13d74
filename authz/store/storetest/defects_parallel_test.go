package storetest_test

import (
	"context"
	"errors"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

const (
	oneMade          = "of parallel changes to one thing one is made"
	removedMeanwhile = "what is removed stays gone whatever is added meanwhile"
)

// late is how long a defect holds something back: much longer than a lookup.
const late = 2 * time.Millisecond

// hiding holds back a token that is minted, or a row, until the mint has returned.
func hiding(hide func(b *bent, pending *notes[authz.TokenRef, bool])) defect {
	return func(b *bent) {
		var pending notes[authz.TokenRef, bool]
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			c, ok := change.(authz.MintToken)
			if !ok {
				return b.Engine.Apply(ctx, act, change)
			}
			pending.set(c.Token.Ref, true)
			applied, err := b.Engine.Apply(ctx, act, change)
			time.Sleep(late)
			pending.set(c.Token.Ref, false)
			return applied, err
		}
		hide(b, &pending)
	}
}

// half makes a change whose context has ended in the feed alone.
func half(b *bent) {
	var lost notes[authz.TokenRef, bool]
	b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
		applied, err := b.Engine.Apply(context.WithoutCancel(ctx), act, change)
		if c, ok := change.(authz.MintToken); ok && ctx.Err() != nil {
			lost.set(c.Token.Ref, true)
			return authz.Applied{}, ctx.Err()
		}
		return applied, err
	}
	b.list = func(ctx context.Context, q authz.Query) (authz.Listing, error) {
		l, err := b.Engine.List(ctx, q)
		var tokens []authz.Token
		for _, t := range l.Tokens {
			if hidden, _ := lost.get(t.Ref); !hidden {
				tokens = append(tokens, t)
			}
		}
		l.Tokens = tokens
		return l, err
	}
}

var parallelDefects = []breach{
	{"a mint of a reference that is there succeeds", ending(func(_ authz.MintToken, applied authz.Applied, err error) (authz.Applied, error) {
		if errors.Is(err, authz.ErrExists) {
			return applied, nil
		}
		return applied, err
	}), "of parallel mints of one reference one wins", "mints that won"},
	{"a conflict is an outage", ending(func(_ authz.MintToken, applied authz.Applied, err error) (authz.Applied, error) {
		if err != nil {
			return applied, errDown
		}
		return applied, nil
	}), "of parallel mints of one reference one wins", "want exists already"},
	{"a row is seen before its token", hiding(func(b *bent, pending *notes[authz.TokenRef, bool]) {
		b.token = func(ctx context.Context, ref authz.TokenRef) (authz.Token, error) {
			if hidden, _ := pending.get(ref); hidden {
				return authz.Token{}, authz.ErrNotFound
			}
			return b.Engine.Token(ctx, ref)
		}
	}), "who sees a row sees its change", "was seen before its token"},
	{"a row is seen before its entry", func(b *bent) {
		b.audit = func(ctx context.Context, after uint64, most int) ([]authz.AuditEntry, error) {
			if most == 1 {
				return nil, nil
			}
			return b.Engine.Audit(ctx, after, most)
		}
	}, "who sees a row sees its change", "was seen before its entry"},
	{"a token is seen before its row", hiding(func(b *bent, pending *notes[authz.TokenRef, bool]) {
		b.feed = func(ctx context.Context, after uint64, most int) ([]authz.Change, error) {
			rows, err := b.Engine.Feed(ctx, after, most)
			for i, row := range rows {
				for _, t := range row.Touched {
					if t.Topic != authz.TopicTokenRef {
						continue
					}
					if hidden, _ := pending.get(authz.TokenRef{Prefix: t.Name[0], Lookup: t.Name[1]}); hidden {
						return rows[:i], err
					}
				}
			}
			return rows, err
		}
	}), "who sees a change sees its row", "was seen before its row"},
	{"a commit that comes late is skipped", func(b *bent) {
		var once notes[uint64, bool]
		b.feed = func(ctx context.Context, after uint64, most int) ([]authz.Change, error) {
			rows, err := b.Engine.Feed(ctx, after, most)
			for i, row := range rows {
				if seen, _ := once.get(row.Seq); !seen && row.Seq%10 == 0 {
					once.set(row.Seq, true)
					return append(rows[:i], rows[i+1:]...), err
				}
			}
			return rows, err
		}
	}, "who sees a row sees its change", "came after"},
	{"what was ended is half made", half, "a context that ends meanwhile leaves all or nothing", "rows for tokens"},
	{"what was ended is refused", func(b *bent) {
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			applied, err := b.Engine.Apply(ctx, act, change)
			if err != nil {
				return applied, authz.ErrExists
			}
			return applied, nil
		}
	}, "a context that ends meanwhile leaves all or nothing", "want could not tell"},
	{"what was acknowledged is lost", func(b *bent) {
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			_, err := b.Engine.Apply(ctx, act, change)
			if errors.Is(err, context.DeadlineExceeded) {
				return authz.Applied{}, nil
			}
			return authz.Applied{}, err
		}
	}, "a context that ends meanwhile leaves all or nothing", "acknowledged true"},
	{"a verified name goes to all who ask at once", ending(func(_ authz.PutDomain, applied authz.Applied, err error) (authz.Applied, error) {
		if errors.Is(err, authz.ErrExists) {
			return authz.Applied{Seq: 1}, nil
		}
		return applied, err
	}), oneMade, "verified name"},
	{"a token has many successors at once", ending(func(_ authz.RotateToken, applied authz.Applied, err error) (authz.Applied, error) {
		if errors.Is(err, authz.ErrInvalid) {
			return authz.Applied{Seq: 1}, nil
		}
		return applied, err
	}), oneMade, "rotation without overlap"},
	{"everybody revokes", ending(func(_ authz.RevokeToken, applied authz.Applied, err error) (authz.Applied, error) {
		applied.Seq = max(applied.Seq, 1)
		return applied, err
	}), oneMade, "revocation"},
	{"a principal is in the way of themselves", ending(func(_ authz.PutPrincipal, applied authz.Applied, err error) (authz.Applied, error) {
		if applied.Seq == 0 {
			return authz.Applied{}, authz.ErrExists
		}
		return applied, err
	}), oneMade, "principal"},
	{"a mint passes a removal", answering(func(l *authz.Listing) {
		for i := range l.Tokens {
			l.Tokens[i].Revoked, l.Tokens[i].Disabled = time.Time{}, false
		}
	}), removedMeanwhile, "of who was removed is active"},
	{"a member passes a removal", remembering, removedMeanwhile, "lookup of a membership"},
	{"parallel changes lose rows", func(b *bent) {
		feeding(func(rows []authz.Change) []authz.Change { return rows[:min(len(rows), 3)] })(b)
	}, "parallel changes stand in one order", "rows"},
}
