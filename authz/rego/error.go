package rego

import (
	"errors"
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Error is one thing that New refuses, with its place and the way out. Where
// several are found they are joined.
type Error struct {
	// File is as the operator named it; Line and Column count from 1, and 0
	// means that there is no line to point at.
	File   string
	Line   int
	Column int
	// Detail says what was found and what was expected, Mend what to do.
	Detail string
	Mend   string
}

// Error gives file:line:column, the detail and the mend.
func (e *Error) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File)
		if e.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Detail)
	if e.Mend != "" {
		b.WriteString("; " + e.Mend)
	}
	return b.String()
}

// at is an error at a place in a module.
func at(place *ast.Location, detail, mend string) *Error {
	e := &Error{Detail: detail, Mend: mend}
	if place != nil {
		e.File, e.Line, e.Column = place.File, place.Row, place.Col
	}
	return e
}

// found turns the parser's and the compiler's errors into ours.
func found(err error) error {
	var several ast.Errors
	var single *ast.Error
	switch {
	case errors.As(err, &several):
	case errors.As(err, &single):
		several = ast.Errors{single}
	default:
		return err
	}
	joined := make([]error, 0, len(several))
	for _, one := range several {
		detail := one.Code + ": " + one.Message
		if one.Details != nil {
			detail += " (" + strings.Join(one.Details.Lines(), " ") + ")"
		}
		joined = append(joined, at(one.Location, detail, mend(one)))
	}
	return errors.Join(joined...)
}

// mend knows the ways out of what is refused most often.
func mend(e *ast.Error) string {
	for _, name := range withheld() {
		if strings.Contains(e.Message, "undefined function "+name) {
			return fmt.Sprintf("%s reaches out of the evaluation and is off unless granted", name)
		}
	}
	if strings.Contains(e.Message, "undefined ref: input") {
		return "write a member that the schema of the input has"
	}
	return ""
}
