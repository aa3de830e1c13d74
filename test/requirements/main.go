package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

func main() {
	if err := Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "requirements:", err)
		os.Exit(1)
	}
}

// Run prints the rows whatever happened to the tests, and returns an error when
// one failed, of a row or not, or when a package did not build. Without
// packages to test it reads what go test -json has printed already.
func Run(packages []string, in io.Reader, out, log io.Writer) error {
	list, err := rows()
	if err != nil {
		return err
	}
	var found results
	if len(packages) == 0 {
		found, err = read(in, log)
	} else {
		found, err = test(packages, log)
	}
	write(out, list, found)
	if err == nil && found.failures > 0 {
		err = fmt.Errorf("%d tests or packages failed", found.failures)
	}
	return err
}

// test starts go test over the packages. What the go command says of its own
// goes to log.
func test(packages []string, log io.Writer) (results, error) {
	arguments := append([]string{"test", "-json", "-timeout", "30m"}, packages...)
	command := exec.Command("go", arguments...)
	command.Stderr = log
	stream, err := command.StdoutPipe()
	if err != nil {
		return results{}, fmt.Errorf("open go test's output: %w", err)
	}
	if err := command.Start(); err != nil {
		return results{}, fmt.Errorf("start go test: %w", err)
	}
	found, readErr := read(stream, log)
	if err := command.Wait(); err != nil {
		return found, errors.Join(readErr, fmt.Errorf("run go test: %w", err))
	}
	return found, readErr
}
