package main

import (
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
)

func connect(t *testing.T, address string) *grpc.ClientConn {
	t.Helper()
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return connection
}

func draining(drain string) string {
	return strings.Replace(sound, "  max_checks: 64", "  max_checks: 64\n  drain: "+drain, 1)
}

// TestDrain: from the signal on health is off, and calls are taken until the
// drain is over. Guards: SetServing(false) in service.stop, and service.drain.
func TestDrain(t *testing.T) {
	defer goleak.VerifyNone(t)
	const drain = 500 * time.Millisecond
	r := start(t, write(t, strings.Replace(draining(drain.String()), "127.0.0.1:9001", "127.0.0.1:0", 1)), 1)
	if got := health(t, r.addresses[0]); got != healthv1.HealthCheckResponse_SERVING {
		t.Fatalf("got %s, want SERVING", got)
	}
	asked := time.Now()
	r.stop()
	for !strings.Contains(r.log.text(), `"stopping"`) {
		time.Sleep(time.Millisecond)
	}
	if got := health(t, r.addresses[0]); got != healthv1.HealthCheckResponse_NOT_SERVING {
		t.Errorf("while draining: got %s, want NOT_SERVING", got)
	}
	r.end(t)
	if took := time.Since(asked); took < drain {
		t.Errorf("it ended after %v, before the drain of %v was over", took, drain)
	}
}

// TestStopEndsStreams: a client that watches health, as gRPC's own do, does not
// hold the end up. Guard: the interceptor of envoy's stopping.
func TestStopEndsStreams(t *testing.T) {
	defer goleak.VerifyNone(t)
	r := start(t, write(t, strings.Replace(sound, "127.0.0.1:9001", "127.0.0.1:0", 1)), 1)
	connection, err := grpc.NewClient(r.addresses[0], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	watch, err := healthv1.NewHealthClient(connection).Watch(t.Context(), &healthv1.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := watch.Recv(); err != nil {
		t.Fatal(err)
	}
	asked := time.Now()
	r.end(t)
	if took := time.Since(asked); took > defaultStop/2 {
		t.Errorf("it took %v to end", took)
	}
}

// TestReflection: nobody is told what there is unless the operator says so.
func TestReflection(t *testing.T) {
	for _, c := range []struct {
		name  string
		asked bool
	}{{"not asked for", false}, {"asked for", true}} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(sound, "127.0.0.1:9001", "127.0.0.1:0", 1)
			if c.asked {
				text = strings.Replace(text, "max_checks: 64", "reflection: true", 1)
			}
			r := start(t, write(t, text), 1)
			defer r.end(t)
			services := reflected(t, connect(t, r.addresses[0]))
			if told := strings.Contains(services, "envoy.service.auth.v3.Authorization"); told != c.asked {
				t.Errorf("got services %q", services)
			}
			if said := strings.Contains(r.log.text(), `"reflection":true`); said != c.asked {
				t.Errorf("the log says otherwise:\n%s", r.log.text())
			}
		})
	}
}

// reflected lists services, or nothing where there is no reflection.
func reflected(t *testing.T, connection *grpc.ClientConn) string {
	t.Helper()
	stream, err := reflectionv1.NewServerReflectionClient(connection).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list := &reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{}}
	if err := stream.Send(list); err != nil {
		return ""
	}
	answer, err := stream.Recv()
	if err != nil {
		return ""
	}
	var names []string
	for _, service := range answer.GetListServicesResponse().GetService() {
		names = append(names, service.GetName())
	}
	return strings.Join(names, " ")
}
