package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"

	"go.yaml.in/yaml/v3"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

// stop is one request of a tour, with what must come of it. Header values and User
// may hold ${NAME}, a secret that the example's seed.sh or an earlier Run printed.
type stop struct {
	Name string `yaml:"name"`
	// Run is a line of shell that is run before the request, in the folder of the
	// configuration, with the program as `sallyport` and the secrets as variables.
	// It may print further secrets as NAME=VALUE.
	Run string `yaml:"run"`
	// User is name:password, sent as curl -u does (RFC 7617).
	User    string            `yaml:"user"`
	Method  string            `yaml:"method"`
	Host    string            `yaml:"host"`
	Path    string            `yaml:"path"`
	Headers map[string]string `yaml:"headers"`
	Body    string            `yaml:"body"`
	Want    want              `yaml:"want"`
}

// want is the outcome. Reason and Rule must be those of the decision log; Proxy
// states instead that the proxy answers by itself and nobody is asked.
type want struct {
	Status int    `yaml:"status"`
	Reason string `yaml:"reason"`
	Rule   string `yaml:"rule"`
	Proxy  bool   `yaml:"proxy"`
	// Body is the whole body of the response; "" is not looked at.
	Body string `yaml:"body"`
	// Upstream are request headers as they must reach the upstream; "" must
	// not reach it.
	Upstream map[string]string `yaml:"upstream"`
}

// tour is a whole tour.yaml.
type tour struct {
	// Beside is a script in the example's folder that runs while it is walked through;
	// package mesh says what it must do.
	Beside   string `yaml:"beside"`
	Requests []stop `yaml:"requests"`
}

func readTour(path string) (tour, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return tour{}, fmt.Errorf("read tour: %w", err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	var whole tour
	if err := decoder.Decode(&whole); err != nil && !errors.Is(err, io.EOF) {
		return tour{}, fmt.Errorf("parse %s: %w", path, err)
	}
	if len(whole.Requests) == 0 {
		return tour{}, fmt.Errorf("%s has no requests", path)
	}
	for _, s := range whole.Requests {
		if err := s.whole(); err != nil {
			return tour{}, fmt.Errorf("%s: request %q: %w", path, s.Name, err)
		}
	}
	return whole, nil
}

// filled is the stop with its secrets in place, and User as the header that it is
// sent as.
func (s stop) filled(secrets mesh.Secrets) (stop, error) {
	headers := map[string]string{}
	var failures []error
	expand := func(text string) string {
		expanded, err := secrets.Expand(text)
		failures = append(failures, err)
		return expanded
	}
	for name, value := range s.Headers {
		headers[name] = expand(value)
	}
	if s.User != "" {
		headers["authorization"] = "Basic " + base64.StdEncoding.EncodeToString([]byte(expand(s.User)))
	}
	s.Headers = headers
	return s, errors.Join(failures...)
}

// whole refuses a request that would check nothing.
func (s stop) whole() error {
	switch {
	case s.Name == "" || s.Method == "" || s.Host == "" || s.Path == "":
		return errors.New("name, method, host and path are needed")
	case s.User != "" && s.Headers["authorization"] != "":
		return errors.New("user beside a header authorization: one of the two")
	case s.Want.Status == 0:
		return errors.New("want.status is needed")
	case s.Want.Rule == "" && !s.Want.Proxy:
		return errors.New("want.rule is needed, or want.proxy: true")
	default:
		return nil
	}
}
