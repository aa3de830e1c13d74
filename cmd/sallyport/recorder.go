package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os/signal"
	"syscall"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/decisionlog"
)

// flushTime is how long decision records under way may take when the process ends.
const flushTime = 5 * time.Second

// recorder writes decision records; finish waits for those that are under way.
func (s *service) recorder(ctx context.Context, stdout io.Writer) (recorder authz.Recorder, finish func(), err error) {
	p := s.plan.log
	if p.off {
		return nothing{}, func() {}, nil
	}
	to, shut := stdout, func() error { return nil }
	if p.file != "" {
		file, err := decisionlog.OpenFile(p.file)
		if err != nil {
			return nil, nil, fmt.Errorf("open the decision log: %w", err)
		}
		to, shut = file, file.Close
	}
	s.records = decisionlog.New(to, decisionlog.Settings{Buffer: p.buffer, Labels: p.labels, View: p.view, Now: s.now, Logger: s.log})
	s.log.Debug("decision records", "to", cmp.Or(p.file, "stdout"), "buffer", p.buffer, "headers", p.view.Headers, "claims", p.view.Claims)
	return s.records, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTime)
		defer cancel()
		err := s.records.Close(ctx)
		if err == nil { // else a write may still be under way
			err = shut()
		}
		if err != nil {
			s.log.Error("close the decision log", "cause", err)
		}
	}, nil
}

// nothing records nothing: decision_log says off.
type nothing struct{}

// Record implements authz.Recorder.
func (nothing) Record(authz.Event) {}

// outliveReaders keeps the process alive when whoever reads its stdout or stderr
// is gone: records are then dropped and counted, and Envoy gets its answers. The
// runtime would end a process whose write there finds no reader.
func outliveReaders() { signal.Ignore(syscall.SIGPIPE) }
