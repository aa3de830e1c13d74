package mesh

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Script is a running program of ours in JavaScript, beside which a foreign npm
// package works.
type Script struct{ process *process }

// StartScript runs the script, whose path is absolute or relative to the module's root,
// with the folder of the npm packages and then these arguments. The script prints
// one line of JSON when it is ready, which is decoded into ready. It must end
// when its standard input does: that is held open until the script is stopped,
// or until we are gone.
func StartScript(ctx context.Context, script string, ready any, args ...string) (*Script, error) {
	root, err := Root()
	if err != nil {
		return nil, err
	}
	packages, err := npmPackages(root)
	if err != nil {
		return nil, err
	}
	if !filepath.IsAbs(script) {
		script = filepath.Join(root, filepath.FromSlash(script))
	}
	args = append([]string{script, filepath.Join(packages, "node_modules")}, args...)
	cmd := exec.Command(filepath.Join(packages, "node"), args...)
	if _, err := cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("hold the script's input: %w", err)
	}
	p, err := run(cmd)
	if err != nil {
		return nil, err
	}
	err = p.ready(ctx, func(ctx context.Context) error {
		return p.stdout.each(ctx, p.ended, func(line string) bool { return json.Unmarshal([]byte(line), ready) == nil })
	})
	if err != nil {
		return nil, err
	}
	return &Script{p}, nil
}

// Node is the pinned Node, for a script that needs no package.
func Node() (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	packages, err := npmPackages(root)
	if err != nil {
		return "", err
	}
	return filepath.Join(packages, "node"), nil
}

// Stop ends the script in order and waits for it.
func (s *Script) Stop() error {
	if err := s.process.stop(); err != nil {
		return fmt.Errorf("stop script: %w; it printed:\n%s", err, s.process.stderr.tail())
	}
	return nil
}

// npmPackages is the folder that `make tools` fills by today's lock.
func npmPackages(root string) (string, error) {
	lock, err := os.ReadFile(filepath.Join(root, "test", "tools", "npm", "package-lock.json"))
	if err != nil {
		return "", fmt.Errorf("read npm's lock: %w", err)
	}
	digest := sha256.Sum256(lock)
	folder := filepath.Join(root, ".tools", "npm-"+hex.EncodeToString(digest[:6]))
	if _, err := os.Stat(filepath.Join(folder, "node")); err != nil {
		return "", fmt.Errorf("look for the npm packages: %w: run `make tools`", err)
	}
	return folder, nil
}
