package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

const (
	// profileVariable is read by the compiled tests of cmd/sallyport.
	profileVariable = "SALLYPORT_PPROF"
	profileTime     = 10 * time.Second
)

// profile writes cpu.pprof and allocs.pprof of a Sallyport that answers cached
// Checks. The program has no door for this: what runs is the compiled tests of
// cmd/sallyport, which act as the program under its name.
func profile(ctx context.Context, o options, out io.Writer) (err error) {
	w, err := newWorld()
	if err != nil {
		return err
	}
	w.cached = !o.cold
	frames, err := makeFrames(w.callers, o.raw)
	if err != nil {
		return err
	}
	program, err := buildProfiled(ctx, o.dir)
	if err != nil {
		return err
	}
	socket := filepath.Join(o.dir, "pprof.sock")
	if err := os.Setenv(profileVariable, socket); err != nil {
		return fmt.Errorf("name the socket: %w", err)
	}
	server, err := startSallyport(ctx, program, filepath.Join(o.dir, cachedName), w)
	if err != nil {
		return err
	}
	right, err := rightSallyport(w.callers)
	if err != nil {
		return errors.Join(err, server.stop())
	}
	t := &target{name: cachedName, process: server, right: right}
	defer func() { err = errors.Join(err, t.close()) }()
	if err := t.connect(o.connections); err != nil {
		return err
	}
	p := plan{frames: frames, streams: o.streams}
	if err := warm(t, p, o); err != nil {
		return err
	}
	return t.profile(ctx, p, profiles{socket, o.profile}, out)
}

// profiles are fetched from a socket into a folder.
type profiles struct{ socket, folder string }

// profile drives the target while its CPU is sampled.
func (t *target) profile(ctx context.Context, p plan, files profiles, out io.Writer) error {
	driven := make(chan error, 1)
	go func() {
		_, err := t.drive(p, profileTime+time.Second)
		driven <- err
	}()
	seconds := fmt.Sprintf("/profile?seconds=%d", int(profileTime.Seconds()))
	if err := files.fetch(ctx, seconds, "cpu.pprof"); err != nil {
		return errors.Join(err, <-driven)
	}
	if err := errors.Join(files.fetch(ctx, "/allocs", "allocs.pprof"), <-driven); err != nil {
		return err
	}
	fmt.Fprintf(out, "go tool pprof -top %s\n", filepath.Join(files.folder, "cpu.pprof"))
	return nil
}

func (f profiles) fetch(ctx context.Context, path, name string) (err error) {
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, "unix", f.socket)
	}}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://profiles"+path, http.NoBody)
	if err != nil {
		return fmt.Errorf("fetch %s: %w", name, err)
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("fetch %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return fmt.Errorf("fetch %s: status %d, %w", name, response.StatusCode, err)
	}
	if err := os.MkdirAll(f.folder, 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	if err := os.WriteFile(filepath.Join(f.folder, name), text, 0o600); err != nil {
		return fmt.Errorf("keep profile: %w", err)
	}
	return nil
}

func buildProfiled(ctx context.Context, dir string) (string, error) {
	root, err := mesh.Root()
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "sallyport")
	build := exec.CommandContext(ctx, "go", "test", "-c", "-o", program, "./cmd/sallyport")
	build.Dir = root
	if printed, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the tests of sallyport: %w:\n%s", err, printed)
	}
	return program, nil
}
