package mesh

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Envoy is a running proxy.
type Envoy struct {
	process   *process
	admin     string
	listeners map[string]string
}

// StartEnvoy writes the bootstrap into dir and starts an Envoy that is ready,
// with every listener bound.
func StartEnvoy(ctx context.Context, bootstrap []byte, dir string) (*Envoy, error) {
	program, err := envoyProgram()
	if err != nil {
		return nil, err
	}
	config, err := writeBootstrap(bootstrap, dir)
	if err != nil {
		return nil, err
	}
	adminFile := filepath.Join(dir, "admin")
	p, err := launch(program, "-c", config, "--disable-hot-restart", "--concurrency", "1",
		"--admin-address-path", adminFile, "--file-flush-interval-msec", "10", "-l", "warning")
	if err != nil {
		return nil, err
	}
	e := &Envoy{process: p}
	if err := p.ready(ctx, func(ctx context.Context) error { return e.await(ctx, adminFile) }); err != nil {
		return nil, err
	}
	return e, nil
}

// ValidateEnvoy asks Envoy itself whether it would take the bootstrap.
func ValidateEnvoy(ctx context.Context, bootstrap []byte, dir string) error {
	program, err := envoyProgram()
	if err != nil {
		return err
	}
	config, err := writeBootstrap(bootstrap, dir)
	if err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, program, "--mode", "validate", "-c", config).CombinedOutput()
	if err != nil {
		return fmt.Errorf("validate bootstrap: %w:\n%s", err, out)
	}
	return nil
}

func writeBootstrap(bootstrap []byte, dir string) (string, error) {
	config := filepath.Join(dir, "envoy.yaml")
	if err := os.WriteFile(config, bootstrap, 0o600); err != nil {
		return "", fmt.Errorf("write bootstrap: %w", err)
	}
	return config, nil
}

// await polls until Envoy is live. The admin address is written to a file when
// it is known.
func (e *Envoy) await(ctx context.Context, adminFile string) error {
	const pause = 10 * time.Millisecond
	for {
		if address, err := os.ReadFile(adminFile); err == nil && len(address) > 0 {
			e.admin = string(address)
			if body, err := e.ask(ctx, "/ready"); err == nil && strings.HasPrefix(body, "LIVE") {
				return e.findListeners(ctx)
			}
		}
		select {
		case <-e.process.ended:
			return errEnded
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

func (e *Envoy) ask(ctx context.Context, path string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+e.admin+path, http.NoBody)
	if err != nil {
		return "", fmt.Errorf("ask Envoy's admin: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", fmt.Errorf("ask Envoy's admin: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "", fmt.Errorf("ask Envoy's admin: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("ask Envoy's admin: %s: %s", path, response.Status)
	}
	return string(body), nil
}

// listenerStatus is the part of /listeners?format=json that tells ports.
type listenerStatus struct {
	Name         string `json:"name"`
	LocalAddress struct {
		SocketAddress struct {
			Address string `json:"address"`
			Port    int    `json:"port_value"`
		} `json:"socket_address"`
	} `json:"local_address"`
}

func (e *Envoy) findListeners(ctx context.Context) error {
	body, err := e.ask(ctx, "/listeners?format=json")
	if err != nil {
		return err
	}
	var answer struct {
		Statuses []listenerStatus `json:"listener_statuses"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		return fmt.Errorf("read listeners: %w", err)
	}
	e.listeners = map[string]string{}
	for _, s := range answer.Statuses {
		bound := s.LocalAddress.SocketAddress
		e.listeners[s.Name] = net.JoinHostPort(bound.Address, strconv.Itoa(bound.Port))
	}
	return nil
}

// Address is "host:port" of the listener called name, or "".
func (e *Envoy) Address(name string) string { return e.listeners[name] }

// Admin is "host:port" of the admin interface.
func (e *Envoy) Admin() string { return e.admin }

// Stats are Envoy's counters and gauges. A name that is not there counts zero.
func (e *Envoy) Stats(ctx context.Context) (map[string]int64, error) {
	body, err := e.ask(ctx, "/stats")
	if err != nil {
		return nil, err
	}
	stats := map[string]int64{}
	for line := range strings.Lines(body) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if number, err := strconv.ParseInt(value, 10, 64); err == nil {
			stats[name] = number
		}
	}
	if len(stats) == 0 {
		return nil, errors.New("read stats: there are none")
	}
	return stats, nil
}

// Log is the end of what Envoy printed.
func (e *Envoy) Log() string { return e.process.stderr.tail() }

// Stop ends Envoy and waits for it.
func (e *Envoy) Stop() error { return e.process.stop() }
