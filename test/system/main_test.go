package system_test

import (
	"os"
	"testing"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

// TestMain builds the program once for all tests.
func TestMain(m *testing.M) { os.Exit(mesh.RunTests(m)) }
