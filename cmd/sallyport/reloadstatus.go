package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
)

// reloadStatus is what a reader of /status learns of reloads. It is never
// changed: each look makes another.
type reloadStatus struct {
	// Off says that nothing is looked at again.
	Off bool
	// Generation is what is live, Since when it became so.
	Generation uint64
	Since      time.Time
	// Standings are those of what is live.
	Standings []standing
	// Looked is when files were last looked at, Attempted when something was last
	// made of them.
	Looked, Attempted time.Time
	// OK is false while the files are not what is live: Problems say why, one a
	// line.
	OK       bool
	Problems []string
	// FailingSince is when the first problem came; the zero time where OK.
	FailingSince time.Time
	// Restart are the fields whose new values need one.
	Restart []string
	// Successes and Failures count attempts since the start.
	Successes, Failures uint64
}

// mostProblems bounds what is told of one broken change.
const mostProblems = 200

// lines tells each problem of an error with its place.
func lines(err error) []string {
	var told []string
	if refused, ok := err.(document.RefusalError); ok { //nolint:errorlint // load gives it bare
		told = problemLines(refused)
	} else {
		told = []string{err.Error()}
	}
	if more := len(told) - mostProblems; more > 0 {
		told = append(told[:mostProblems:mostProblems], fmt.Sprintf("and %d more", more))
	}
	return told
}

func problemLines(problems []document.Problem) []string {
	told := make([]string, len(problems))
	for i, p := range problems {
		told[i] = p.String()
	}
	return told
}

func (s reloadStatus) accepted(p *plan, restart []string, at time.Time) reloadStatus {
	s.Generation, s.Since, s.Attempted, s.OK = p.snapshot.Generation, at, at, true
	s.Standings = p.summary.standings
	s.Problems, s.Restart, s.FailingSince = nil, restart, time.Time{}
	s.Successes++
	return s
}

func (s reloadStatus) refused(problems []string, at time.Time) reloadStatus {
	if s.OK {
		s.FailingSince = at
	}
	s.OK, s.Problems, s.Attempted = false, problems, at
	s.Failures++
	return s
}

// recovered says that the files are what is live again.
func (s reloadStatus) recovered() reloadStatus {
	s.OK, s.Problems, s.FailingSince = true, nil, time.Time{}
	return s
}

// tells reports whether the problems are known already.
func (s reloadStatus) tells(problems []string) bool {
	return !s.OK && slices.Equal(s.Problems, problems)
}
