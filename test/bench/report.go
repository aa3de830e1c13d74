package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// The names of the targets.
const (
	noopName   = "noop"
	tunedName  = "noop-tuned"
	cachedName = "cached"
	coldName   = "uncached"
)

// figures are the lines of the result, all of them from one run.
func figures(results map[string][]measured) []figure {
	r := result(results)
	lines := []figure{
		r.ratio(cachedName, noopName), r.ratio(coldName, noopName),
		r.ratio(cachedName, tunedName), r.ratio(coldName, tunedName), r.ratio(tunedName, noopName),
		r.ratio(cachedName, coldName),
	}
	for _, name := range []string{cachedName, coldName, noopName, tunedName} {
		lines = append(lines, r.figure("CPU us/check", name, func(m measured) float64 { return m.cpu }))
	}
	lines = append(lines,
		r.figure("hits, share", cachedName, func(m measured) float64 { return m.hits }),
		r.figure("hits, share", coldName, func(m measured) float64 { return m.hits }))
	for _, name := range []string{cachedName, coldName, noopName, tunedName} {
		lines = append(lines, r.figure("allocations/check", name, func(m measured) float64 { return m.objects }))
	}
	for _, name := range []string{cachedName, coldName, noopName, tunedName} {
		lines = append(lines, r.figure("checks/s", name, func(m measured) float64 { return m.rate }))
	}
	return slices.DeleteFunc(lines, func(f figure) bool { return f.rounds == 0 })
}

// result is what every window told, by target.
type result map[string][]measured

func (r result) values(name string, of func(measured) float64) []float64 {
	var values []float64
	for _, m := range r[name] {
		values = append(values, of(m))
	}
	return values
}

func (r result) figure(what, name string, of func(measured) float64) figure {
	return newFigure(name+" "+what, r.values(name, of))
}

func (r result) ratio(over, under string) figure {
	cpu := func(m measured) float64 { return m.cpu }
	return newFigure(over+"/"+under, ratios(r.values(over, cpu), r.values(under, cpu)))
}

// printMethod says what was measured, how and where.
func printMethod(out io.Writer, o options, frames []*frame) {
	encoding := "headers (Envoy's default, joined)"
	if o.raw {
		encoding = "header_map (encode_raw_headers)"
	}
	fmt.Fprintf(out, "# server CPU a Check by the process's own clock; %d interleaved windows of %s, their order rotates; median min max\n", o.windows, o.window)
	fmt.Fprintf(out, "# client: another process, %d connections x %d streams, closed loop, %d callers x %d paths, %d bytes a Check, %d headers as %s, an ES256 JWT of %d bytes\n",
		o.connections, o.streams, callers, paths, len(frames[0].bytes), len(headers("", "")), encoding, tokenBytes)
	fmt.Fprintf(out, "# noop: grpc-go's generated server, OK with three headers, its defaults; noop-tuned: our server options, GOGC %d\n", sallyportCollectsAt)
	fmt.Fprintf(out, "# sallyport: the program, decision log to a file, metrics on; uncached: the same with cache: {off: true}\n")
	fmt.Fprintf(out, "# %s, grpc %s, %s/%s, %d cores, %s, load %s\n", runtime.Version(), module("google.golang.org/grpc"), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), processor(), load())
}

// module is the version of a module that this program was built with.
func module(path string) string {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return "unknown"
	}
	for _, m := range info.Deps {
		if m.Path == path {
			return m.Version
		}
	}
	return "unknown"
}

func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

// load is the machine's own word on what else runs: 1, 5 and 15 minutes.
func load() string {
	text, _ := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(text))
	return strings.Join(fields[:min(3, len(fields))], " ")
}

// printFigures writes one line a figure.
func printFigures(out io.Writer, lines []figure) {
	for _, f := range lines {
		fmt.Fprintln(out, f)
	}
	fmt.Fprintf(out, "# load at the end %s\n", load())
}
