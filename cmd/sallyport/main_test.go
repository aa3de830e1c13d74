package main

import (
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

// These tests stand in package main: a program cannot be imported.
func TestMain(m *testing.M) { testscript.Main(leakless{m}, map[string]func(){"sallyport": profiled}) }

// leakless fails the tests when a goroutine outlives them.
type leakless struct{ m *testing.M }

// Run implements testscript.TestingM.
func (l leakless) Run() int {
	code := l.m.Run()
	if err := goleak.Find(); code == 0 && err != nil {
		_, _ = os.Stderr.WriteString(err.Error())
		return 1
	}
	return code
}

func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"await": await, "page": page, "said": said},
	})
}

// await waits until a file is there.
func await(script *testscript.TestScript, _ bool, args []string) {
	for range 500 {
		if _, err := os.Stat(script.MkAbs(args[0])); err == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	script.Fatalf("%s did not appear", args[0])
}

// said waits until a log fits a pattern.
func said(script *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile(args[1])
	for range 500 {
		if pattern.MatchString(script.ReadFile(args[0])) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	script.Fatalf("%s does not say %s:\n%s", args[0], args[1], script.ReadFile(args[0]))
}
