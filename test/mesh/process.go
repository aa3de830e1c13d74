package mesh

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// startLimit bounds how long a program may take until it is ready, on a busy
// machine too. stopLimit is what it may take to end before it is killed.
const (
	startLimit = 30 * time.Second
	stopLimit  = 10 * time.Second
)

var errEnded = errors.New("program ended")

// process is one running program.
type process struct {
	cmd    *exec.Cmd
	stdout *output
	stderr *output
	ended  chan struct{}
	// result is what the program ended with; it is read after ended is closed.
	result error
	killed bool
}

// launch starts a program that outlives the call, whatever becomes of the
// caller's context: stop ends it.
func launch(program string, args ...string) (*process, error) {
	return run(exec.Command(program, args...))
}

func run(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, stdout: newOutput(), stderr: newOutput(), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p.stdout, p.stderr
	// In a group of its own: Ctrl-C in a terminal goes to the whole group, and would
	// end the program in disorder before stop ends it in order. So that nothing
	// is left behind by a test that was killed, it dies with us.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	go func() {
		p.result = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// stop asks the program to end and waits. It gives the program's own failure,
// also that of a program which ended before it was asked to; one that we killed
// has none.
func (p *process) stop() error {
	if p.killed {
		return nil
	}
	if err := p.signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.ended:
		return p.result
	case <-time.After(stopLimit):
		return errors.Join(fmt.Errorf("%s did not end within %v", p.cmd.Path, stopLimit), p.kill())
	}
}

// kill ends the program at once, without a chance to say goodbye.
func (p *process) kill() error {
	p.killed = true
	err := p.signal(syscall.SIGKILL)
	<-p.ended
	return err
}

func (p *process) signal(s syscall.Signal) error {
	if err := p.cmd.Process.Signal(s); err != nil {
		return fmt.Errorf("signal %s: %w", p.cmd.Path, err)
	}
	return nil
}

// ready runs wait under the limit for starting. On an error it ends the program
// and adds what it printed.
func (p *process) ready(ctx context.Context, wait func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	err := wait(ctx)
	if err == nil {
		return nil
	}
	_ = p.kill()
	return fmt.Errorf("wait for %s: %w; it printed:\n%s\n%s", p.cmd.Path, err, p.stdout.tail(), p.stderr.tail())
}
