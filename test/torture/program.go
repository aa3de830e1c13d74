package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

// profileVariable is read by the compiled tests of cmd/sallyport, which act as
// the program under its name and tell the runtime's profiles on this socket.
const profileVariable = "SALLYPORT_PPROF"

// program is a Sallyport in another process, with a view of what goes on in it.
type program struct {
	*mesh.Sallyport
	profiles http.Client
}

// build makes the program, with the race detector where this process has it.
func build(ctx context.Context, dir string) (string, error) {
	root, err := mesh.Root()
	if err != nil {
		return "", fmt.Errorf("find the tree: %w", err)
	}
	file := filepath.Join(dir, "sallyport")
	compile := exec.CommandContext(ctx, "go", "test", "-c", "-race="+strconv.FormatBool(racing()), "-o", file, "./cmd/sallyport")
	compile.Dir = root
	if printed, err := compile.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the tests of sallyport: %w:\n%s", err, printed)
	}
	return file, nil
}

func racing() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

func startProgram(ctx context.Context, file, config, dir string) (*program, error) {
	socket := filepath.Join(dir, "pprof.sock")
	if err := os.Setenv(profileVariable, socket); err != nil {
		return nil, fmt.Errorf("name the socket: %w", err)
	}
	defer func() { _ = os.Unsetenv(profileVariable) }()
	started, err := mesh.StartSallyport(ctx, file, config)
	if err != nil {
		return nil, fmt.Errorf("start sallyport: %w", err)
	}
	p := &program{Sallyport: started, profiles: http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, "unix", socket)
		},
	}}}
	if _, err := p.profile(ctx, "/watch"); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	return p, nil
}

func (p *program) profile(ctx context.Context, path string) (text string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://profiles"+path, http.NoBody)
	if err != nil {
		return "", fmt.Errorf("fetch %s: %w", path, err)
	}
	response, err := p.profiles.Do(request)
	if err != nil {
		return "", fmt.Errorf("fetch %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("fetch %s: status %d, %w", path, response.StatusCode, err)
	}
	return string(body), nil
}

// heap is what is in use. What a pool lends survives one collection.
func (p *program) heap(ctx context.Context) (bytes uint64, err error) {
	var text string
	for range 2 {
		if text, err = p.profile(ctx, "/heap?gc=1&debug=1"); err != nil {
			return 0, err
		}
	}
	_, after, found := strings.Cut(text, "# HeapAlloc = ")
	number, _, _ := strings.Cut(after, "\n")
	if bytes, err = strconv.ParseUint(number, 10, 64); err != nil || !found {
		return 0, fmt.Errorf("read the heap profile: %w", err)
	}
	return bytes, nil
}

// reloadState is what /status tells of reloads.
type reloadState struct {
	Red      []string `json:"red"`
	Snapshot struct {
		Generation uint64 `json:"generation"`
	} `json:"snapshot"`
	Reload struct {
		Result   string   `json:"result"`
		Problems []string `json:"problems"`
		Applied  uint64   `json:"applied"`
		Refused  uint64   `json:"refused"`
	} `json:"reload"`
}

// until waits for a status. How long that takes is no finding.
func (p *program) until(ctx context.Context, is func(reloadState) bool) (reloadState, error) {
	const often, longest = 5 * time.Millisecond, 2 * time.Minute
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	for {
		var now reloadState
		if err := p.Status(ctx, &now); err != nil {
			return now, fmt.Errorf("read status: %w", err)
		}
		if is(now) {
			return now, nil
		}
		select {
		case <-ctx.Done():
			return now, fmt.Errorf("the status stays %+v: %w\n%s", now, context.Cause(ctx), p.Log())
		case <-time.After(often):
		}
	}
}

// refusals are how often the log told of one.
func (p *program) refusals() int { return strings.Count(p.Output(), `"msg":"reload refused`) }

// serial is the number of the certificate that a new client of the listener with
// tls is shown.
func (p *program) serial(ctx context.Context) (uint64, error) {
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}} // which certificate it is, is the question
	connection, err := dialer.DialContext(ctx, "tcp", p.TCP())
	if err != nil {
		return 0, fmt.Errorf("dial: %w", err)
	}
	defer func() { _ = connection.Close() }()
	secured, ok := connection.(*tls.Conn)
	if !ok || len(secured.ConnectionState().PeerCertificates) == 0 {
		return 0, errors.New("no certificate was shown")
	}
	return secured.ConnectionState().PeerCertificates[0].SerialNumber.Uint64(), nil
}
