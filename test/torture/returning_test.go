package main

import (
	"errors"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// Beside returning tokens only who costs a slow hash may be told to come back.
func TestReturningFindsWhoIsTurnedAway(t *testing.T) {
	passes := reply{status: 200}
	away := reply{status: 503, reason: authz.Unavailable, retry: "1"}
	for _, c := range []struct {
		name            string
		token, password streamed
		finds           bool
	}{
		{"all pass", streamed{reply: passes}, streamed{reply: passes}, false},
		{"the password comes back", streamed{reply: passes}, streamed{reply: away}, false},
		{"a token is to come back", streamed{reply: away}, streamed{reply: passes}, true},
		{"the password is not told when", streamed{reply: passes}, streamed{reply: reply{status: 503}}, true},
		{"the password is refused", streamed{reply: passes}, streamed{reply: reply{status: 401}}, true},
		{"a token is refused", streamed{reply: reply{status: 401}}, streamed{reply: passes}, true},
		{"no answer", streamed{err: errors.New("gone")}, streamed{reply: passes}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &pressing{good: []string{"token", "password"}}
			r := &returning{}
			err := r.meanwhile([]streamed{c.token, c.password, c.token}, p.hashed)
			if (err != nil) != c.finds {
				t.Errorf("got %v", err)
			}
			busy := returning{untimed: true}
			if err := busy.meanwhile([]streamed{c.token, c.password}, p.hashed); (err != nil) != (c.finds && c.token.retry == "") {
				t.Errorf("on a busy machine: got %v", err)
			}
			if err == nil && len(r.other) != 2 {
				t.Errorf("%d were timed, want the two that cost no slow hash", len(r.other))
			}
		})
	}
}

// A path that waits for slow hashes, always or now and then, is found by the last of the
// returns that are judged; a busy machine is not.
func TestReturningFindsWhoIsStarved(t *testing.T) {
	const hash = 200 * time.Millisecond
	of := func(usual, tail time.Duration) []time.Duration {
		times := make([]time.Duration, 1000)
		for i := range times {
			if times[i] = usual; i%50 == 0 {
				times[i] = tail
			}
		}
		return times
	}
	idle := of(time.Millisecond, 3*time.Millisecond)
	for _, c := range []struct {
		name  string
		other []time.Duration
		finds bool
	}{
		{"as idle", idle, false},
		{"busy", of(1300*time.Microsecond, 25*time.Millisecond), false},
		{"all wait a little", of(2*time.Millisecond, 3*time.Millisecond), true},
		{"all wait for a hash", of(hash, hash), true},
		{"one in fifty waits for a hash", of(time.Millisecond, hash), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &returning{other: c.other}
			for i := range returns {
				if err := r.judge(idle); (err != nil) != (c.finds && i == returns-1) {
					t.Errorf("return %d: got %v", i, err)
				}
			}
		})
	}
}
