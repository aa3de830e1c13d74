package storetest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sallyport-authz/sallyport/authz"
)

// scene is an engine on its stage: a clock that stands until it is told, and the
// rows that are known so far. What it does it checks, so that every clause sees
// that each change has one row of the feed and one entry of the audit.
type scene struct {
	testing.TB
	Engine
	suite Suite
	clock atomic.Int64
	seq   uint64
	hash  string
}

// newScene starts at a time with more digits than a store keeps, in no UTC.
func newScene(t testing.TB, suite Suite) *scene {
	s := &scene{TB: t, suite: suite}
	s.clock.Store(time.Date(2026, 3, 4, 5, 6, 7, 123456789, time.UTC).UnixNano())
	s.Engine = suite.New(t, s.now)
	return s
}

func (s *scene) now() time.Time {
	return time.Unix(0, s.clock.Load()).In(time.FixedZone("elsewhere", 3600))
}

func (s *scene) pass(d time.Duration) { s.clock.Add(int64(d)) }

// act is who changes everything.
func act() authz.Act { return authz.Act{Actor: "ada", Origin: "cli"} }

// apply makes a change that must be made, and touch at least what is wanted.
func (s *scene) apply(change authz.Mutation, want ...authz.Touch) authz.Applied {
	s.Helper()
	applied, err := s.Apply(s.Context(), act(), change)
	if err != nil {
		s.Fatalf("%s: got %v, want it applied", authz.ActionOf(change), err)
	}
	row, entry := s.oneRow(change)
	if applied.Seq != row.Seq {
		s.Errorf("%s: Applied.Seq is %d, the row's %d", authz.ActionOf(change), applied.Seq, row.Seq)
	}
	wanted := authz.AuditEntry{
		Seq: row.Seq, At: s.now().UTC().Truncate(time.Microsecond), Act: act(), Action: authz.ActionOf(change),
		Object: entry.Object, Reason: reasonOf(change),
	}.Sealed(s.hash)
	s.same("audit entry", entry, wanted)
	s.same("time of the row", row.At, wanted.At)
	for _, name := range objectNames(change, applied) {
		if !strings.Contains(entry.Object, name) {
			s.Errorf("%s: audit's object %q does not name %q", entry.Action, entry.Object, name)
		}
	}
	s.touched(change, row.Touched, applied.Touched, want)
	s.seq, s.hash = row.Seq, entry.Hash
	return applied
}

// oneRow gives the one row and the one entry that a change has added.
func (s *scene) oneRow(change authz.Mutation) (authz.Change, authz.AuditEntry) {
	s.Helper()
	rows, err := s.Feed(s.Context(), s.seq, authz.MostRows)
	if err != nil || len(rows) != 1 || rows[0].Seq != s.seq+1 {
		s.Fatalf("%s: feed after %d: got %v, %v, want one row", authz.ActionOf(change), s.seq, rows, err)
	}
	entries, err := s.Audit(s.Context(), s.seq, authz.MostRows)
	if err != nil || len(entries) != 1 {
		s.Fatalf("%s: audit after %d: got %v, %v, want one entry", authz.ActionOf(change), s.seq, entries, err)
	}
	return rows[0], entries[0]
}

func (s *scene) touched(change authz.Mutation, row, applied, want []authz.Touch) {
	s.Helper()
	rowNames, appliedNames := touchNames(row), touchNames(applied)
	if !slices.Equal(rowNames, appliedNames) {
		s.Errorf("%s: Applied touched %q, the row %q", authz.ActionOf(change), appliedNames, rowNames)
	}
	for _, name := range touchNames(want) {
		if !slices.Contains(rowNames, name) {
			s.Errorf("%s: touched %q, want also %q", authz.ActionOf(change), rowNames, name)
		}
	}
}

