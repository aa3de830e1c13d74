package decisionlog

import (
	"log/slog"
	"time"
)

// often is how often at the most the log speaks of one trouble.
const often = time.Minute

// worries tell the operator's log that records are not written. Only the
// goroutine that writes uses them.
type worries struct {
	logger *slog.Logger
	now    func() time.Time
	// failing is whether the last write went wrong.
	failing bool
	last    time.Time
	// told is how many dropped records were spoken of.
	told uint64
}

func newWorries(logger *slog.Logger, now func() time.Time) worries {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return worries{logger: logger, now: now}
}

// tell looks at the end of one write.
func (w *worries) tell(err error, stats Stats) {
	switch {
	case err != nil && (!w.failing || w.due()):
		w.say(w.logger.Error, stats, "decision records cannot be written: they wait, and are dropped where no more can", "cause", err)
	case err == nil && w.failing:
		w.say(w.logger.Info, stats, "decision records are written again")
	case err == nil && stats.Dropped > w.told && w.due():
		w.say(w.logger.Warn, stats, "decision records were dropped: they are not taken fast enough")
	}
	w.failing = err != nil
}

// ended looks at the end of the log.
func (w *worries) ended(stats Stats) {
	if stats.Dropped > 0 {
		w.say(w.logger.Warn, stats, "decision records were dropped")
	}
}

func (w *worries) due() bool { return w.last.IsZero() || w.now().Sub(w.last) >= often }

func (w *worries) say(how func(string, ...any), stats Stats, words string, more ...any) {
	w.last, w.told = w.now(), stats.Dropped
	how(words, append([]any{"dropped", stats.Dropped, "waiting", stats.Waiting, "errors", stats.Errors}, more...)...)
}
