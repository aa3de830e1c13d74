package decisionlog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/decisionlog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// gate is a writer that waits until it is opened.
type gate struct {
	bytes.Buffer
	entered, open chan struct{}
	once          sync.Once
}

func newGate() *gate { return &gate{entered: make(chan struct{}), open: make(chan struct{})} }

func (g *gate) Write(text []byte) (int, error) {
	g.once.Do(func() { close(g.entered) })
	<-g.open
	return g.Buffer.Write(text)
}

// broken is a writer that takes nothing.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func closeLog(t *testing.T, log *decisionlog.Log) {
	t.Helper()
	if err := log.Close(t.Context()); err != nil {
		t.Fatalf("Close: %v", err)
	}
}

// Guard: the default case in Record. Without it a writer that hangs stops every
// Check; this test then runs into its time limit.
func TestFullBufferDropsAndCounts(t *testing.T) {
	out := newGate()
	log := decisionlog.New(out, decisionlog.Settings{Buffer: 2})
	log.Record(authz.Event{DecisionID: "0"})
	<-out.entered
	for i := range 5 {
		log.Record(authz.Event{DecisionID: strconv.Itoa(i + 1)})
	}
	if got := log.Dropped(); got != 3 {
		t.Errorf("Dropped() = %d, want 3", got)
	}
	close(out.open)
	closeLog(t, log)
	if got := bytes.Count(out.Bytes(), []byte("\n")); got != 3 {
		t.Errorf("%d lines, want 3", got)
	}
}

// Guard: run goes on until the closed channel is empty.
func TestCloseFlushes(t *testing.T) {
	var out bytes.Buffer
	log := decisionlog.New(&out, decisionlog.Settings{Buffer: 2000})
	for i := range 1000 {
		log.Record(authz.Event{DecisionID: strconv.Itoa(i)})
	}
	closeLog(t, log)
	lines := bytes.Split(bytes.TrimSuffix(out.Bytes(), []byte("\n")), []byte("\n"))
	if len(lines) != 1000 || log.Dropped() != 0 {
		t.Fatalf("%d lines, %d dropped, want 1000 and 0", len(lines), log.Dropped())
	}
	for i, line := range lines {
		var got struct {
			ID string `json:"decision_id"`
		}
		if err := json.Unmarshal(line, &got); err != nil || got.ID != strconv.Itoa(i) {
			t.Fatalf("line %d has id %q, error %v", i, got.ID, err)
		}
	}
}

func TestLineIsWrittenWithoutWaitingForAnother(t *testing.T) {
	reader, writer := io.Pipe()
	log := decisionlog.New(writer, decisionlog.Settings{})
	log.Record(authz.Event{DecisionID: "1"})
	var got map[string]any
	if err := json.NewDecoder(reader).Decode(&got); err != nil || got["decision_id"] != "1" {
		t.Errorf("first record %v, error %v", got, err)
	}
	if err := reader.Close(); err != nil {
		t.Fatalf("close reader: %v", err)
	}
	closeLog(t, log)
}

// Guard: l.closed in Record. Without it Record sends on a closed channel.
func TestRecordAfterCloseIsDropped(t *testing.T) {
	var out bytes.Buffer
	log := decisionlog.New(&out, decisionlog.Settings{})
	closeLog(t, log)
	closeLog(t, log)
	log.Record(authz.Event{DecisionID: "late"})
	if log.Dropped() != 1 || out.Len() != 0 {
		t.Errorf("dropped %d, wrote %q, want 1 and nothing", log.Dropped(), out.String())
	}
}

func TestEveryEventIsWrittenOrCounted(t *testing.T) {
	var out bytes.Buffer
	log := decisionlog.New(&out, decisionlog.Settings{Buffer: 8})
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			for range 200 {
				log.Record(authz.Event{})
			}
		})
	}
	time.Sleep(time.Millisecond)
	closeLog(t, log)
	senders.Wait()
	if got := uint64(bytes.Count(out.Bytes(), []byte("\n"))) + log.Dropped(); got != 1600 {
		t.Errorf("%d events written or counted, want 1600", got)
	}
}

func TestUnwritableLinesAreCounted(t *testing.T) {
	log := decisionlog.New(broken{}, decisionlog.Settings{})
	for range 3 {
		log.Record(authz.Event{})
	}
	closeLog(t, log)
	if got := log.Dropped(); got != 3 {
		t.Errorf("Dropped() = %d, want 3", got)
	}
}

// Guard: ctx.Done in Close. Without it a writer that hangs keeps the process.
func TestCloseEndsWithItsContext(t *testing.T) {
	out := newGate()
	log := decisionlog.New(out, decisionlog.Settings{})
	log.Record(authz.Event{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := log.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Close: error %v, want context.Canceled", err)
	}
	close(out.open)
	closeLog(t, log)
}
