package authntest

import (
	"errors"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
)

// checkUndeclared changes one undeclared field after the other, then all of
// them at once, for every value. A verdict is stored under the declared fields
// only, so whatever else could change it would hand one request another's.
func checkUndeclared(tr *trial) error {
	reads := tr.subject.Traits.Reads
	var all []error
	for _, s := range tr.suite.samples() {
		want, _ := tr.try(tr.t.Context(), tr.fresh(), tr.attributes(s.value))
		together := tr.attributes(s.value)
		for _, c := range changes(reads) {
			if c.declared(reads) {
				continue
			}
			a := tr.attributes(s.value)
			c.apply(a)
			c.apply(together)
			if got, _ := tr.try(tr.t.Context(), tr.fresh(), a); !got.same(want) {
				all = append(all, fmt.Errorf("%s: %s is not declared, and gave %s after %s", s, c.name, got.Outcome, want.Outcome))
			}
		}
		if got, _ := tr.try(tr.t.Context(), tr.fresh(), together); !got.same(want) {
			all = append(all, fmt.Errorf("%s: undeclared fields together gave %s after %s", s, got.Outcome, want.Outcome))
		}
	}
	return errors.Join(all...)
}

// checkDeclared: a field that never matters splits the cache for nothing, or is
// a misspelt one.
func checkDeclared(tr *trial) error {
	var all []error
	for _, field := range tr.subject.Traits.Reads {
		if !tr.matters(field) {
			all = append(all, fmt.Errorf("%s is declared, and changing it changes nothing", field))
		}
	}
	return errors.Join(all...)
}

func (tr *trial) matters(field authz.Field) bool {
	for _, s := range tr.suite.samples() {
		want, _ := tr.try(tr.t.Context(), tr.fresh(), tr.attributes(s.value))
		for _, c := range changes(tr.subject.Traits.Reads) {
			if c.field != field {
				continue
			}
			a := tr.attributes(s.value)
			c.apply(a)
			if got, _ := tr.try(tr.t.Context(), tr.fresh(), a); !got.same(want) {
				return true
			}
		}
	}
	return false
}
