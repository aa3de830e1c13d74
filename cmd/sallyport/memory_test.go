package main

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestSettleMemory: a container's limit is respected, however the kernel tells
// it, and whoever set one of Go's variables is left alone.
func TestSettleMemory(t *testing.T) {
	const mib = 1 << 20
	tests := []struct {
		name  string
		env   string
		files map[string]string
		want  memory
	}{
		{"no control groups", "", nil, memory{0, 400, "nobody"}},
		{"version 2, own namespace", "", map[string]string{
			"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "268435456\n",
		}, memory{256 * mib / 100 * 80, 400, "cgroup"}},
		{"version 2, no limit", "", map[string]string{
			"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n",
		}, memory{0, 400, "nobody"}},
		{"version 2, a parent has less", "", map[string]string{
			"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/memory.max": "1048576\n", "sys/fs/cgroup/memory.max": "9999999\n",
		}, memory{mib / 100 * 80, 400, "cgroup"}},
		{"version 1", "", map[string]string{
			"proc/self/cgroup": "5:cpu,memory:/docker/x\n4:pids:/y\n",
			"sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes": "1048576\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":          "9223372036854771712\n",
		}, memory{mib / 100 * 80, 400, "cgroup"}},
		{"version 1, no limit", "", map[string]string{
			"proc/self/cgroup": "5:memory:/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
		}, memory{0, 400, "nobody"}},
		{"garbage", "", map[string]string{
			"proc/self/cgroup": "x\n0::/\n", "sys/fs/cgroup/memory.max": "-1\n",
		}, memory{0, 400, "nobody"}},
		{"the operator's GOGC", "GOGC", map[string]string{
			"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "268435456\n",
		}, memory{0, 0, "environment"}},
		{"the operator's GOMEMLIMIT", "GOMEMLIMIT", nil, memory{0, 0, "environment"}},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			tree := fstest.MapFS{}
			for name, text := range c.files {
				tree[name] = &fstest.MapFile{Data: []byte(text)}
			}
			lookup := func(name string) (string, bool) { return "x", name == c.env }
			if got := settleMemory(lookup, tree); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// TestDoor: however little memory there is, some messages of the longest kind are
// read at once.
func TestDoorBounds(t *testing.T) {
	const mib = 1 << 20
	tests := []struct {
		name   string
		memory memory
		body   int
		bytes  int64
	}{
		{"nobody set a limit", memory{}, 0, 1 << 30},
		{"a quarter of the limit", memory{limit: 400 * mib}, 0, 100 * mib},
		{"little memory, large bodies", memory{limit: 40 * mib}, 8 * mib, 16 * (8*mib + 64<<10)},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			if got := doorBounds(64, c.body, c.memory); got.Checks != 192 || got.Bytes != c.bytes {
				t.Errorf("got %+v, want 192 Checks and %d bytes", got, c.bytes)
			}
		})
	}
}

// TestMemoryIsSaid: an operator who wonders finds it in the log.
func TestMemoryIsSaid(t *testing.T) {
	r := start(t, write(t, strings.Replace(sound, "127.0.0.1:9001", "127.0.0.1:0", 1)), 1)
	defer r.end(t)
	if !strings.Contains(r.log.text(), `"msg":"memory","limit":`) {
		t.Errorf("not in the log:\n%s", r.log.text())
	}
}
