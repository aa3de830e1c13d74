package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// asking asks all the time and holds each answer against the versions that may
// have given it: none that was replaced before the request began, and none that
// was not there when it ended.
type asking struct {
	connection    *grpc.ClientConn
	client        authv3.AuthorizationClient
	least, newest atomic.Uint64
	answers       atomic.Int64
	stop          func()

	mu    sync.Mutex
	wrong error
	took  []time.Duration
}

const (
	sides = 4
	// kinds bounds how many requests there are, so that some are remembered.
	kinds = 100
	// askingTime is for a machine that has much else to do.
	askingTime = time.Minute
	// mostTimes bounds what is kept of how long answers took.
	mostTimes = 1 << 16
)

// newAsking asks from some sides until stop, which returns when all have ended.
func newAsking(ctx context.Context, address string) (*asking, error) {
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	a := &asking{connection: connection, client: authv3.NewAuthorizationClient(connection)}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var group sync.WaitGroup
	for side := range sides {
		group.Go(func() {
			for i := side; ctx.Err() == nil; i++ {
				a.keep(a.ask(ctx, paths()[i%len(paths())], strconv.Itoa(i%kinds)))
				time.Sleep(time.Millisecond)
			}
		})
	}
	a.stop = func() { cancel(); group.Wait() }
	return a, nil
}

// next says that a version may decide from now on, only that none before it may.
func (a *asking) next(v version) { a.newest.Store(uint64(v)) }
func (a *asking) only(v version) { a.least.Store(uint64(v)) }

// more waits until every side was answered again.
func (a *asking) more(ctx context.Context) error {
	for goal := a.answers.Load() + sides*int64(len(paths())); a.answers.Load() < goal && ctx.Err() == nil; {
		time.Sleep(time.Millisecond)
	}
	return context.Cause(ctx)
}

// ask gives an error for an answer that no version of that time gives.
func (a *asking) ask(ctx context.Context, path, referer string) (time.Duration, error) {
	least, begun := a.least.Load(), time.Now()
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), askingTime)
	defer cancel()
	answer, err := a.client.Check(bounded, &authv3.CheckRequest{Attributes: &authv3.AttributeContext{
		Request: &authv3.AttributeContext_Request{Http: &authv3.AttributeContext_HttpRequest{
			Method: "GET", Host: "api.example.com", Path: path, Scheme: "https", Protocol: "HTTP/2",
			Headers: map[string]string{"x-api-key": key(path), "referer": referer},
		}},
	}})
	took, newest := time.Since(begun), a.newest.Load()
	if err != nil {
		return took, fmt.Errorf("%s: %w", path, err)
	}
	for v := least; v <= newest; v++ {
		if version(v).gives(path, answer) {
			return took, nil
		}
	}
	return took, fmt.Errorf("%s: versions %d to %d do not answer %v", path, least, newest, answer)
}

func (a *asking) keep(took time.Duration, err error) {
	n := a.answers.Add(1)
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.took) < mostTimes {
		a.took = append(a.took, took)
	} else {
		a.took[n%mostTimes] = took
	}
	if a.wrong == nil {
		a.wrong = err
	}
}

// judge gives the first wrong answer.
func (a *asking) judge() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.wrong != nil {
		return fmt.Errorf("answered wrongly: %w", a.wrong)
	}
	return nil
}

// String tells how long the last answers took.
func (a *asking) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return fmt.Sprintf("%d answers, p50 %s, p99 %s", a.answers.Load(), quantile(a.took, 50), quantile(a.took, 99))
}

func (a *asking) close() error {
	a.stop()
	return errors.Join(a.judge(), a.connection.Close())
}
