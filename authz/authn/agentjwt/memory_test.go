package agentjwt_test

import (
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz/authn/agentjwt"
)

// step is one use of an id: at seconds from noon, of a token signed at others. want is
// "", "replay" or "unknown".
type step struct {
	agent, id  string
	signed, at int
	want       string
}

func outcome(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, agentjwt.ErrReplay):
		return "replay"
	default:
		return "unknown"
	}
}

func at(seconds int) time.Time { return noon().Add(time.Duration(seconds) * time.Second) }

// TestMemory: an id is good once for an agent, and forgotten only when no settings accept
// its token any more.
func TestMemory(t *testing.T) {
	for _, row := range []struct {
		name  string
		most  int
		steps []step
	}{
		{"once", 100, []step{{"a", "1", 0, 0, ""}, {"a", "1", 0, 0, "replay"}, {"a", "1", 0, 59, "replay"}}},
		{"each agent's own", 100, []step{{"a", "1", 0, 0, ""}, {"b", "1", 0, 0, ""}, {"a", "2", 0, 0, ""}, {"b", "1", 0, 0, "replay"}}},
		{"where the agent's id ends", 100, []step{{"a", "bc", 0, 0, ""}, {"ab", "c", 0, 0, ""}, {"", "abc", 0, 0, ""}}},
		{"in a token that was signed later", 100, []step{{"a", "1", 0, 0, ""}, {"a", "1", 30, 30, "replay"}, {"a", "1", 59, 59, "replay"}, {"a", "1", 60, 60, ""}}},
		{"of a token that is too old", 100, []step{{"a", "1", 0, 59, ""}, {"a", "2", 0, 60, "unknown"}}},
		{"forgotten, and too old at once", 100, []step{{"a", "1", 0, 0, ""}, {"b", "1", 60, 60, ""}, {"a", "1", 0, 60, "unknown"}}},
		{"a clock that was set back", 100, []step{{"a", "1", 0, 0, ""}, {"b", "1", 100, 100, ""}, {"a", "1", 0, 0, "unknown"}, {"a", "3", 50, 50, ""}, {"b", "1", 100, 50, "replay"}}},
		{"before the process", 100, []step{{"a", "1", -3600, -3600, ""}, {"a", "2", -3601, -3600, "unknown"}}},
		{"again, and remembered again", 100, []step{{"a", "1", 0, 0, ""}, {"a", "1", 60, 60, ""}, {"a", "1", 60, 61, "replay"}}},
		{"full", 2, []step{{"a", "1", 0, 0, ""}, {"b", "1", 10, 10, ""}, {"c", "1", 10, 10, "unknown"}, {"a", "1", 0, 59, "replay"}, {"c", "1", 60, 60, ""}, {"c", "2", 60, 60, "unknown"}}},
		{"an agent's share", 16, []step{{"a", "1", 0, 0, ""}, {"a", "2", 1, 1, ""}, {"a", "3", 1, 1, "unknown"}, {"b", "1", 1, 1, ""}, {"a", "3", 60, 60, ""}, {"a", "4", 60, 60, "unknown"}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := newMemory(row.most)
			for i, s := range row.steps {
				if got := outcome(agentjwt.Use(m, s.agent, s.id, at(s.signed), at(s.at))); got != s.want {
					t.Errorf("step %d: got %q, want %q", i+1, got, s.want)
				}
			}
		})
	}
}

// TestMemoryBegins: nothing is known of what was used before a Memory was asked, to the
// second that tokens name; nobody can begin it anew.
func TestMemoryBegins(t *testing.T) {
	m := agentjwt.NewMemory(100)
	if got := outcome(agentjwt.Use(m, "a", "1", noon(), noon())); got != "unknown" {
		t.Errorf("before it began: %q", got)
	}
	agentjwt.Begin(m, noon().Add(900*time.Millisecond))
	agentjwt.Begin(m, noon().Add(-time.Hour))
	for signed, want := range map[int]string{-1: "unknown", 0: "", 1: ""} {
		if got := outcome(agentjwt.Use(m, "b", fmt.Sprint(signed), at(signed), at(1))); got != want {
			t.Errorf("signed at %d: got %q, want %q", signed, got, want)
		}
	}
}

// TestMemoryAtOnce: of uses at the same moment exactly one is the first. Guard: the mutex
// in use.
func TestMemoryAtOnce(t *testing.T) {
	const ids, rivals = 20_000, 8
	m := newMemory(ids * 8)
	var firsts atomic.Int64
	var group sync.WaitGroup
	for range rivals {
		group.Go(func() {
			for i := range ids {
				if agentjwt.Use(m, "a", strconv.Itoa(i), noon(), at(i%2)) == nil {
					firsts.Add(1)
				}
			}
		})
	}
	group.Wait()
	if firsts.Load() != ids {
		t.Errorf("%d uses of %d ids were the first", firsts.Load(), ids)
	}
}

// TestMemoryKeepsNoToken: what is remembered is no part of the token that said it. Guard:
// strings.Clone.
func TestMemoryKeepsNoToken(t *testing.T) {
	const ids, size = 4000, 8 << 10
	m := newMemory(ids * 8)
	heap := func() uint64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before := heap()
	for i := range ids {
		token := fmt.Sprintf("%08d", i) + strings.Repeat("x", size)
		if err := agentjwt.Use(m, token[:8], token[:4], noon(), noon()); err != nil {
			t.Fatal(err)
		}
	}
	if grown := int64(heap()) - int64(before); grown > ids*size/4 {
		t.Errorf("%d bytes more are held for %d ids", grown, ids)
	}
	runtime.KeepAlive(m)
}

// TestMemoryIsGivenBack: what is forgotten takes no place, also of an agent that never
// comes again.
func TestMemoryIsGivenBack(t *testing.T) {
	m := newMemory(1000)
	for second := range 1000 {
		for i := range 3 {
			agent := fmt.Sprintf("agent-%d-%d", second, i%2)
			if err := agentjwt.Use(m, agent, fmt.Sprint(i), at(second+i*5), at(second)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if ids, agents := agentjwt.Held(m); ids > 3*71 || agents > 2*71 {
		t.Errorf("%d ids of %d agents are held", ids, agents)
	}
	if err := agentjwt.Use(m, "last", "1", at(5000), at(5000)); err != nil {
		t.Fatal(err)
	}
	if ids, agents := agentjwt.Held(m); ids != 1 || agents != 1 {
		t.Errorf("%d ids of %d agents are held, want the last", ids, agents)
	}
}
