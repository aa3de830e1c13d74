package mesh

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// suspend halts the program. The signal only begins that: on a busy machine its
// threads run on for a while and may answer, so it waits until none does.
func (p *process) suspend() error {
	const limit, pause = 5 * time.Second, time.Millisecond
	if err := p.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(pause) {
		running, err := p.running()
		if err != nil || !running {
			return err
		}
	}
	return fmt.Errorf("suspend %s: it runs after %v", p.cmd.Path, limit)
}

// running looks at the state of every thread: the letter behind the name, which
// stands in brackets and may hold any character.
func (p *process) running() (bool, error) {
	tasks, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "task", "*", "stat"))
	if err != nil {
		return false, fmt.Errorf("list threads: %w", err)
	}
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if err != nil {
			return true, nil //nolint:nilerr // a thread that ended while we looked: look again
		}
		if state := bytes.TrimLeft(text[bytes.LastIndexByte(text, ')')+1:], " "); !bytes.HasPrefix(state, []byte("T")) {
			return true, nil
		}
	}
	return len(tasks) == 0, nil
}
