package main

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/admin"
)

// applied is an Applier of one function.
type applied func(context.Context, authz.Mutation) (authz.Applied, error)

func (a applied) Apply(ctx context.Context, _ authz.Act, change authz.Mutation) (authz.Applied, error) {
	return a(ctx, change)
}

// A chase that finds no planted fault proves nothing. Each is an order of commit, tick
// and return that the admin room's Applier does not have, and each is found in every
// contest.
func TestContestsFindWrongOrders(t *testing.T) {
	act := authz.Act{Actor: "torture", Origin: "cli"}
	for _, c := range []struct {
		name  string
		plant fault
		found bool
	}{
		{"commit, tick, return", func(engine authz.Applier, changes *authz.Changes, _ *lateness) authz.Applier {
			return admin.NewApplier(engine, changes)
		}, false},
		{"commit, return", func(engine authz.Applier, _ *authz.Changes, _ *lateness) authz.Applier { return engine }, true},
		{"commit, return, tick", func(engine authz.Applier, changes *authz.Changes, late *lateness) authz.Applier {
			return applied(func(ctx context.Context, change authz.Mutation) (authz.Applied, error) {
				made, err := engine.Apply(ctx, act, change)
				late.put(func() { changes.ApplyAll() })
				return made, err
			})
		}, true},
		{"tick, commit, return", func(engine authz.Applier, changes *authz.Changes, _ *lateness) authz.Applier {
			return applied(func(ctx context.Context, change authz.Mutation) (authz.Applied, error) {
				changes.ApplyAll()
				time.Sleep(soon) // in which somebody remembers what was true before
				return engine.Apply(ctx, act, change)
			})
		}, true},
		{"return, commit, tick", func(engine authz.Applier, changes *authz.Changes, late *lateness) authz.Applier {
			return applied(func(ctx context.Context, change authz.Mutation) (authz.Applied, error) {
				late.put(func() {
					_, _ = admin.NewApplier(engine, changes).Apply(context.WithoutCancel(ctx), act, change)
				})
				return authz.Applied{}, nil
			})
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStadium(t, c.plant)
			for i, kind := range contests() {
				err := s.race(t, i, kind)
				// A refusal of Basic is never remembered, so that a tick too few shows nothing.
				unseen := kind.name == "add a machine that was refused" && c.name != "return, commit, tick"
				if !unseen && (err != nil) != c.found || err != nil && !strings.Contains(err.Error(), "began after the change had returned") {
					t.Errorf("%s: got %v, want a finding %t", kind.name, err, c.found)
				}
			}
		})
	}
}

// A server that refuses for another reason, or is never there, has not made the change.
func TestChaseWantsTheRefusal(t *testing.T) {
	rejected := reply{status: 401, reason: authz.Rejected}
	away := reply{status: 503, reason: authz.Unavailable, retry: "1"}
	for _, c := range []struct {
		name   string
		before reply
		after  reply
		grants bool
		finds  string
	}{
		{"the refusal", reply{status: 200}, rejected, false, ""},
		{"still allowed", reply{status: 200}, reply{status: 200}, false, "began after the change had returned"},
		{"never there", reply{status: 200}, away, false, "began after the change had returned"},
		{"not told when to come back", reply{status: 200}, reply{status: 503, reason: authz.Unavailable}, false, "neither allows nor refuses"},
		{"malformed", reply{status: 200}, reply{status: 400, reason: authz.Malformed}, false, "neither allows nor refuses"},
		{"another reason", reply{status: 200}, reply{status: 401, reason: authz.Unauthenticated}, false, "neither allows nor refuses"},
		{"another status", reply{status: 200}, reply{status: 403, reason: authz.Rejected}, false, "neither allows nor refuses"},
		{"throttled without a slow hash", reply{status: 200}, reply{status: 429, reason: authz.Throttled, retry: "1"}, false, "neither allows nor refuses"},
		{"refused before", rejected, rejected, false, "before the change it is"},
		{"granted", rejected, reply{status: 200}, true, ""},
		{"not granted", rejected, rejected, true, "began after the change had returned"},
		{"granted, and never there", rejected, away, true, "began after the change had returned"},
		{"refused for another reason before a grant", reply{status: 403, reason: authz.NoRoute}, reply{status: 200}, true, "neither allows nor refuses"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var turned atomic.Bool
			race := chase{
				grants: c.grants, refusal: refusal{401, authz.Rejected}, warm: true,
				turn: func(context.Context) error { turned.Store(true); return nil },
				ask: func(context.Context) (reply, error) {
					if turned.Load() {
						return c.after, nil
					}
					return c.before, nil
				},
			}
			err := race.run(t.Context(), &chased{})
			if (err == nil) != (c.finds == "") || err != nil && !strings.Contains(err.Error(), c.finds) {
				t.Errorf("got %v, want %q", err, c.finds)
			}
		})
	}
}

// Of what comes after a change so many may be told to come back, and the rest counts.
func TestChaseWaitsForWhoComesBack(t *testing.T) {
	var asked atomic.Int64
	race := chase{
		refusal: refusal{401, authz.Rejected},
		turn:    func(context.Context) error { return nil },
		ask: func(context.Context) (reply, error) {
			if asked.Add(1) <= mostLater {
				return reply{status: 503, reason: authz.Unavailable, retry: "1"}, nil
			}
			return reply{status: 401, reason: authz.Rejected}, nil
		},
	}
	var seen chased
	if err := race.run(t.Context(), &seen); err != nil || seen.after.Load() < chasers*enough-chasers {
		t.Errorf("got %v, %d afterwards", err, seen.after.Load())
	}
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
