package envoy_test

import (
	"encoding/binary"
	"testing"
	"time"
)

// A proxy that pings a quiet connection every second is answered each time; one
// that floods is sent away. The guard is enforcement: under grpc's own policy
// the first proxy is gone after three pings, with no policy the second stays.
func TestPings(t *testing.T) {
	t.Parallel()
	address := serve(t, settings(allowing))
	t.Run("every second", func(t *testing.T) {
		t.Parallel()
		b := dialBare(t, address)
		for i := range 5 {
			time.Sleep(1050 * time.Millisecond)
			b.write(ping(byte(i)))
			if answer, ok := b.until(framePing, 5*time.Second); !ok || answer.payload[0] != byte(i) {
				t.Fatalf("ping %d was not answered", i)
			}
		}
	})
	t.Run("flood", func(t *testing.T) {
		t.Parallel()
		b := dialBare(t, address)
		for i := range 10 {
			b.write(ping(byte(i)))
		}
		bye, ok := b.until(frameGoAway, 5*time.Second)
		if !ok || binary.BigEndian.Uint32(bye.payload[4:]) != enhanceCalm {
			t.Errorf("got %v %v, want a GOAWAY that asks for calm", bye, ok)
		}
	})
}

// An old connection is asked to end, politely: the guard is MaxConnectionAge in
// parameters.
func TestConnectionAge(t *testing.T) {
	t.Parallel()
	s := settings(allowing)
	s.MaxCheck, s.MaxConnectionAge, s.MaxConnectionAgeGrace = 10*time.Millisecond, 100*time.Millisecond, time.Second
	b := dialBare(t, serve(t, s))
	bye, ok := b.until(frameGoAway, 5*time.Second)
	if !ok || binary.BigEndian.Uint32(bye.payload[4:]) != 0 {
		t.Errorf("got %v %v, want a GOAWAY without an error", bye, ok)
	}
	young := dialBare(t, serve(t, settings(allowing)))
	if bye, ok := young.until(frameGoAway, 300*time.Millisecond); ok {
		t.Errorf("without an age: got %v", bye)
	}
}
