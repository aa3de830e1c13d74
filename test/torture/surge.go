package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// surge is an open loop: Checks begin at a fixed rate, whatever becomes of those
// before. A closed loop would wait for a slow server and so never overload it.
type surge struct {
	connections []*grpc.ClientConn
	// known may pass, nobody never. Every fourth Check is nobody's.
	known, nobody []byte
	// rate is in Checks a second, deadline what Envoy gives each.
	rate     int
	lasting  time.Duration
	deadline time.Duration
}

// toll is what came of a surge.
type toll struct {
	mu                            sync.Mutex
	began                         int
	allowed, shed, refused, other int
	// errors are gRPC errors, which Envoy may allow; late are answers that did not
	// come before the deadline, as on a machine with too much to do.
	errors      []error
	wrong, late int
	// toAllow and toShed are how long the answers took.
	toAllow, toShed []time.Duration
}

func (s surge) run(ctx context.Context) *toll {
	t := &toll{}
	var group sync.WaitGroup
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for start := time.Now(); ctx.Err() == nil && time.Since(start) < s.lasting; <-ticker.C {
		for due := int(time.Since(start).Seconds() * float64(s.rate)); t.began < due; t.began++ {
			number := t.began
			group.Go(func() { s.ask(ctx, number, t) })
		}
	}
	group.Wait()
	return t
}

func (s surge) ask(ctx context.Context, number int, t *toll) {
	message, known := s.known, number%4 != 0
	if !known {
		message = s.nobody
	}
	ctx, cancel := context.WithTimeout(ctx, s.deadline)
	defer cancel()
	began := time.Now()
	var answer []byte
	connection := s.connections[number%len(s.connections)]
	err := connection.Invoke(ctx, authorizationCheck, &message, &answer, grpc.ForceCodecV2(verbatim{}))
	took := time.Since(began)
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case err == nil:
	case ctx.Err() != nil && status.Code(err) == codes.DeadlineExceeded:
		t.late++
		return
	default:
		t.errors = append(t.errors, err)
		return
	}
	t.count(answer, known, took)
}

func (t *toll) count(answer []byte, known bool, took time.Duration) {
	var response authv3.CheckResponse
	if err := proto.Unmarshal(answer, &response); err != nil || response.GetStatus() == nil {
		t.wrong++
		return
	}
	const shed, refused = 503, 401
	switch code := int(response.GetDeniedResponse().GetStatus().GetCode()); {
	case response.GetStatus().GetCode() == 0 && known:
		t.allowed, t.toAllow = t.allowed+1, append(t.toAllow, took)
	case response.GetStatus().GetCode() == 0:
		t.wrong++
	case code == shed:
		t.shed, t.toShed = t.shed+1, append(t.toShed, took)
	case code == refused && !known:
		t.refused++
	default:
		t.other++
	}
}

// String is one line.
func (t *toll) String() string {
	return fmt.Sprintf("%d began: %d allowed (p50 %s, p99 %s), %d shed (p50 %s, p99 %s), %d refused, %d other, %d errors, %d wrong, %d late",
		t.began, t.allowed, quantile(t.toAllow, 50), quantile(t.toAllow, 99), t.shed, quantile(t.toShed, 50), quantile(t.toShed, 99),
		t.refused, t.other, len(t.errors), t.wrong, t.late)
}

// quantile is the time within which so many of a hundred were answered.
func quantile(times []time.Duration, percent int) time.Duration {
	return percentile(times, percent).Round(time.Microsecond)
}

// percentile is what so many of a hundred are not above.
func percentile[T cmp.Ordered](values []T, percent int) (at T) {
	if len(values) == 0 {
		return at
	}
	sorted := slices.Sorted(slices.Values(values))
	const hundred = 100
	return sorted[min(len(sorted)*percent/hundred, len(sorted)-1)]
}
