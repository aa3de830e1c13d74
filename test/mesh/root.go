package mesh

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Root is the folder of the module that the working folder lies in.
func Root() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find module: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("find module: no go.mod above the working folder")
		}
		folder = parent
	}
}

// envoyFolder is where `make tools` puts the Envoy that the tests know.
const envoyFolder = ".tools/envoy-1.40.0"

// envoyProgram is the Envoy to run: the operator's own, or the pinned one.
func envoyProgram() (string, error) {
	if program := os.Getenv("ENVOY"); program != "" {
		return program, nil
	}
	root, err := Root()
	if err != nil {
		return "", err
	}
	program := filepath.Join(root, filepath.FromSlash(envoyFolder), "envoy")
	if _, err := os.Stat(program); err != nil {
		return "", fmt.Errorf("look for Envoy: %w: run `make tools`, or set ENVOY to a program", err)
	}
	return program, nil
}
