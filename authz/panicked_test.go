package authz_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
)

func caught(run func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = authz.Panicked(r)
		}
	}()
	run()
	return nil
}

// What somebody throws may hold a credential; where it was thrown does not.
// Guards: the type in place of the text, and the words of the runtime.
func TestPanicked(t *testing.T) {
	const secret = "hunter2hunter2"
	var none map[string]int
	var thing any = secret
	for _, c := range []struct {
		name string
		run  func()
		want string
	}{
		{"text", func() { panic("no such key: " + secret) }, "panic: string at authz_test"},
		{"error", func() { panic(errors.New(secret)) }, "panic: *errors.errorString at authz_test"},
		{"error that wraps an outcome", func() { panic(fmt.Errorf("%w: %s", authz.ErrAbsent, secret)) }, "panic: *fmt.wrapError at authz_test"},
		{"out of range", func() { _ = secret[len(none)+100:] }, "panic: runtime error: slice bounds out of range"},
		{"nil map", func() { none[secret] = 1 }, "panic: assignment to entry in nil map at authz_test"},
		{"another type", func() { _ = thing.(int) }, "panic: interface conversion: interface {} is string, not int at authz_test"},
		{"nothing", func() { panic(nil) }, "panic: panic called with nil argument"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := caught(c.run)
			if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), secret) {
				t.Errorf("got %v, want %s...", err, c.want)
			}
			if errors.Is(err, authz.ErrAbsent) {
				t.Error("the panic passes for an outcome")
			}
			if place := regexp.MustCompile(` at authz_test\.TestPanicked\.\S+ \(panicked_test\.go:\d+\)$`); !place.MatchString(err.Error()) {
				t.Errorf("%v does not tell the place", err)
			}
		})
	}
}