// touchNames gives what is touched as a sorted set.
func touchNames(touched []authz.Touch) []string {
	var names []string
	for _, t := range touched {
		names = append(names, strings.Join(append([]string{string(t.Topic)}, t.Name...), "\x00"))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// idle makes a change that is none.
func (s *scene) idle(change authz.Mutation) authz.Applied {
	s.Helper()
	applied, err := s.Apply(s.Context(), act(), change)
	if err != nil || applied.Seq != 0 || len(applied.Touched) != 0 {
		s.Errorf("%s: got seq %d, touched %v, %v, want nothing to do", authz.ActionOf(change), applied.Seq, applied.Touched, err)
	}
	s.quiet(authz.ActionOf(change))
	return applied
}

// refuse makes a change that is refused.
func (s *scene) refuse(change authz.Mutation, want error) {
	s.Helper()
	s.refuseBy(act(), change, want)
}

func (s *scene) refuseBy(by authz.Act, change authz.Mutation, want error) {
	s.Helper()
	applied, err := s.Apply(s.Context(), by, change)
	s.wantError(authz.ActionOf(change), err, want)
	s.same("what was applied beside an error", applied, authz.Applied{})
	s.quiet(authz.ActionOf(change))
}

// quiet wants no row and no entry beside the known ones.
func (s *scene) quiet(what string) {
	s.Helper()
	rows, err := s.Feed(s.Context(), s.seq, authz.MostRows)
	if err != nil || len(rows) != 0 {
		s.Errorf("%s: feed: got %v, %v, want no row", what, rows, err)
	}
	entries, err := s.Audit(s.Context(), s.seq, authz.MostRows)
	if err != nil || len(entries) != 0 {
		s.Errorf("%s: audit: got %v, %v, want no entry", what, entries, err)
	}
}

// wantError wants one of the sentinels and no other one; nil stands for "could
// not tell".
func (s *scene) wantError(what string, err, want error) {
	s.Helper()
	if err == nil {
		s.Errorf("%s: got no error, want %v", what, cmp.Or(want, errCouldNotTell))
		return
	}
	for _, sentinel := range []error{authz.ErrNotFound, authz.ErrExists, authz.ErrInvalid} {
		if errors.Is(err, sentinel) != errors.Is(sentinel, want) {
			s.Errorf("%s: got %v, want %v", what, err, cmp.Or(want, errCouldNotTell))
		}
	}
}

var errCouldNotTell = errors.New("could not tell")

// same compares values; none and empty are the same.
func (s *scene) same(what string, got, want any) {
	s.Helper()
	if diff := gocmp.Diff(got, want, cmpopts.EquateEmpty()); diff != "" {
		s.Errorf("%s (-got +want):\n%s", what, diff)
	}
}

// token looks up one that must be there.
func (s *scene) token(ref authz.TokenRef) authz.Token {
	s.Helper()
	t, err := s.Token(s.Context(), ref)
	if err != nil {
		s.Fatalf("token %q: %v", ref, err)
	}
	return t
}

// noToken looks up one that must not be there.
func (s *scene) noToken(ref authz.TokenRef) {
	s.Helper()
	t, err := s.Token(s.Context(), ref)
	s.wantError("lookup of a token", err, authz.ErrNotFound)
	s.same("token beside an error", t, authz.Token{})
}

func (s *scene) principal(kind authz.PrincipalKind, name string) authz.Principal {
	s.Helper()
	p, err := s.Principal(s.Context(), kind, name)
	if err != nil {
		s.Fatalf("%s %q: %v", kind, name, err)
	}
	return p
}

func (s *scene) noPrincipal(kind authz.PrincipalKind, name string) {
	s.Helper()
	p, err := s.Principal(s.Context(), kind, name)
	s.wantError("lookup of a principal", err, authz.ErrNotFound)
	s.same("principal beside an error", p, authz.Principal{})
}

func (s *scene) member(organization, subject string) authz.Membership {
	s.Helper()
	m, err := s.Member(s.Context(), organization, subject)
	if err != nil {
		s.Fatalf("member %q of %q: %v", subject, organization, err)
	}
	return m
}

func (s *scene) noMember(organization, subject string) {
	s.Helper()
	m, err := s.Member(s.Context(), organization, subject)
	s.wantError("lookup of a membership", err, authz.ErrNotFound)
	s.same("membership beside an error", m, authz.Membership{})
}

func (s *scene) domain(name string) authz.Domain {
	s.Helper()
	d, err := s.Domain(s.Context(), name)
	if err != nil {
		s.Fatalf("domain %q: %v", name, err)
	}
	return d
}

func (s *scene) noDomain(name string) {
	s.Helper()
	d, err := s.Domain(s.Context(), name)
	s.wantError("lookup of a domain", err, authz.ErrNotFound)
	s.same("domain beside an error", d, authz.Domain{})
}

func (s *scene) list(q authz.Query) authz.Listing {
	s.Helper()
	q.Most = cmp.Or(q.Most, authz.MostRows)
	l, err := s.List(s.Context(), q)
	if err != nil {
		s.Fatalf("list %s: %v", q.Of, err)
	}
	return l
}

// ended is a context that has ended.
func (s *scene) ended() context.Context {
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	return ctx
}
