package system_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/echo"
	"github.com/sallyport-authz/sallyport/test/mesh"
)

// TestRecordFileIsRotated does to a real Sallyport's file what logrotate does,
// without a signal: every request is in one of the files, and no line is torn.
// Guards: File.follow and the order of writes.
func TestRecordFileIsRotated(t *testing.T) {
	file := filepath.Join(t.TempDir(), "records")
	w := beginWith(t, wire, wireEnvoy, "policies:\n", "decision_log: {to: 'file:"+file+"'}\npolicies:\n")
	asked := 0
	ask := func() {
		for range 20 {
			refused(t, w.ask(t, "raw", get(host, "/key")), 401, `{"code":"unauthenticated"}`)
			asked++
		}
		for deadline := time.Now().Add(5 * time.Second); countRecords(t, file)%20 != 0 || countRecords(t, file) == 0; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%d records in the file, want the last twenty too", countRecords(t, file))
			}
		}
	}
	ask()
	must(t, os.Rename(file, file+".1"))
	ask()
	must(t, os.Rename(file, file+".2"))
	must(t, os.WriteFile(file, nil, 0o600))
	ask()
	must(t, w.sallyport.Stop())
	if got := countRecords(t, file) + countRecords(t, file+".1") + countRecords(t, file+".2"); got != asked {
		t.Errorf("%d records in three files, want %d", got, asked)
	}
	if len(w.sallyport.Records()) != 0 {
		t.Error("stdout has records too")
	}
}

func countRecords(t *testing.T, file string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if !json.Valid([]byte(line)) {
			t.Fatalf("%s: torn line %q", file, line)
		}
	}
	return strings.Count(string(text), "\n")
}

// TestNobodyReadsStdout: a collector that dies must not take the service with it.
// The guard is outliveReaders: without it the first record ends the process.
func TestNobodyReadsStdout(t *testing.T) {
	config, err := mesh.Configure(wire, filepath.Join(short(t), "c"))
	if err != nil {
		t.Fatal(err)
	}
	program := exec.Command(os.Getenv("SALLYPORT"), "serve", "--config", config)
	stdout, err := program.StdoutPipe()
	must(t, err)
	stderr, err := program.StderrPipe()
	must(t, err)
	must(t, program.Start())
	log := bufio.NewScanner(stderr)
	address := ""
	for address == "" && log.Scan() {
		var line struct{ Msg, Address string }
		if json.Unmarshal(log.Bytes(), &line) == nil && line.Msg == "serving" && !strings.Contains(line.Address, "/") {
			address = line.Address
		}
	}
	must(t, stdout.Close())
	upstream, err := echo.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, upstream.Close()) })
	text, err := mesh.Bootstrap(openEnvoy, mesh.Places{Clusters: map[string]string{"authz": address, "echo": upstream.Web()}})
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := mesh.StartEnvoy(context.WithoutCancel(t.Context()), text, short(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, proxy.Stop()) })
	for range 5 {
		refused(t, sendHTTP1(t, proxy.Address("open"), get(host, "/key")), 401, `{"code":"unauthenticated"}`)
		time.Sleep(10 * time.Millisecond)
	}
	must(t, program.Process.Signal(syscall.SIGTERM))
	told := ""
	for log.Scan() {
		told += log.Text() + "\n"
	}
	must(t, program.Wait())
	if !strings.Contains(told, "decision records cannot be written") || !strings.Contains(told, `"dropped":5`) {
		t.Errorf("the log does not tell that five records are lost:\n%s", told)
	}
}
