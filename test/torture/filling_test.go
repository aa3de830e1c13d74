package main

import (
	"path/filepath"
	"testing"
)

// TestFillingIsMinting: the rows are those of mints, to the store's own check and to
// the rules that hold after a kill.
func TestFillingIsMinting(t *testing.T) {
	const tokens = 100
	path := filepath.Join(t.TempDir(), "data", "sallyport.db")
	if err := fill(t.Context(), path, tokens); err != nil {
		t.Fatal(err)
	}
	found, err := readRemains(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	asked := newLedger()
	for number := uint64(1); number <= tokens; number++ {
		asked.known[number] = &deed{number: number, action: minted}
	}
	if err := asked.judge(found); err != nil {
		t.Error(err)
	}
	refs := map[string]bool{}
	for number := range uint32(tokens) {
		refs[filledRef(number+1).Lookup] = true
	}
	for _, token := range found.tokens {
		delete(refs, token.Ref.Lookup)
	}
	if len(found.tokens) != tokens || len(refs) != 0 {
		t.Errorf("%d tokens, and %d are not there by what they show", len(found.tokens), len(refs))
	}
}
