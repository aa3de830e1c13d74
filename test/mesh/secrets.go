package mesh

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// SeedName is the script, beside an example's configuration, that fills its store by
// the program's own commands while the server runs.
const SeedName = "seed.sh"

// Secrets are what scripts printed, as NAME=VALUE or NAME='VALUE' quoted for a shell,
// by name.
type Secrets map[string]string

// Shell runs a line of shell in the folder of the server's configuration, with the
// program as `sallyport` and the secrets as variables, and adds the secrets that it
// prints.
func (s *Sallyport) Shell(ctx context.Context, line string, secrets Secrets) error {
	command := exec.CommandContext(ctx, "sh", "-c", line)
	command.Dir = filepath.Dir(s.config)
	command.Env = append(os.Environ(), "PATH="+filepath.Dir(s.process.cmd.Path)+":"+os.Getenv("PATH"))
	for name, value := range secrets {
		command.Env = append(command.Env, name+"="+value)
	}
	var out, told bytes.Buffer
	command.Stdout, command.Stderr = &out, &told
	if err := command.Run(); err != nil {
		return fmt.Errorf("run %q: %w:\n%s", line, err, told.String())
	}
	secrets.Add(out.String())
	return nil
}

// Add takes over what a script printed.
func (s Secrets) Add(printed string) {
	for line := range strings.Lines(printed) {
		if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "="); ok {
			s[name] = unquoted(value)
		}
	}
}

// unquoted is what a shell makes of a value in single quotes. Another one stays.
func unquoted(value string) string {
	inner, begins := strings.CutPrefix(value, "'")
	inner, ends := strings.CutSuffix(inner, "'")
	if !begins || !ends {
		return value
	}
	return strings.ReplaceAll(inner, `'\''`, "'")
}

// Seed runs the example's script, if it has one, and gives the secrets that it
// printed, beside those that were given to it as variables.
func (s *Sallyport) Seed(ctx context.Context, given Secrets) (Secrets, error) {
	secrets := Secrets{}
	maps.Copy(secrets, given)
	if _, err := os.Stat(filepath.Join(filepath.Dir(s.config), SeedName)); err != nil {
		return secrets, nil //nolint:nilerr // most examples have no store
	}
	return secrets, s.Shell(ctx, "sh ./"+SeedName, secrets)
}

// Expand puts secrets where a text has ${NAME}. A name that none has is an error.
func (s Secrets) Expand(text string) (string, error) {
	missing := ""
	expanded := os.Expand(text, func(name string) string {
		value, ok := s[name]
		if !ok {
			missing = name
		}
		return value
	})
	if missing != "" {
		return "", fmt.Errorf("no secret is called %q", missing)
	}
	return expanded, nil
}
