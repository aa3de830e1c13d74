package mesh

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Sallyport is a running server.
type Sallyport struct {
	process *process
	tcp     string
	socket  string
	ops     string
	config  string
	stored  bool
}

// BuildSallyport gives the program named by the variable SALLYPORT, or builds
// it into dir.
func BuildSallyport(ctx context.Context, dir string) (string, error) {
	if program := os.Getenv("SALLYPORT"); program != "" {
		return program, nil
	}
	root, err := Root()
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "sallyport")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/sallyport")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build sallyport: %w:\n%s", err, out)
	}
	return program, nil
}

// Configure copies the folder of an example into dir, so that paths relative to
// the configuration hold, and gives the path of the copied configuration. Its
// first listener moves to a free loopback port, the second, if any, to a socket
// in dir, and the listener for operators, if any, to another free port. Where it
// does not say how long the server drains, that is not at all: no proxy has to
// notice that a test is over. Secrets that the configuration names as files and that are not
// there are made. Nothing else changes.
func Configure(example, dir string) (string, error) {
	if err := os.CopyFS(dir, os.DirFS(example)); err != nil {
		return "", fmt.Errorf("copy example: %w", err)
	}
	path := filepath.Join(dir, "sallyport.yaml")
	d, err := readDocument(path)
	if err != nil {
		return "", fmt.Errorf("read configuration: %w", err)
	}
	addresses := []string{"127.0.0.1:0", "unix:" + filepath.Join(dir, "authz.sock")}
	server := d.table("server")
	listeners := server.list("listeners")
	if len(listeners) == 0 || len(listeners) > len(addresses) {
		return "", fmt.Errorf("%s has %d listeners, want one or two", path, len(listeners))
	}
	for i, listener := range listeners {
		listener["address"] = addresses[i]
	}
	if operators := d.table("ops"); operators != nil {
		operators["address"] = addresses[0]
	}
	if _, drains := server["drain"]; !drains {
		server["drain"] = "0s"
	}
	if err := makeSecrets(d, dir); err != nil {
		return "", err
	}
	text, err := d.bytes()
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return "", fmt.Errorf("write configuration: %w", err)
	}
	return path, nil
}

// StartSallyport starts the program, with these flags beside --config, and waits
// until each listener of the configuration serves.
func StartSallyport(ctx context.Context, program, config string, flags ...string) (*Sallyport, error) {
	d, err := readDocument(config)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	p, err := launch(program, append([]string{"serve", "--config", config}, flags...)...)
	if err != nil {
		return nil, err
	}
	s := &Sallyport{process: p, config: config, stored: d.table("store") != nil}
	missing := len(d.table("server").list("listeners"))
	err = p.ready(ctx, func(ctx context.Context) error {
		return p.stderr.each(ctx, p.ended, func(line string) bool {
			if s.serves(line) {
				missing--
			}
			return missing <= 0
		})
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// serves reads the log line that tells where a listener serves.
func (s *Sallyport) serves(line string) bool {
	var entry struct {
		Message string `json:"msg"`
		Address string `json:"address"`
	}
	if json.Unmarshal([]byte(line), &entry) != nil {
		return false
	}
	if entry.Message == "serving operators" {
		s.ops = entry.Address
	}
	if entry.Message != "serving" {
		return false
	}
	path, ok := strings.CutPrefix(entry.Address, "unix:")
	if ok || strings.HasPrefix(path, "/") {
		s.socket = "unix:" + path
	} else {
		s.tcp = entry.Address
	}
	return true
}

// Validate runs `sallyport validate`. The error holds what the program printed.
func Validate(ctx context.Context, program, config string) error {
	out, err := exec.CommandContext(ctx, program, "validate", "--config", config).CombinedOutput()
	if err != nil {
		return fmt.Errorf("validate: %w:\n%s", err, out)
	}
	return nil
}

// TCP is "host:port" of the listener on TCP, Socket "unix:/path" of the one on
// a Unix socket; either is "" where there is none.
func (s *Sallyport) TCP() string { return s.tcp }

// Socket is described at TCP.
func (s *Sallyport) Socket() string { return s.socket }

// Config is the path of the configuration that the server reads.
func (s *Sallyport) Config() string { return s.config }

// HasStore says whether the configuration has a store.
func (s *Sallyport) HasStore() bool { return s.stored }

// PID is the server's process id.
func (s *Sallyport) PID() int { return s.process.cmd.Process.Pid }

// Ops is "host:port" where operators ask, or "" where the configuration has no
// such listener on TCP.
func (s *Sallyport) Ops() string { return s.ops }

// Log is the end of what the server printed on stderr.
func (s *Sallyport) Log() string { return s.process.stderr.tail() }

// Output is all that the server printed: its records, where they go to stdout,
// and its log.
func (s *Sallyport) Output() string {
	log, _ := s.process.stderr.since(0)
	return strings.Join(append(s.Records(), log...), "\n")
}

// Suspend halts the server without ending it, and returns when it stands still:
// connections stay, and nobody answers. Resume lets it go on.
func (s *Sallyport) Suspend() error { return s.process.suspend() }

// Resume is described at Suspend.
func (s *Sallyport) Resume() error { return s.process.signal(syscall.SIGCONT) }

// Kill ends the server at once.
func (s *Sallyport) Kill() error { return s.process.kill() }

// Stop ends the server in order and waits for it. It is an error when the
// server says that it was not in order.
func (s *Sallyport) Stop() error {
	if err := s.process.stop(); err != nil {
		return errors.Join(fmt.Errorf("stop sallyport: %w", err), errors.New(s.Log()))
	}
	return nil
}
