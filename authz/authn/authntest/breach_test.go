package authntest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
)

// breach is a broken subject with the clause that it breaks.
type breach struct {
	name   string
	suite  authntest.Suite
	clause string
}

func TestSuiteFindsBadTraits(t *testing.T) {
	runBreaches(t, []breach{
		{"no valid value", authntest.Suite{New: headerSuite().New, Valid: []string{""}}, "samples"},
		{"claims without carrier", breaking(func(s *authntest.Subject) { s.Traits.Carriers = nil }), "traits"},
		{"carrier not read", breaking(func(s *authntest.Subject) { s.Traits.Reads = nil }), "traits"},
		{"reuse unknown", breaking(func(s *authntest.Subject) { s.Traits.Reuse = 7 }), "traits"},
		{"prefix of nothing", breaking(func(s *authntest.Subject) { s.Traits.Claims = []authz.Claim{{Shape: authz.ShapePrefix}} }), "traits"},
		{"read for nothing", breaking(func(s *authntest.Subject) {
			s.Traits.Reads = append(authz.Reads{authz.FieldBody}, s.Traits.Reads...)
		}), "declared fields can matter"},
	})
}

func TestSuiteFindsBadExtract(t *testing.T) {
	runBreaches(t, []breach{
		{"absence is malformed", extracting(func(_ *authz.Attributes, c authz.Credential, err error) (authz.Credential, error) {
			if errors.Is(err, authz.ErrAbsent) {
				return c, authz.ErrMalformed
			}
			return c, err
		}), "nothing presented is absent"},
		{"malformed passes", extracting(func(_ *authz.Attributes, c authz.Credential, err error) (authz.Credential, error) {
			if errors.Is(err, authz.ErrMalformed) {
				return authz.Credential{Value: authz.NewSecret("malformed-value")}, nil
			}
			return c, err
		}), "each value ends as listed"},
		{"attributes changed", breaking(changeMethod), "attributes stay as they were"},
		{"secret as name", extracting(func(_ *authz.Attributes, c authz.Credential, err error) (authz.Credential, error) {
			c.Name = c.Value.Reveal()
			return c, err
		}), "secrets never show"},
	})
}

func TestSuiteFindsLeaks(t *testing.T) {
	runBreaches(t, []breach{
		{"secret in error", authenticating(func(_ context.Context, c authz.Credential, caller authz.Caller, err error) (authz.Caller, error) {
			if err != nil {
				return caller, fmt.Errorf("key %s: %w", c.Value.Reveal(), err)
			}
			return caller, nil
		}), "secrets never show"},
		{"secret in caller", authenticating(func(_ context.Context, c authz.Credential, caller authz.Caller, err error) (authz.Caller, error) {
			if err == nil {
				caller.TokenID = c.Value.Reveal()
			}
			return caller, err
		}), "secrets never show"},
	})
}

func TestSuiteFindsBadAuthenticate(t *testing.T) {
	runBreaches(t, []breach{
		{"everything valid", authenticating(func(context.Context, authz.Credential, authz.Caller, error) (authz.Caller, error) {
			return authz.Caller{Subject: "ada"}, nil
		}), "each value ends as listed"},
		{"outage is a rejection", authenticating(func(_ context.Context, _ authz.Credential, caller authz.Caller, err error) (authz.Caller, error) {
			if err != nil {
				err = authz.ErrRejected
			}
			return caller, err
		}), "each value ends as listed"},
		{"two sentinels", authenticating(func(_ context.Context, _ authz.Credential, caller authz.Caller, err error) (authz.Caller, error) {
			if errors.Is(err, authz.ErrRejected) {
				err = errors.Join(err, authz.ErrMalformed)
			}
			return caller, err
		}), "each value ends as listed"},
		{"absent despite a carrier", lateAbsence(), "each value ends as listed"},
		{"caller beside an error", authenticating(func(_ context.Context, _ authz.Credential, _ authz.Caller, err error) (authz.Caller, error) {
			return authz.Caller{Subject: "ada"}, err
		}), "each value ends as listed"},
		{"kind filled in", authenticating(func(_ context.Context, _ authz.Credential, caller authz.Caller, err error) (authz.Caller, error) {
			if err == nil {
				caller.Kind = "fake"
			}
			return caller, err
		}), "each value ends as listed"},
		{"ended context rejects", authenticating(func(ctx context.Context, _ authz.Credential, caller authz.Caller, err error) (authz.Caller, error) {
			if ctx.Err() != nil {
				return authz.Caller{}, authz.ErrRejected
			}
			return caller, err
		}), "an ended context makes nothing bad"},
		{"address decides", authenticating(func(_ context.Context, c authz.Credential, caller authz.Caller, err error) (authz.Caller, error) {
			if c.Address != authntest.Full().Peer.Address {
				return authz.Caller{}, authz.ErrRejected
			}
			return caller, err
		}), "undeclared fields change nothing"},
		{"second use differs", breaking(countUses), "same twice"},
	})
}

func runBreaches(t *testing.T, breaches []breach) {
	t.Helper()
	for _, b := range breaches {
		t.Run(b.name, func(t *testing.T) { wantBreach(t, authntest.Check(t, b.suite), b.clause) })
	}
}

// changeMethod writes to the attributes, under a lock so that the race detector
// leaves it to the suite.
func changeMethod(s *authntest.Subject) {
	var lock sync.Mutex
	s.Authenticator = bad{
		Authenticator: s.Authenticator,
		extract: func(a *authz.Attributes, c authz.Credential, err error) (authz.Credential, error) {
			lock.Lock()
			defer lock.Unlock()
			if a.Request != nil {
				a.Request.Method = "PUT"
			}
			return c, err
		},
	}
}

// lateAbsence lists as absent what only Authenticate finds to be so, which a
// kind with a carrier may not: its carrier is there.
func lateAbsence() authntest.Suite {
	const stranger = "stranger-value"
	s := authenticating(func(_ context.Context, c authz.Credential, caller authz.Caller, err error) (authz.Caller, error) {
		if c.Value.Reveal() == stranger {
			return authz.Caller{}, authz.ErrAbsent
		}
		return caller, err
	})
	s.Absent = []string{stranger}
	return s
}

// countUses makes every caller another one, though reuse is allowed.
func countUses(s *authntest.Subject) {
	uses := make(chan int, 1)
	uses <- 0
	s.Authenticator = bad{
		Authenticator: s.Authenticator,
		authenticate: func(_ context.Context, _ authz.Credential, caller authz.Caller, err error) (authz.Caller, error) {
			n := <-uses + 1
			uses <- n
			if err == nil {
				caller.User = fmt.Sprint(n)
			}
			return caller, err
		},
	}
}

func wantBreach(t *testing.T, err error, clause string) {
	t.Helper()
	if err == nil || !strings.Contains("\n"+err.Error(), "\n"+clause) {
		t.Errorf("got %v, want a breach of %q", err, clause)
	}
}
