package main

import (
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

const (
	// collectAt is the garbage that may gather, in percent of what is in use. The
	// runtime's own 100 collects more than a hundred times a second where little
	// is in use and much is allocated, which costs a fifth of the CPU.
	collectAt = 400
	// usable is the part of a container's memory that the runtime may fill, in
	// percent. The limit is soft: a surge of large requests was seen to go a tenth
	// above it.
	usable = 80
)

// memory is what the process may use.
type memory struct {
	// limit is where the runtime begins to collect at all costs; 0 is nowhere.
	limit int64
	// percent is collectAt, or 0 where the operator chose.
	percent int
	// from says who set the limit.
	from string
}

// settleMemory leaves it to whoever set GOMEMLIMIT or GOGC, and otherwise takes
// what the container has. The limit is soft: the runtime never refuses memory.
func settleMemory(lookup func(string) (string, bool), root fs.FS) memory {
	_, limited := lookup("GOMEMLIMIT")
	_, collected := lookup("GOGC")
	if limited || collected {
		if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
			return memory{limit: limit, from: "environment"}
		}
		return memory{from: "environment"}
	}
	if limit, ok := containerLimit(root); ok {
		return memory{limit: limit / 100 * usable, percent: collectAt, from: "cgroup"}
	}
	return memory{percent: collectAt, from: "nobody"}
}

// apply is for the whole process.
func (m memory) apply(log *slog.Logger) {
	if m.percent > 0 {
		debug.SetGCPercent(m.percent)
		if m.limit > 0 {
			debug.SetMemoryLimit(m.limit)
		}
	}
	log.Info("memory", "limit", m.limit, "from", m.from, "gc_percent", m.percent)
}

// containerLimit is the least limit of the control groups that the process is
// in, of either version of the kernel's interface.
func containerLimit(root fs.FS) (int64, bool) {
	text, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return 0, false
	}
	least := int64(math.MaxInt64)
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		switch {
		case parts[1] == "":
			least = min(least, leastIn(root, "sys/fs/cgroup", parts[2], "memory.max"))
		case strings.Contains(","+parts[1]+",", ",memory,"):
			least = min(least, leastIn(root, "sys/fs/cgroup/memory", parts[2], "memory.limit_in_bytes"))
		default:
		}
	}
	return least, least < unlimited
}

// unlimited is what version 1 of the interface writes for "none", and beyond any
// machine.
const unlimited = 1 << 56

// leastIn looks at the group and at all above it. In a container that sees its
// own group as the root, the others are not there.
func leastIn(root fs.FS, top, group, file string) int64 {
	least := int64(math.MaxInt64)
	for group = path.Clean("/" + group); ; group = path.Dir(group) {
		if text, err := fs.ReadFile(root, path.Join(top, group, file)); err == nil {
			if limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && limit > 0 {
				least = min(least, limit)
			}
		}
		if group == "/" {
			return least
		}
	}
}

// machine is where the kernel tells about control groups.
func machine() fs.FS { return os.DirFS("/") }
