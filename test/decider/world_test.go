package decider_test

import (
	"math/rand/v2"
	"testing"

	"github.com/sallyport-authz/sallyport/test/decider"
	"github.com/sallyport-authz/sallyport/test/mesh"
)

// program is the file of the program.
func program(t *testing.T) string {
	t.Helper()
	file, err := mesh.BuildSallyport(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// begin starts it, and tells it of other blocks where there are any.
func begin(t *testing.T, file string, blocks, told []*decider.Block) *decider.World {
	t.Helper()
	w, err := decider.Begin(t.Context(), decider.Setting{Program: file, Dir: t.TempDir(), Blocks: blocks, Told: told})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func drawn() []*decider.Block { return decider.DrawBlocks(rand.New(rand.NewPCG(1, 2))) }
