package issuer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

// The paths of what a verifier fetches or asks.
const (
	Discovery     = "/.well-known/openid-configuration"
	JWKS          = "/jwks"
	Introspection = "/token/introspection"
)

// ResourceServer is the client that may ask about tokens. Its secret is secret-of-
// and its name.
const ResourceServer = "shop:api"

// Issuer is a running provider.
type Issuer struct {
	script *mesh.Script
	place  place
	client *http.Client
}

// place is what the program prints when it is ready.
type place struct {
	Issuer  string `json:"issuer"`
	Control string `json:"control"`
	PID     int    `json:"pid"`
}

// callLimit bounds one request to the provider or its control.
const callLimit = 10 * time.Second

// Start runs a provider with one key of each algorithm.
func Start(ctx context.Context) (*Issuer, error) {
	i := &Issuer{client: &http.Client{Timeout: callLimit}}
	var err error
	if i.script, err = mesh.StartScript(ctx, "test/issuer/issuer.mjs", &i.place); err != nil {
		return nil, fmt.Errorf("start issuer: %w", err)
	}
	return i, nil
}

// Stop ends the program.
func (i *Issuer) Stop() error {
	i.client.CloseIdleConnections()
	return i.script.Stop()
}

// URL is the issuer as its tokens name it; it stays the same while it is away.
func (i *Issuer) URL() string { return i.place.Issuer }

// PID is the program's process.
func (i *Issuer) PID() int { return i.place.PID }

// Rotate publishes new keys, which sign from now on, beside the old ones. It
// gives the names of all keys, the newest first.
func (i *Issuer) Rotate(ctx context.Context) ([]string, error) {
	var names []string
	err := i.order(ctx, "rotate", nil, &names)
	return names, err
}

// Retire withdraws all keys but the newest.
func (i *Issuer) Retire(ctx context.Context) ([]string, error) {
	var names []string
	err := i.order(ctx, "retire", nil, &names)
	return names, err
}

// Leave closes the port and all connections: who connects is refused.
func (i *Issuer) Leave(ctx context.Context) error { return i.order(ctx, "leave", nil, nil) }

// Return opens the same port again.
func (i *Issuer) Return(ctx context.Context) error { return i.order(ctx, "return", nil, nil) }

// Fault is how the provider answers at paths that begin with Path: after a
// delay, with a status and body of its own, or never. The zero Fault is none.
type Fault struct {
	Path   string
	Delay  time.Duration
	Hang   bool
	Status int
	Body   string
}

// Fail makes the fault the only one, from now on.
func (i *Issuer) Fail(ctx context.Context, f Fault) error {
	return i.order(ctx, "fail", map[string]any{
		"path": f.Path, "delay": f.Delay.Milliseconds(), "hang": f.Hang, "status": f.Status, "body": f.Body,
	}, nil)
}

// Fetches are the times at which the path was asked for since the start,
// whatever was answered. Nobody sees who asks while the provider is away.
func (i *Issuer) Fetches(ctx context.Context, path string) ([]time.Time, error) {
	var all []struct {
		Path string `json:"path"`
		At   int64  `json:"at"`
	}
	if err := i.order(ctx, "fetches", nil, &all); err != nil {
		return nil, err
	}
	var times []time.Time
	for _, fetch := range all {
		if fetch.Path == path {
			times = append(times, time.UnixMilli(fetch.At))
		}
	}
	return times, nil
}

// order asks the program itself for something, beside its open port.
func (i *Issuer) order(ctx context.Context, name string, settings, result any) error {
	text, err := json.Marshal(settings)
	if err != nil {
		return fmt.Errorf("encode order %s: %w", name, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, i.place.Control+"/"+name, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("make order %s: %w", name, err)
	}
	if err := i.exchange(request, result); err != nil {
		return fmt.Errorf("order issuer to %s: %w", name, err)
	}
	return nil
}

// exchange sends a request and decodes the JSON of its answer.
func (i *Issuer) exchange(request *http.Request, result any) error {
	response, err := i.client.Do(request)
	if err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s: %s", response.Status, body)
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(body, result); err != nil {
		return fmt.Errorf("decode answer: %w", err)
	}
	return nil
}
