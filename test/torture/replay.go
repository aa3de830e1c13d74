package main

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/sallyport-authz/sallyport/authz"
)

// replay makes once more what the audit says was made, by rules of its own, and only
// what the ledger knows that somebody asked for.
type replay struct {
	ledger  *ledger
	remains remains
	// found are the tokens that the store has, tokens those that it should.
	found, tokens map[string]authz.Token
}

// doing is one change: what the audit and the feed say of it, and who asked for it.
type doing struct {
	*deed
	entry authz.AuditEntry
	row   authz.Change
}

// entry is one change.
func (p *replay) entry(entry authz.AuditEntry, row authz.Change) error {
	if entry.Action == "put_server_key" && entry.Seq == 1 {
		return doing{row: row}.touched(nil)
	}
	d, err := p.deed(entry)
	if err != nil {
		return err
	}
	do := doing{d, entry, row}
	switch d.action {
	case minted:
		return p.mint(do)
	case rotated:
		return p.rotate(do)
	case revoked:
		return p.revoke(do)
	default:
		return fmt.Errorf("%+v is none of ours", d)
	}
}

// deed finds whoever asked: by the number where that was acknowledged, and else by
// the mark.
func (p *replay) deed(entry authz.AuditEntry) (*deed, error) {
	d, ok := p.ledger.known[entry.Seq]
	if !ok {
		d, ok = p.ledger.unknown[p.mark(entry)]
		if !ok {
			return nil, fmt.Errorf("nobody asked for %s of %s", entry.Action, entry.Object)
		}
		delete(p.ledger.unknown, d.mark())
		p.ledger.known[entry.Seq] = d
	}
	if d.action != entry.Action {
		return nil, fmt.Errorf("the audit says %s, and %+v was asked for", entry.Action, d)
	}
	return d, nil
}

// mark is what the change left of who asked for it.
func (p *replay) mark(entry authz.AuditEntry) string {
	first, second := objects(entry.Object)
	switch entry.Action {
	case minted:
		return p.found[first].Name
	case rotated:
		return (&deed{action: rotated, number: uint64(p.found[second].Expires.Sub((&deed{}).expires()).Microseconds())}).mark()
	default:
		return entry.Reason
	}
}

func (p *replay) mint(d doing) error {
	id, _ := objects(d.entry.Object)
	return p.add(d, authz.Token{ID: id, Name: d.mark()}, nil)
}

func (p *replay) rotate(d doing) error {
	id, next := objects(d.entry.Object)
	old, ok := p.tokens[id]
	if !ok || id != d.of {
		return fmt.Errorf("%s was rotated, and %+v was asked for", id, d.deed)
	}
	if ends := d.entry.At.Add(overlap); old.Expires.IsZero() || ends.Before(old.Expires) {
		old.Expires = ends
	}
	p.tokens[id] = old
	return p.add(d, authz.Token{ID: next, Name: old.Name, Expires: d.expires()}, touchesOf(old))
}

// add is a new token. What it shows of itself was the store's to choose.
func (p *replay) add(d doing, t authz.Token, touched []authz.Touch) error {
	found, ok := p.found[t.ID]
	switch {
	case !ok:
		return fmt.Errorf("token %s of %+v is lost", t.ID, d.deed)
	case d.made != "" && d.made != t.ID:
		return fmt.Errorf("it made %s, and %s was acknowledged", t.ID, d.made)
	}
	d.made = t.ID
	t.Ref, t.Verifier, t.Created, t.Grant = found.Ref, found.Verifier, d.entry.At, deedGrant()
	p.tokens[t.ID] = t
	return d.touched(append(touched, touchesOf(t)...))
}

func (p *replay) revoke(d doing) error {
	id, _ := objects(d.entry.Object)
	t, ok := p.tokens[id]
	if !ok || id != d.of || !t.Revoked.IsZero() || d.entry.Reason != d.mark() {
		return fmt.Errorf("%s was revoked because of %q, and %+v was asked for", id, d.entry.Reason, d.deed)
	}
	t.Revoked, t.Reason = d.entry.At, d.entry.Reason
	p.tokens[id] = t
	return d.touched(touchesOf(t))
}

func touchesOf(t authz.Token) []authz.Touch {
	return []authz.Touch{
		{Topic: authz.TopicToken, Name: []string{t.ID}},
		{Topic: authz.TopicTokenRef, Name: []string{t.Ref.Prefix, t.Ref.Lookup}},
	}
}

func (d doing) touched(want []authz.Touch) error {
	if !slices.EqualFunc(d.row.Touched, want, func(a, b authz.Touch) bool { return a.Topic == b.Topic && slices.Equal(a.Name, b.Name) }) {
		return fmt.Errorf("the feed tells of %v, want %v", d.row.Touched, want)
	}
	return nil
}

// whole wants each acknowledged deed to have been found, and the tokens to be those
// that the changes made, and as they made them.
func (p *replay) whole() error {
	for seq, d := range p.ledger.known {
		if seq > uint64(len(p.remains.audit)) {
			return fmt.Errorf("change %d, %+v, was acknowledged and is lost", seq, d)
		}
	}
	for id := range p.found {
		if _, ok := p.tokens[id]; !ok {
			return fmt.Errorf("nobody made token %s, %q", id, p.found[id].Name)
		}
	}
	for id, want := range p.tokens {
		if got := p.found[id]; !reflect.DeepEqual(got, want) {
			return fmt.Errorf("token %s is %+v, want %+v", id, got, want)
		}
	}
	return nil
}
