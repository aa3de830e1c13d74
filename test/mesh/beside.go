package mesh

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
)

// Beside is a running program of an example that works beside Sallyport: one that it,
// or the proxy, asks.
type Beside struct {
	script *Script
	ready  struct {
		Places    Moves   `json:"places"`
		Variables Secrets `json:"variables"`
	}
}

// StartBeside starts a script in the folder of a configuration that Configure made.
// It is told to listen on free ports, and says in its line of JSON where, by the
// addresses in the example's files, and what the example's other scripts should know
// of it, as variables.
func StartBeside(ctx context.Context, config, script string) (*Beside, error) {
	b := &Beside{}
	path := filepath.Join(filepath.Dir(config), filepath.FromSlash(script))
	var err error
	if b.script, err = StartScript(ctx, path, &b.ready, "--free", "--attached"); err != nil {
		return nil, fmt.Errorf("start %s: %w", script, err)
	}
	return b, nil
}

// Places says where it listens instead.
func (b *Beside) Places() Moves { return b.ready.Places }

// Variables are for scripts; NODE is the program that runs them.
func (b *Beside) Variables() (Secrets, error) {
	node, err := Node()
	if err != nil {
		return nil, err
	}
	variables := Secrets{"NODE": node}
	maps.Copy(variables, b.ready.Variables)
	return variables, nil
}

// Stop ends it in order.
func (b *Beside) Stop() error { return b.script.Stop() }

// Moves says where programs listen, each a "host:port" by the one in the example's
// files.
type Moves map[string]string

// Configure puts them into a configuration.
func (m Moves) Configure(config string) error {
	if len(m) == 0 {
		return nil
	}
	text, err := os.ReadFile(config)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	var pairs []string
	for from, to := range m {
		pairs = append(pairs, from, to)
	}
	if err := os.WriteFile(config, []byte(strings.NewReplacer(pairs...).Replace(string(text))), 0o600); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	return nil
}
