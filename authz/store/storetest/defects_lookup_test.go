package storetest_test

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/sallyport-authz/sallyport/authz"
)

const alike = "texts that look alike stay apart"

// folding takes texts for others in whatever it is given.
func folding(fold func(string) string) defect {
	return func(b *bent) {
		b.token = func(ctx context.Context, ref authz.TokenRef) (authz.Token, error) {
			return b.Engine.Token(ctx, authz.TokenRef{Prefix: ref.Prefix, Lookup: fold(ref.Lookup)})
		}
		b.named = func(ctx context.Context, kind authz.PrincipalKind, name string) (authz.Principal, error) {
			return b.Engine.Principal(ctx, kind, fold(name))
		}
		b.member = func(ctx context.Context, organization, subject string) (authz.Membership, error) {
			return b.Engine.Member(ctx, organization, fold(subject))
		}
		b.apply = func(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
			switch c := change.(type) {
			case authz.MintToken:
				c.Token.Ref.Lookup = fold(c.Token.Ref.Lookup)
				change = c
			case authz.PutPrincipal:
				c.Principal.Name = fold(c.Principal.Name)
				change = c
			case authz.PutMember:
				c.Membership.Subject = fold(c.Membership.Subject)
				change = c
			}
			return b.Engine.Apply(ctx, act, change)
		}
	}
}

// foldingOnly takes texts for others in one lookup, and only where the right one is
// not there: a lookup that is merely too kind.
func foldingOnly(fold func(string) string) defect {
	return func(b *bent) {
		b.token = func(ctx context.Context, ref authz.TokenRef) (authz.Token, error) {
			t, err := b.Engine.Token(ctx, ref)
			if err != nil {
				return b.Engine.Token(ctx, authz.TokenRef{Prefix: ref.Prefix, Lookup: fold(ref.Lookup)})
			}
			return t, nil
		}
	}
}

func replacing(one, other string) func(string) string {
	return func(text string) string { return strings.ReplaceAll(text, one, other) }
}

var lookupDefects = []breach{
	{"case is folded", folding(strings.ToLower), alike, ""},
	{"upper case only of ASCII is folded", folding(replacing("A", "a")), alike, ""},
	{"trailing space is cut", folding(func(s string) string { return strings.TrimRight(s, " ") }), alike, ""},
	{"leading space is cut", folding(func(s string) string { return strings.TrimLeft(s, " ") }), alike, ""},
	{"Unicode is composed", folding(replacing("e\u0301", "é")), alike, ""},
	{"compatible characters are one", folding(replacing("ﬁ", "fi")), alike, ""},
	{"sharp s is ss", folding(replacing("ß", "ss")), alike, ""},
	{"Turkish i is i", folding(replacing("ı", "i")), alike, ""},
	{"what is not seen is left out", folding(replacing("\u200b", "")), alike, ""},
	{"numbers are numbers", folding(replacing("01", "1")), alike, ""},
	{"large numbers are floats", folding(replacing("9007199254740993", "9007199254740992")), alike, ""},
	{"a pattern is a pattern", folding(replacing("%", "_")), alike, ""},
	{"prefix and lookup are one text", func(b *bent) {
		b.token = func(ctx context.Context, ref authz.TokenRef) (authz.Token, error) {
			if joined, ok := strings.CutPrefix(ref.Prefix+ref.Lookup, "ab"); ok {
				ref = authz.TokenRef{Prefix: "ab", Lookup: joined}
			}
			return b.Engine.Token(ctx, ref)
		}
	}, alike, "reference"},
	{"more than the lookup is looked up", foldingOnly(func(s string) string { return strings.TrimSuffix(s, "0") }), "a minted token is found by its reference", "got no error"},
	{"absent is unknown", func(b *bent) {
		b.token = func(ctx context.Context, ref authz.TokenRef) (authz.Token, error) {
			t, err := b.Engine.Token(ctx, ref)
			if err != nil {
				return t, errDown
			}
			return t, nil
		}
	}, "a minted token is found by its reference", "want not found"},
	{"what is no text takes the engine down", func(b *bent) {
		b.token = func(ctx context.Context, ref authz.TokenRef) (authz.Token, error) {
			if !utf8.ValidString(ref.Lookup) {
				return authz.Token{}, errDown
			}
			return b.Engine.Token(ctx, ref)
		}
	}, "what no store could hold is not found", "want not found"},
	{"text ends at NUL", func(b *bent) {
		b.named = func(ctx context.Context, kind authz.PrincipalKind, name string) (authz.Principal, error) {
			name, _, _ = strings.Cut(name, "\x00")
			return b.Engine.Principal(ctx, kind, name)
		}
	}, "what no store could hold is not found", "got no error"},
	{"a lookup that was ended finds nothing", func(b *bent) {
		b.member = func(ctx context.Context, organization, subject string) (authz.Membership, error) {
			m, err := b.Engine.Member(ctx, organization, subject)
			if err != nil {
				return m, authz.ErrNotFound
			}
			return m, nil
		}
	}, "an ended context is could-not-tell", "want could not tell"},
	{"a context is not looked at", func(b *bent) {
		b.token = func(ctx context.Context, ref authz.TokenRef) (authz.Token, error) {
			return b.Engine.Token(context.WithoutCancel(ctx), ref)
		}
	}, "an ended context is could-not-tell", "want could not tell"},
	{"answers are shared", func(b *bent) {
		var seen notes[authz.TokenRef, authz.Token]
		b.token = func(ctx context.Context, ref authz.TokenRef) (authz.Token, error) {
			if t, ok := seen.get(ref); ok {
				return t, nil
			}
			t, err := b.Engine.Token(ctx, ref)
			if err == nil {
				seen.set(ref, t)
			}
			return t, err
		}
	}, "nothing is shared with the store", "spoilt"},
}
