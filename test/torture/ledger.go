package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// ledger holds what was asked of a store, from outside: what was acknowledged, what
// was sent and never answered, and, by leaving it out, what nobody asked for.
type ledger struct {
	mu sync.Mutex
	// known are acknowledged deeds by the number of their change, or such that were
	// found made though nobody was told.
	known map[uint64]*deed
	// unknown are deeds that were sent and not answered, by their mark.
	unknown map[string]*deed
	// secrets of tokens, by id. Of a token that nobody was told of there is none.
	secrets map[string]string
	// tokens are as the known deeds made them, by id. judge brings it up to date.
	tokens map[string]authz.Token
	// deeds is how many there were, and numbers them.
	deeds uint64
}

// deed is one change that somebody asked for. Its mark stands in what it makes: a
// minted token's name, a revocation's reason, and a successor's expiry.
type deed struct {
	number uint64
	action string
	// of is the token that is rotated or revoked.
	of string
	// made is the token that is told of in the answer.
	made string
}

const (
	minted  = "mint_token"
	rotated = "rotate_token"
	revoked = "revoke_token"
	// overlap is how long a rotated token goes on.
	overlap = time.Hour
)

// errDoubtful: no store may answer like that.
var errDoubtful = errors.New("acknowledged wrongly")

func newLedger() *ledger {
	return &ledger{known: map[uint64]*deed{}, unknown: map[string]*deed{}, secrets: map[string]string{}, tokens: map[string]authz.Token{}}
}

func (d *deed) mark() string {
	if d.action == rotated {
		return d.expires().Format(time.RFC3339Nano)
	}
	return fmt.Sprintf("deed %d", d.number)
}

// expires is when a successor does. No two have the same.
func (d *deed) expires() time.Time {
	return time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(d.number) * time.Microsecond)
}

// send is written down before anything is sent.
func (l *ledger) send(action, of string) *deed {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deeds++
	d := &deed{number: l.deeds, action: action, of: of}
	l.unknown[d.mark()] = d
	return d
}

// acknowledged is a deed that was answered.
func (l *ledger) acknowledged(d *deed, token, secret string, seq uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if before, taken := l.known[seq]; taken || seq == 0 || token == "" {
		return fmt.Errorf("%w: deed %d as change %d of token %q, which %+v was", errDoubtful, d.number, seq, token, before)
	}
	d.made = token
	if secret != "" {
		l.secrets[token] = secret
	}
	l.known[seq] = d
	delete(l.unknown, d.mark())
	return nil
}

// judge holds what a store holds against the ledger, and learns which unknown deeds
// were made.
func (l *ledger) judge(r remains) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := r.numbered(); err != nil {
		return err
	}
	stand := &replay{ledger: l, remains: r, found: map[string]authz.Token{}, tokens: map[string]authz.Token{}}
	for _, t := range r.tokens {
		t.LastUsed = time.Time{} // which is noted some time later, or not at all
		stand.found[t.ID] = t
	}
	for i, entry := range r.audit {
		if err := stand.entry(entry, r.feed[i]); err != nil {
			return fmt.Errorf("change %d: %w", entry.Seq, err)
		}
	}
	if err := stand.whole(); err != nil {
		return err
	}
	l.tokens = stand.tokens
	clear(l.unknown) // what was not found made was not made, and nobody asks again
	return nil
}

// numbered wants audit and feed to have the same numbers, from 1 on, and a chain.
func (r remains) numbered() error {
	if len(r.audit) != len(r.feed) {
		return fmt.Errorf("%d rows of the audit beside %d of the feed", len(r.audit), len(r.feed))
	}
	for i := range r.audit {
		if want := uint64(i) + 1; r.audit[i].Seq != want || r.feed[i].Seq != want {
			return fmt.Errorf("row %d is change %d of the audit and %d of the feed", want, r.audit[i].Seq, r.feed[i].Seq)
		}
	}
	return authz.CheckAudit("", r.audit) //nolint:wrapcheck // it says all there is
}

// objects are the ids in an audit's object: "token A" or "token A to B".
func objects(object string) (first, second string) {
	first, second, _ = strings.Cut(strings.TrimPrefix(object, "token "), " to ")
	return first, second
}

// sorted are the tokens by their age.
func (l *ledger) sorted() []authz.Token {
	all := make([]authz.Token, 0, len(l.tokens))
	for _, t := range l.tokens {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b authz.Token) int { return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID)) })
	return all
}
