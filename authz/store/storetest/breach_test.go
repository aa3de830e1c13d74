package storetest_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz/store/storetest"
)

// breach is a defect with the clause that it breaks, and a part of what is said.
type breach struct {
	name   string
	defect defect
	clause string
	says   string
}

// Each row is an engine that somebody could write. Taking what the clause checks out
// of the suite turns the row red.
func TestSuiteFindsDefects(t *testing.T) {
	var all []breach
	for _, part := range [][]breach{lookupDefects, tokenDefects, changeDefects, rowDefects, touchDefects, listDefects, parallelDefects} {
		all = append(all, part...)
	}
	for _, b := range all {
		t.Run(b.name, func(t *testing.T) {
			err := storetest.Check(t, b.defect.suite(), b.clause)
			if err == nil || !strings.Contains(err.Error(), b.says) {
				t.Errorf("clause %q: got %v, want %q", b.clause, err, b.says)
			}
		})
	}
}

// An engine without a defect has no breach, bent or not.
func TestSuiteFindsNothingElse(t *testing.T) {
	if err := storetest.Check(t, defect(func(*bent) {}).suite(), ""); err != nil {
		t.Error(err)
	}
}

var errDown = errors.New("engine is down")
