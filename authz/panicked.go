package authz

import (
	"fmt"
	"path"
	"runtime"
	"strings"
)

// Panicked is the error that a recovered panic becomes: could not tell. What the
// runtime says is told, since it holds no data. Of anything else only the type
// is: somebody threw it in the middle of work on a request, and its text may hold
// a credential. It is called in the deferred function that recovers, and tells
// the place of the panic too, since nothing else does.
func Panicked(thrown any) error {
	what := fmt.Sprintf("%T", thrown)
	if told, ok := thrown.(runtime.Error); ok {
		what = told.Error()
	}
	if place := panicPlace(); place != "" {
		what += " at " + place
	}
	return fmt.Errorf("panic: %s", what)
}

// panicPlace is the innermost function of the stack that panicked, without the
// runtime's own.
func panicPlace() string {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	thrown := false
	for {
		frame, more := frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			thrown = true
		case thrown && !strings.HasPrefix(frame.Function, "runtime."):
			return fmt.Sprintf("%s (%s:%d)", path.Base(frame.Function), path.Base(frame.File), frame.Line)
		}
		if !more {
			return ""
		}
	}
}
