package mesh

import (
	"context"
	"fmt"
	"os"
)

// RunTests builds the program once and runs m, whose tests find it by the
// variable SALLYPORT. It gives the exit code: 1 where the program does not build.
func RunTests(m interface{ Run() int }) int {
	code, err := runTests(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func runTests(m interface{ Run() int }) (int, error) {
	dir, err := os.MkdirTemp("", "sallyport-")
	if err != nil {
		return 0, fmt.Errorf("make folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program, err := BuildSallyport(context.Background(), dir)
	if err != nil {
		return 0, err
	}
	if err := os.Setenv("SALLYPORT", program); err != nil {
		return 0, fmt.Errorf("name the program: %w", err)
	}
	return m.Run(), nil
}
