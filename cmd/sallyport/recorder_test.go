package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// recordsTo is the sound configuration on a free port, with records to a file.
func recordsTo(t *testing.T, file string) string {
	t.Helper()
	text := strings.Replace(sound, "127.0.0.1:9001", "127.0.0.1:0", 1)
	return write(t, strings.Replace(text, "buffer: 16", "to: file:"+file, 1))
}

// The file is there before the first Check, so that an operator sees that it can be.
func TestServeMakesTheRecordFile(t *testing.T) {
	defer goleak.VerifyNone(t)
	file := filepath.Join(t.TempDir(), "records")
	r := start(t, recordsTo(t, file), 1)
	defer r.end(t)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want a file of mode 0600", info, err)
	}
}

// Where records cannot be written from the start, nothing starts. Guard: the
// error of OpenFile in service.recorder.
func TestServeWithoutItsRecordFile(t *testing.T) {
	defer goleak.VerifyNone(t)
	var log bytes.Buffer
	config := recordsTo(t, filepath.Join(t.TempDir(), strings.Repeat("a", 300)))
	if code := run(t.Context(), []string{"serve", "--config", config}, io.Discard, &log); code != 1 {
		t.Errorf("got exit code %d, want 1", code)
	}
	if !strings.Contains(log.String(), "sallyport: open the decision log: ") {
		t.Errorf("got %s", log.String())
	}
}

func TestLogLevel(t *testing.T) {
	defer goleak.VerifyNone(t)
	config := write(t, strings.Replace(sound, "127.0.0.1:9001", "127.0.0.1:0", 1))
	for level, want := range map[string]bool{"debug": true, "INFO": false} {
		r := start(t, config, 1, "--log-level", level)
		r.end(t)
		if got := strings.Contains(r.log.text(), `"level":"DEBUG"`); got != want {
			t.Errorf("%s: debug lines %v, want %v:\n%s", level, got, want, r.log.text())
		}
	}
	var log bytes.Buffer
	if code := run(t.Context(), []string{"serve", "--config", config, "--log-level", "loud"}, io.Discard, &log); code != 1 {
		t.Errorf("got exit code %d, want 1", code)
	}
	if want := "sallyport: --log-level \"loud\": expected debug, info, warn or error\n"; log.String() != want {
		t.Errorf("got %q, want %q", log.String(), want)
	}
}
