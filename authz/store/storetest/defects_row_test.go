package storetest_test

import (
	"context"
	"slices"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// feeding and auditing change pages.
func feeding(edit func([]authz.Change) []authz.Change) defect {
	return func(b *bent) {
		b.feed = func(ctx context.Context, after uint64, most int) ([]authz.Change, error) {
			rows, err := b.Engine.Feed(ctx, after, most)
			return edit(rows), err
		}
	}
}

func auditing(edit func(*authz.AuditEntry)) defect {
	return func(b *bent) {
		b.audit = func(ctx context.Context, after uint64, most int) ([]authz.AuditEntry, error) {
			entries, err := b.Engine.Audit(ctx, after, most)
			for i := range entries {
				edit(&entries[i])
			}
			return entries, err
		}
	}
}

// resealing changes every entry and makes a good chain of them again.
func resealing(edit func(*authz.AuditEntry)) defect {
	return func(b *bent) {
		b.audit = func(ctx context.Context, after uint64, most int) ([]authz.AuditEntry, error) {
			entries, err := b.Engine.Audit(ctx, 0, authz.MostRows)
			previous := ""
			for i := range entries {
				edit(&entries[i])
				entries[i] = entries[i].Sealed(previous)
				previous = entries[i].Hash
			}
			entries = entries[min(int(min(after, authz.MostRows)), len(entries)):]
			return entries[:min(max(most, 0), len(entries))], err
		}
	}
}

func touches(row authz.Change, topic authz.Topic) bool {
	return slices.ContainsFunc(row.Touched, func(t authz.Touch) bool { return t.Topic == topic })
}

const (
	minted = "a minted token is found by its reference"
	paged  = "feed and audit are paged"
)

var rowDefects = []breach{
	{"the row of a member is dropped", feeding(func(rows []authz.Change) []authz.Change {
		return slices.DeleteFunc(rows, func(row authz.Change) bool { return touches(row, authz.TopicMember) })
	}), "memberships", "want one row"},
	{"a row stands twice", feeding(func(rows []authz.Change) []authz.Change { return append(rows, rows...) }), minted, "want one row"},
	{"numbers have gaps", feeding(func(rows []authz.Change) []authz.Change {
		for i := range rows {
			rows[i].Seq *= 2
		}
		return rows
	}), minted, "want one row"},
	{"numbers are another's", ending(func(_ authz.MintToken, applied authz.Applied, err error) (authz.Applied, error) {
		if err == nil {
			applied.Seq++
		}
		return applied, err
	}), minted, "Applied.Seq"},
	{"rows have no time", feeding(func(rows []authz.Change) []authz.Change {
		for i := range rows {
			rows[i].At = time.Time{}
		}
		return rows
	}), minted, "time of the row"},
	{"entries are dropped", func(b *bent) {
		b.audit = func(ctx context.Context, after uint64, most int) ([]authz.AuditEntry, error) {
			entries, err := b.Engine.Audit(ctx, after, most)
			return slices.DeleteFunc(entries, func(e authz.AuditEntry) bool { return e.Action == "put_member" }), err
		}
	}, "memberships", "want one entry"},
	{"an entry was changed", auditing(func(e *authz.AuditEntry) { e.Object += " " }), minted, "audit entry"},
	{"entries have no actor", resealing(func(e *authz.AuditEntry) { e.Act.Actor = "" }), minted, "audit entry"},
	{"entries have no reason", resealing(func(e *authz.AuditEntry) { e.Reason = "" }), "a revoked token stays revoked", "audit entry"},
	{"entries have no object", resealing(func(e *authz.AuditEntry) { e.Object = "something" }), minted, "does not name"},
	{"entries say what they like", resealing(func(e *authz.AuditEntry) { e.Action = "change" }), minted, "audit entry"},
	{"every chain begins anew", func(b *bent) {
		b.audit = func(ctx context.Context, after uint64, most int) ([]authz.AuditEntry, error) {
			entries, err := b.Engine.Audit(ctx, after, most)
			for i := range entries {
				entries[i] = entries[i].Sealed("")
			}
			return entries, err
		}
	}, "memberships", "audit entry"},
	{"entries hold verifiers", resealing(func(e *authz.AuditEntry) { e.Object += " canary-proof-5d1e" }), "no proof shows in feed and audit", "a verifier shows"},
	{"rows hold verifiers", feeding(func(rows []authz.Change) []authz.Change {
		for i := range rows {
			rows[i].Touched = append(rows[i].Touched, authz.Touch{Topic: "token", Name: []string{"canary-proof-5d1e"}})
		}
		return rows
	}), "no proof shows in feed and audit", "a verifier shows"},
	{"a page begins with what is known", func(b *bent) {
		b.feed = func(ctx context.Context, after uint64, most int) ([]authz.Change, error) {
			return b.Engine.Feed(ctx, max(after, 1)-1, most)
		}
	}, paged, ""},
	{"a page is always the first", func(b *bent) {
		b.audit = func(ctx context.Context, _ uint64, most int) ([]authz.AuditEntry, error) {
			return b.Engine.Audit(ctx, 0, most)
		}
	}, paged, ""},
	{"pages are short", func(b *bent) {
		b.feed = func(ctx context.Context, after uint64, most int) ([]authz.Change, error) {
			return b.Engine.Feed(ctx, after, min(most, 6))
		}
	}, paged, "rows of the feed"},
	{"a page may be endless", func(b *bent) {
		b.feed = func(ctx context.Context, after uint64, most int) ([]authz.Change, error) {
			return b.Engine.Feed(ctx, after, max(1, min(most, authz.MostRows)))
		}
	}, paged, "want invalid change"},
	{"large numbers wrap", func(b *bent) {
		b.feed = func(ctx context.Context, after uint64, most int) ([]authz.Change, error) {
			return b.Engine.Feed(ctx, uint64(max(int64(after), 0)), most)
		}
	}, paged, "feed after 18446744073709551615"},
	{"rows are shared", func(b *bent) {
		var seen notes[uint64, []authz.Change]
		b.feed = func(ctx context.Context, after uint64, most int) ([]authz.Change, error) {
			if rows, ok := seen.get(after); ok && most == authz.MostRows && after == 0 && len(rows) > 5 {
				return rows, nil
			}
			rows, err := b.Engine.Feed(ctx, after, most)
			seen.set(after, rows)
			return rows, err
		}
	}, "nothing is shared with the store", "changed from outside"},
}
