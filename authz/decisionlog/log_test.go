package decisionlog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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

// Guards: queue.holds, without which nothing bounds what a hanging writer leaves
// waiting, and q.lost, without which nobody sees the gap.
func TestFullBufferDropsAndCounts(t *testing.T) {
	out := newGate()
	log := decisionlog.New(out, decisionlog.Settings{Buffer: 3, Labels: map[string]string{"node": "a"}})
	record(log, 0, 1)
	<-out.entered
	record(log, 1, 6)
	want := decisionlog.Stats{Dropped: 3, Waiting: 3, Capacity: 3}
	if got := log.Stats(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	close(out.open)
	for log.Stats().Waiting > 0 {
		time.Sleep(time.Millisecond)
	}
	record(log, 6, 7)
	closeLog(t, log)
	if diff := cmp.Diff([]string{"0", "1", "2", "lost 3", "6"}, seen(t, out.String())); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	want = decisionlog.Stats{Written: 5, Dropped: 3, Capacity: 3}
	if got := log.Stats(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Guard: the bytes in queue.holds.
func TestBufferIsBoundedInBytes(t *testing.T) {
	out := newGate()
	log := decisionlog.New(out, decisionlog.Settings{Buffer: 10})
	record(log, 0, 1)
	<-out.entered
	for range 5 {
		log.Record(authz.Event{DecisionID: strings.Repeat("a", 20<<10)})
	}
	if got := log.Stats(); got.Dropped != 4 || got.Waiting != 2 {
		t.Errorf("got %+v, want 2 waiting and 4 dropped", got)
	}
	close(out.open)
	closeLog(t, log)
}

// record records events with the numbers as ids.
func record(log *decisionlog.Log, from, to int) {
	for i := from; i < to; i++ {
		log.Record(authz.Event{DecisionID: strconv.Itoa(i)})
	}
}

// seen gives the ids of the records in a text, and "lost N" for a gap.
func seen(t *testing.T, text string) []string {
	t.Helper()
	var ids []string
	for line := range strings.Lines(text) {
		var got struct {
			ID     string `json:"decision_id"`
			Path   string
			Result struct {
				Allow *bool
				Lost  int
			}
			Labels map[string]string
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("line does not parse: %v\n%s", err, line)
		}
		if got.Path == "sallyport/decision_log/lost" {
			if got.Result.Allow != nil || got.ID == "" {
				t.Errorf("a gap looks like a decision: %s", line)
			}
			got.ID = "lost " + strconv.Itoa(got.Result.Lost)
		}
		ids = append(ids, got.ID)
	}
	return ids
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
	if len(lines) != 1000 || log.Stats().Dropped != 0 {
		t.Fatalf("%d lines, %d dropped, want 1000 and 0", len(lines), log.Stats().Dropped)
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
	if log.Stats().Dropped != 1 || out.Len() != 0 {
		t.Errorf("dropped %d, wrote %q, want 1 and nothing", log.Stats().Dropped, out.String())
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
	written, told := uint64(0), uint64(0)
	for _, id := range seen(t, out.String()) {
		if lost, gap := strings.CutPrefix(id, "lost "); gap {
			number, _ := strconv.ParseUint(lost, 10, 64)
			told += number
			continue
		}
		written++
	}
	if got := written + log.Stats().Dropped; got != 1600 || told > log.Stats().Dropped {
		t.Errorf("%d events written or counted, want 1600; %d told of, %+v", got, told, log.Stats())
	}
}

func TestUnwritableLinesAreCounted(t *testing.T) {
	log := decisionlog.New(broken{}, decisionlog.Settings{})
	for range 3 {
		log.Record(authz.Event{})
	}
	closeLog(t, log)
	if got := log.Stats().Dropped; got != 3 {
		t.Errorf("Dropped = %d, want 3", got)
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
