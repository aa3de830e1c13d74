package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// writableByOthers are the mode bits of group and others that let them write.
const writableByOthers = 0o022

// secrets resolves references. Relative paths begin at folder.
type secrets struct {
	folder string
	files  *inventory
	lookup func(name string) (string, bool)
}

// secretError is a refusal in the words of a report.
type secretError struct{ what, expected, mend string }

// Error implements error.
func (e secretError) Error() string { return e.what }

// resolve gives the secret behind env:NAME or file:path. A secret that stands
// in the configuration itself is refused and not repeated in the message.
func (s secrets) resolve(reference string) (string, error) {
	kind, name, _ := strings.Cut(reference, ":")
	switch kind {
	case "env":
		return s.fromEnvironment(name)
	case "file":
		text, err := s.fromFile(name)
		return strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r"), err
	default:
		return "", secretError{"inline secrets are refused", "env:NAME or file:path", "put the secret into a file or a variable and refer to it"}
	}
}

func (s secrets) fromEnvironment(name string) (string, error) {
	value, set := s.lookup(name)
	switch {
	case name == "":
		return "", secretError{"env: names no variable", "env:NAME", "write the variable's name behind env:"}
	case !set:
		return "", secretError{fmt.Sprintf("variable %s is not set", name), "a set variable", fmt.Sprintf("set %s before starting", name)}
	case strings.TrimSpace(value) == "":
		return "", secretError{fmt.Sprintf("variable %s is empty", name), "a secret", fmt.Sprintf("set %s to the secret", name)}
	default:
		return value, nil
	}
}

// path is where a file reference points to.
func (s secrets) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(s.folder, name)
}

// fromFile reads a secret's file. Whoever can write it can become anybody, so
// only its owner may.
func (s secrets) fromFile(name string) ([]byte, error) {
	if name == "" {
		return nil, secretError{"file: names no file", "file:path", "write the path behind file:"}
	}
	file := s.path(name)
	if err := s.files.private(file); err != nil {
		return nil, err
	}
	text, err := s.files.Read(file)
	if err != nil {
		return nil, secretError{fmt.Sprintf("%s: %v", file, err), "a file that can be read", "check its path, owner and mode"}
	}
	if strings.TrimSpace(string(text)) == "" {
		return nil, secretError{fmt.Sprintf("%s is empty", file), "a secret", "write the secret into it"}
	}
	return text, nil
}

// private looks at the file behind all symbolic links.
func private(file string) error {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return secretError{err.Error(), "an existing file", "check the path; relative ones begin at the configuration's folder"}
	case !info.Mode().IsRegular():
		return secretError{fmt.Sprintf("%s is not a regular file", file), "a regular file", "name the file itself"}
	case info.Mode().Perm()&writableByOthers != 0:
		return secretError{
			fmt.Sprintf("%s has mode %04o: group or others can write it", file, info.Mode().Perm()),
			"a file that only its owner can write", fmt.Sprintf("chmod go-w %s", file),
		}
	default:
		return nil
	}
}
