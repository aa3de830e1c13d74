package system_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

// TestMain builds the program once; the tests find it by the variable.
func TestMain(m *testing.M) {
	code, err := build(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func build(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "system-")
	if err != nil {
		return 0, fmt.Errorf("make folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program, err := mesh.BuildSallyport(context.Background(), dir)
	if err != nil {
		return 0, err
	}
	if err := os.Setenv("SALLYPORT", program); err != nil {
		return 0, fmt.Errorf("name the program: %w", err)
	}
	return m.Run(), nil
}
