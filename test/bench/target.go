package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// target is one server under measurement, in a process of its own, with the
// connections of its proxies.
type target struct {
	name        string
	process     process
	right       func(answer []byte, asked *frame) error
	connections []*connection
}

// process is what a server is asked about itself.
type process interface {
	server
	counter
}

type server interface {
	// at is where it serves, and its process id.
	at() (address string, pid int)
	stop() error
}

type counter interface {
	counts() (counts, error)
}

// counts are what a process counts itself since its start: objects allocated, and
// Checks that its cache answered.
type counts struct{ objects, hits float64 }

// connect opens the connections.
func (t *target) connect(number int) error {
	address, _ := t.process.at()
	for i := range number {
		c, err := dial(address, uint64(i))
		if err != nil {
			return errors.Join(fmt.Errorf("%s: %w", t.name, err), t.close())
		}
		t.connections = append(t.connections, c)
	}
	return nil
}

func (t *target) close() error {
	var errs []error
	for _, c := range t.connections {
		errs = append(errs, c.close())
	}
	t.connections = nil
	return errors.Join(append(errs, t.process.stop())...)
}

// drive asks on all connections for a time.
func (t *target) drive(p plan, span time.Duration) (checks int, err error) {
	p.right = t.right
	until := time.Now().Add(span)
	type result struct {
		checks int
		err    error
	}
	results := make(chan result, len(t.connections))
	for _, c := range t.connections {
		go func() {
			checks, err := c.drive(p, until)
			results <- result{checks, err}
		}()
	}
	var errs []error
	for range t.connections {
		r := <-results
		checks += r.checks
		errs = append(errs, r.err)
	}
	if err := errors.Join(errs...); err != nil {
		return checks, fmt.Errorf("%s: %w", t.name, err)
	}
	return checks, nil
}

// noopProcess is a process of serveNoop.
type noopProcess struct {
	command *exec.Cmd
	stdin   io.WriteCloser
	stdout  *bufio.Reader
	address string
}

// startNoop runs this very program once more.
func startNoop(tuned bool) (*noopProcess, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	p := &noopProcess{command: exec.Command(program, noopCommand, strconv.FormatBool(tuned))}
	p.command.Stderr = os.Stderr
	if p.stdin, err = p.command.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start noop: %w", err)
	}
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start noop: %w", err)
	}
	p.stdout = bufio.NewReader(stdout)
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start noop: %w", err)
	}
	if p.address, err = p.line(); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

func (p *noopProcess) line() (string, error) {
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("read what noop prints: %w", err)
	}
	return strings.TrimSpace(line), nil
}

func (p *noopProcess) at() (address string, pid int) { return p.address, p.command.Process.Pid }

// counts implements counter.
func (p *noopProcess) counts() (counts, error) {
	if _, err := io.WriteString(p.stdin, "\n"); err != nil {
		return counts{}, fmt.Errorf("ask noop: %w", err)
	}
	line, err := p.line()
	if err != nil {
		return counts{}, err
	}
	objects, err := strconv.ParseFloat(line, 64)
	if err != nil {
		return counts{}, fmt.Errorf("read what noop prints: %w", err)
	}
	return counts{objects: objects}, nil
}

func (p *noopProcess) stop() error {
	return errors.Join(p.stdin.Close(), p.command.Wait())
}
