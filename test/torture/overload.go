package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/envoy"
)

// overload asks for more than there are places to decide in (threats.md, T-F1).
func overload() Case {
	return Case{
		Name:  "overload",
		About: "at 2, 5 or 10 times what can be decided, an allow is wrong, an answer is an error, fewer are decided, the shed ones wait, memory grows, or it does not recover",
		Steps: 600,
		Open:  openFlood,
	}
}

// What one listener can decide is set by its places and by a policy that waits,
// as one does for a store: not by the processor, which the client needs too.
const (
	places    = 4
	thinking  = 40 * time.Millisecond
	peak      = int(places * time.Second / thinking)
	envoys    = 200 * time.Millisecond
	longest   = time.Second
	patience  = 5 * time.Second
	grownBy   = 64 << 20
	proxies   = 4
	surgeTime = time.Second
)

// flood is the campaign.
type flood struct {
	server *envoy.Server
	ended  chan error
	surge  surge
	// untimed judges no time.
	untimed bool
	// resident is the process's memory after the first surge.
	resident int64
	last     *toll
}

// unhurried is a policy that waits before it decides.
type unhurried struct{ policy authz.Policy }

// Decide implements authz.Policy.
func (u unhurried) Decide(ctx context.Context, in *authz.Input) (authz.Answer, error) {
	select {
	case <-time.After(thinking):
		return u.policy.Decide(ctx, in)
	case <-ctx.Done():
		return authz.Answer{}, fmt.Errorf("wait: %w", context.Cause(ctx))
	}
}

func openFlood(ctx context.Context, setting Setting) (Campaign, error) {
	f := &flood{ended: make(chan error, 1), untimed: setting.Untimed, surge: surge{lasting: surgeTime, deadline: envoys}}
	var err error
	if f.surge.known, err = plainRequest(map[string]string{keyHeader: theKey}); err != nil {
		return nil, err
	}
	if f.surge.nobody, err = plainRequest(nil); err != nil {
		return nil, err
	}
	address, err := f.serve(ctx)
	if err != nil {
		return nil, err
	}
	for range proxies {
		connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("connect: %w", err), f.Close()) //nolint:contextcheck // closing waits for no Check
		}
		f.surge.connections = append(f.surge.connections, connection)
	}
	return f, nil
}

func plainRequest(headers map[string]string) ([]byte, error) {
	message, err := proto.Marshal(&authv3.CheckRequest{Attributes: &authv3.AttributeContext{
		Source: &authv3.AttributeContext_Peer{},
		Request: &authv3.AttributeContext_Request{Http: &authv3.AttributeContext_HttpRequest{
			Method: "GET", Path: thePath, Host: theHost, Headers: headers,
		}},
	}})
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	return message, nil
}

func (f *flood) serve(ctx context.Context) (string, error) {
	snapshot, err := newFrameSnapshot(ctx)
	if err != nil {
		return "", err
	}
	authorizer, err := authz.NewAuthorizer(authz.Limits{InFlight: places, Timeout: longest, Margin: 20 * time.Millisecond}, time.Now)
	if err != nil {
		return "", fmt.Errorf("make the authorizer: %w", err)
	}
	authorizer.Swap(authz.NewSnapshot(authz.Snapshot{
		Generation: 1, Router: snapshot.Router, Policy: unhurried{snapshot.Policy}, Carriers: snapshot.Carriers,
	}))
	if f.server, err = envoy.NewServer(envoy.Settings{
		Checker: authorizer, Recorder: silent{}, Now: time.Now, NewID: func() string { return "torture" }, MaxCheck: longest,
	}); err != nil {
		return "", fmt.Errorf("make the server: %w", err)
	}
	listener, err := envoy.Listen("127.0.0.1:0") //nolint:contextcheck // binding an address waits for nobody
	if err != nil {
		return "", fmt.Errorf("listen: %w", err)
	}
	go func() { f.ended <- f.server.Serve(listener) }()
	return listener.Addr().String(), nil
}

// Run implements Campaign.
func (f *flood) Run(ctx context.Context, from, to uint64) error {
	return inTurn(ctx, from, to, f.step)
}

// step is one surge. What a busy machine can spoil is a finding only when it is
// found three times in a row; a wrong allow or an error is one at once.
func (f *flood) step(ctx context.Context, number uint64) error {
	factors := []int{2, 5, 10}
	factor := factors[number%uint64(len(factors))]
	f.surge.rate = factor * peak
	var slow error
	for range 3 {
		f.last = f.surge.run(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := f.last.safe(); err != nil {
			return err
		}
		if err := f.recover(ctx); err != nil {
			return err
		}
		if slow = f.last.fast(factor); slow == nil || f.untimed {
			return f.flat()
		}
	}
	return slow
}

// safe is what no machine may spoil.
func (t *toll) safe() error {
	switch {
	case t.wrong > 0:
		return fmt.Errorf("wrong answers: %s", t)
	case len(t.errors) > 0:
		return fmt.Errorf("answered with an error: %w: %s", t.errors[0], t)
	case t.other > 0:
		return fmt.Errorf("odd denials: %s", t)
	default:
		return nil
	}
}

// fast is what a busy machine may (T-G8). Nobody waits in line, so that at twice
// the peak a place is empty now and then; at ten times it never is.
func (t *toll) fast(factor int) error {
	const soon = 5 * time.Millisecond
	least, slowest := peak*80/100, time.Second
	switch factor {
	case 2:
		slowest = 2*thinking + 20*time.Millisecond
	case 10:
		least = peak * 90 / 100
	default:
	}
	switch {
	case t.late > 0:
		return fmt.Errorf("%d times the peak: %d answers came after Envoy's deadline: %s", factor, t.late, t)
	case t.allowed < least*int(surgeTime/time.Second):
		return fmt.Errorf("%d times the peak: %d allowed, want %d: %s", factor, t.allowed, least, t)
	case quantile(t.toAllow, 99) > slowest:
		return fmt.Errorf("%d times the peak: allowed ones wait longer than %s: %s", factor, slowest, t)
	case quantile(t.toShed, 50) > soon:
		return fmt.Errorf("%d times the peak: shed ones wait: %s", factor, t)
	default:
		return nil
	}
}

// recover waits until ten Checks in a row are allowed.
func (f *flood) recover(ctx context.Context) error {
	calm := f.surge
	for end, passed := time.Now().Add(patience), 0; passed < 10; {
		if time.Now().After(end) {
			return errors.New("it does not recover")
		}
		t := &toll{}
		if calm.ask(ctx, 1, t); t.allowed == 1 {
			passed++
		} else {
			passed = 0
		}
	}
	return nil
}

// flat holds the process's memory against what the first surge left.
func (f *flood) flat() error {
	now, err := resident()
	switch {
	case err != nil:
		return err
	case f.resident == 0:
		f.resident = now
		return nil
	case now > f.resident+grownBy:
		return fmt.Errorf("memory grew from %d to %d bytes", f.resident, now)
	default:
		return nil
	}
}

func resident() (int64, error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, fmt.Errorf("read memory: %w", err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read memory: %w", err)
	}
	return pages * int64(os.Getpagesize()), nil
}

// Close implements Campaign.
func (f *flood) Close() error {
	var errs []error
	for _, connection := range f.surge.connections {
		errs = append(errs, connection.Close())
	}
	return errors.Join(append(errs, f.server.Shutdown(context.Background()), <-f.ended)...)
}
