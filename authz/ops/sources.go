package ops

import (
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// Sources are where this room learns what it tells. Load is required; each of
// the others is nil where the process has no such part. They are called for
// every page, from any goroutine, and must not block. Nothing that they give may
// hold a secret: it is shown as it is.
type Sources struct {
	Load      func() authz.Load
	Draining  func() bool
	Listeners func() []Listener
	Door      func() Door
	Routes    func() []Route
	Reload    func() Reload
	Cache     func() []Shelf
	Keys      func() []Keys
	Records   func() Records
	Spans     func() Spans
	Secrets   func() Secrets
	Uses      func() Uses
	Renewals  func() Renewals
}

// Listener is one address where proxies ask.
type Listener struct {
	Address string
	TLS     bool
	// Serving is what its health service says.
	Serving bool
}

// Door is what Checks hold before they are decided, and the bounds of that.
type Door struct {
	Checks, MostChecks int
	Bytes, MostBytes   int64
	// Shed were turned away unread since the start.
	Shed uint64
}

// Route is a declared route, and what becomes of its verdicts.
type Route struct {
	// ID is its name in metrics. Operations say what it is in words: several
	// methods may share one route.
	ID         string
	Operations []string
	// Forgotten says why no verdict is remembered, or "".
	Forgotten string
	// Never names the accepted authenticators whose callers are decided each time
	// although the route remembers.
	Never []string
}

// Reload is what became of changed files.
type Reload struct {
	// Looked is when files were last looked at, Last when something was last made
	// of them; the zero time is never.
	Looked, Last time.Time
	// FailingSince is when the first of the refused changes came that nothing
	// good has followed yet; the zero time is that all is well.
	FailingSince time.Time
	// Problems are those of the last change, one a line, with file, line and
	// column. Restart are the fields whose new values need one.
	Problems, Restart []string
	// Applied and Refused count changes since the start.
	Applied, Refused uint64
}

// Shelf is one store of remembered verdicts.
type Shelf struct {
	Name string
	// Stored were taken, Dropped were not, since the start.
	Stored, Dropped uint64
	// Bytes is what is held, Capacity the most that may be.
	Bytes, Capacity int64
}

// Keys are an issuer's signing keys.
type Keys struct {
	// Source is the name of the authenticator that they serve.
	Source string
	Count  int
	// Loaded is when the set in use was last confirmed; the zero time is never.
	Loaded time.Time
	// Fetches were begun, Failures of them gave nothing to use.
	Fetches, Failures uint64
	// Problem is why the last fetch failed, or "".
	Problem string
}

// Records are those of the decision log.
type Records struct {
	// Written were taken, Dropped are lost, Errors are writes that went wrong.
	Written, Dropped, Errors uint64
	Waiting, Capacity        int
}

// Spans are those of traced Checks.
type Spans struct {
	// Exported were taken by the collector, Failed were refused by it or did not
	// reach it, Dropped found the queue full.
	Exported, Failed, Dropped uint64
	Waiting, Capacity         int
}

// Secrets are attempts to prove what is kept by a slow hash.
type Secrets struct {
	// Runs are hashes that were begun; Remembered and Joined attempts that needed
	// none of their own.
	Runs, Remembered, Joined uint64
	// Refused found the queue full, Throttled met a limit, Late ended before their
	// hash did.
	Refused, Throttled, Late uint64
	// Pending hashes wait or run, Known successes are remembered.
	Pending, Known int
}

// Uses are those of tokens, of which the store is told later.
type Uses struct {
	// Dropped were not noted, since too many tokens waited; Failed are times that the
	// store did not take what was noted.
	Dropped, Failed uint64
}

// Renewals are verifiers that were outdated when they were used.
type Renewals struct {
	// Renewed have a new one, Overtaken had another one before. Failed stay as they
	// are until the next use, and so do Dropped, which found the queue full.
	Renewed, Overtaken, Failed, Dropped uint64
	Waiting                             int
}
