package envoy_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/envoy"
)

func door(t *testing.T, most envoy.Bounds) *envoy.Door {
	t.Helper()
	d, err := envoy.NewDoor(most)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDoorBoundsThatAreRefused(t *testing.T) {
	for _, most := range []envoy.Bounds{{Checks: -1}, {Bytes: -1}} {
		if _, err := envoy.NewDoor(most); err == nil {
			t.Errorf("%+v: accepted", most)
		}
	}
}

// holding is a Checker that keeps every Check until it is let go.
type holding struct{ entered, let chan struct{} }

func (h holding) Check(context.Context, *authz.Attributes) authz.Verdict {
	h.entered <- struct{}{}
	<-h.let
	return authz.Verdict{Reason: authz.ByPolicy}
}

func (holding) Refuse(error) authz.Verdict { return authz.Verdict{} }

// Whom the door turns away gets a 503 that fits every client, is counted and
// recorded, and was not read. Guards: both bounds of place.enter; the second row
// goes red without place.weigh's in read.
func TestTurnedAway(t *testing.T) {
	const small, big = 300, 200 << 10
	tests := []struct {
		name string
		most envoy.Bounds
		held int
		size int
	}{
		{"as many Checks as may be", envoy.Bounds{Checks: 3}, 3, small},
		{"as many bytes as are set aside for reading", envoy.Bounds{Bytes: 64<<10 + 2*small}, 2, small},
		{"more bytes than were set aside", envoy.Bounds{Bytes: big + small + 64<<10}, 1, big},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			h := holding{make(chan struct{}, 8), make(chan struct{})}
			letGo := sync.OnceFunc(func() { close(h.let) })
			s := settings(h)
			s.Door = door(t, c.most)
			_, connection := start(t, s)
			whole := encoded(t, request(get(map[string]string{"x-fill": strings.Repeat("a", c.size)})))
			defer letGo()
			var group sync.WaitGroup
			for range c.held {
				group.Go(func() { _, _ = call(t, connection, whole) })
				select {
				case <-h.entered:
				case <-time.After(5 * time.Second):
					t.Fatal("a Check that there is room for was turned away")
				}
			}
			time.AfterFunc(2*time.Second, letGo) // should it be let in
			r, err := call(t, connection, whole)
			if got := denialOf(r); err != nil || got != "14 unavailable 503 [retry-after=1]  " {
				t.Errorf("got %s, %v", got, err)
			}
			events := s.Recorder.(*recorder).all()
			if len(events) != 1 || events[0].DecisionID == "" {
				t.Fatalf("recorded %+v, want one Check", events)
			}
			v := events[0].Verdict
			if v.Reason != authz.Unavailable || v.Status != 503 || v.Body != "" || len(v.Headers) != 1 || v.Trail.Rule != "door" || v.Trail.Cause == nil {
				t.Errorf("recorded %+v, want what was sent and why", v)
			}
			if s.Door.Shed() != 1 {
				t.Errorf("counted %d, want 1", s.Door.Shed())
			}
			letGo()
			group.Wait()
			if checks, bytes := s.Door.Held(); checks != 0 || bytes != 0 {
				t.Errorf("%d Checks and %d bytes are held by nobody", checks, bytes)
			}
		})
	}
}

// A Check that nobody waits for any more is not read: the guard is shortest.
func TestTooLateToRead(t *testing.T) {
	for left, read := range map[time.Duration]bool{-time.Second: false, time.Millisecond: false, time.Minute: true} {
		s := settings(allowing)
		s.Door = door(t, envoy.Bounds{})
		ctx, cancel := context.WithTimeout(t.Context(), left)
		defer cancel()
		bytes, err := envoy.Answer(ctx, s, encoded(t, request(get(nil))))
		if err != nil {
			t.Fatal(err)
		}
		events := s.Recorder.(*recorder).all()
		if allowed := decoded(t, bytes).GetStatus().GetCode() == 0; allowed != read || len(events) != 1 || (events[0].Attributes != nil) != read || (s.Door.Shed() == 0) != read {
			t.Errorf("%s left: allowed %t, recorded %+v, shed %d", left, allowed, events, s.Door.Shed())
		}
	}
}

// A message that is longer than all bytes together is not shut out for ever.
func TestDoorTakesTheLongestAlone(t *testing.T) {
	s := settings(allowing)
	s.Door = door(t, envoy.Bounds{Bytes: 1000})
	_, connection := start(t, s)
	whole := encoded(t, request(get(map[string]string{"x-fill": strings.Repeat("a", 5000)})))
	for range 3 {
		if r, err := call(t, connection, whole); err != nil || r.GetStatus().GetCode() != 0 {
			t.Errorf("got %v, %v; want an allow", r, err)
		}
	}
}

// One who begins a call and never sends the message holds a place for as long as
// a Check may take, and no longer: the guard is bound.
func TestMessageThatNeverComes(t *testing.T) {
	s := settings(allowing)
	s.MaxCheck, s.Door = 300*time.Millisecond, door(t, envoy.Bounds{Checks: 4})
	address := serve(t, s)
	b := dialBare(t, address)
	for i := range uint32(4) {
		b.write(begun(1 + 2*i))
	}
	for checks := 0; checks < 4; checks, _ = s.Door.Held() {
		time.Sleep(time.Millisecond)
	}
	connection := dialGRPC(t, address)
	whole := encoded(t, request(get(nil)))
	if r, err := call(t, connection, whole); err != nil || codes.Code(r.GetStatus().GetCode()) != codes.Unavailable {
		t.Errorf("with the door full: got %v, %v; want a denial", r, err)
	}
	time.Sleep(500 * time.Millisecond)
	if r, err := call(t, connection, whole); err != nil || r.GetStatus().GetCode() != 0 {
		t.Errorf("afterwards: got %v, %v; want an allow", r, err)
	}
}

// A proxy that takes its streams back as soon as it has begun them (rapid reset,
// CVE-2023-44487), and one that never reads, leave nothing behind and keep
// nobody else from being answered.
func TestRudeConnections(t *testing.T) {
	s := settings(allowing)
	s.MaxCheck, s.Door = time.Second, door(t, envoy.Bounds{Checks: 512})
	address := serve(t, s)
	resetting, deaf := dialBare(t, address), dialBare(t, address)
	over := make(chan struct{})
	var group sync.WaitGroup
	whole := encoded(t, request(get(nil)))
	group.Go(func() {
		resetting.flood(over, func(stream uint32) []byte { return append(begun(stream), reset(stream)...) })
	})
	group.Go(func() {
		deaf.flood(over, func(stream uint32) []byte { return append(begun(stream), message(stream, whole)...) })
	})
	connection := dialGRPC(t, address)
	allowed, slowest := 0, time.Duration(0)
	for range 200 {
		began := time.Now()
		r, err := call(t, connection, whole)
		if err != nil {
			t.Fatal(err)
		}
		slowest = max(slowest, time.Since(began))
		if r.GetStatus().GetCode() == 0 {
			allowed++
		}
	}
	close(over)
	group.Wait()
	if allowed < 100 || slowest > 10*time.Second {
		t.Errorf("%d of 200 allowed, the slowest after %v", allowed, slowest)
	}
	_, _ = resetting.Close(), deaf.Close()
	for range 500 {
		if checks, bytes := s.Door.Held(); checks == 0 && bytes == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("Checks are held by nobody")
}
