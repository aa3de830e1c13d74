package decisionlog_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz/decisionlog"
)

// disk is a writer with so much room; what does not fit is written in part.
type disk struct {
	mu    sync.Mutex
	room  int
	text  bytes.Buffer
	tries int
}

func (d *disk) Write(lines []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tries++
	n := min(len(lines), d.room)
	d.room -= n
	d.text.Write(lines[:n])
	if n < len(lines) {
		return n, errors.New("no space left on device")
	}
	return n, nil
}

func (d *disk) free(room int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room = room
}

func (d *disk) tried() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tries
}

// TestFullDiskHeals is T-F10: what a full disk does not take waits, what cannot
// wait is counted, and all goes on where it stopped once there is room. Guards:
// batch, which keeps the rest of a line, the pause after an error, and worries.
func TestFullDiskHeals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		to := &disk{room: 500}
		log := decisionlog.New(to, decisionlog.Settings{
			Buffer: 4, Now: time.Now, Logger: slog.New(slog.NewTextHandler(&said, nil)),
		})
		record(log, 0, 1)
		synctest.Wait()
		for i := 1; i < 8; i++ {
			record(log, i, i+1)
			time.Sleep(10 * time.Second)
		}
		if got := log.Stats(); got.Dropped != 3 || got.Waiting != 4 || got.Errors < 60 {
			t.Errorf("full: got %+v, want 3 dropped, 4 waiting, an error a second", got)
		}
		if got := strings.Count(said.String(), "cannot be written"); got != 2 {
			t.Errorf("70 s of errors were said %d times, want 2:\n%s", got, said.String())
		}
		to.free(1 << 20)
		time.Sleep(2 * time.Second)
		record(log, 8, 9)
		closeLog(t, log)
		if diff := cmp.Diff([]string{"0", "1", "2", "3", "4", "lost 3", "8"}, seen(t, to.text.String())); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
		if !strings.Contains(said.String(), "written again") {
			t.Errorf("nobody said that it healed:\n%s", said.String())
		}
	})
}

// A log that is closed while nothing can be written ends, and counts.
func TestCloseOnAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := decisionlog.New(&disk{}, decisionlog.Settings{})
		record(log, 0, 3)
		time.Sleep(5 * time.Second)
		closeLog(t, log)
		if got := log.Stats(); got.Dropped != 3 || got.Waiting != 0 || got.Written != 0 {
			t.Errorf("got %+v, want 3 dropped", got)
		}
	})
}

// Under load lines go out together; the first one after a silence waits for
// nobody. Guards: pause and largestBatch.
func TestLinesGoOutTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &disk{room: 1 << 30}
		log := decisionlog.New(to, decisionlog.Settings{})
		record(log, 0, 1)
		synctest.Wait()
		if to.tried() != 1 {
			t.Errorf("%d writes of the first line, want one at once", to.tried())
		}
		record(log, 1, 50)
		synctest.Wait()
		if to.tried() != 1 {
			t.Errorf("%d writes, want the next lines to gather", to.tried())
		}
		record(log, 50, 500)
		synctest.Wait()
		if to.tried() != 2 {
			t.Errorf("%d writes, want one more when 64 KiB wait", to.tried())
		}
		time.Sleep(5 * time.Millisecond)
		if got := log.Stats(); got.Waiting != 0 || to.tried() > 3 {
			t.Errorf("%d writes, %+v, want all written", to.tried(), got)
		}
		closeLog(t, log)
	})
}
