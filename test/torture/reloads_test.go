package main

import (
	"fmt"
	"strings"
	"testing"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
)

// TestVersionsChangeOnePartInTurn: between two versions one part changes, or all
// do, and what changes says another thing than before.
func TestVersionsChangeOnePartInTurn(t *testing.T) {
	for v := range version(50) {
		changed := 0
		for p := range partCount {
			switch before, now := v.of(p), (v + 1).of(p); {
			case now == before && v.even(p) == (v+1).even(p):
			case now == uint64(v)+1 && v.even(p) != (v+1).even(p):
				changed++
			default:
				t.Errorf("part %d: from version %d to the next one it goes from %d (%t) to %d (%t)", p, v, before, v.even(p), now, (v + 1).even(p))
			}
		}
		want := 1
		if (v+1)%8 == 0 {
			want = int(partCount)
		}
		if changed != want {
			t.Errorf("from version %d to the next one %d parts change, want %d", v, changed, want)
		}
	}
}

// TestVersionsAreToldApart: no path is answered alike by two versions that its
// part differs in, an answer without a status is nobody's, and nor is one of two
// versions.
func TestVersionsAreToldApart(t *testing.T) {
	denied := func(body string) *authv3.CheckResponse {
		return &authv3.CheckResponse{Status: &status.Status{Code: int32(codes.PermissionDenied)}, HttpResponse: &authv3.CheckResponse_DeniedResponse{
			DeniedResponse: &authv3.DeniedHttpResponse{Body: body},
		}}
	}
	allowed := &authv3.CheckResponse{Status: &status.Status{}, HttpResponse: &authv3.CheckResponse_OkResponse{OkResponse: &authv3.OkHttpResponse{}}}
	for _, c := range []struct {
		name, path string
		version    version
		answer     *authv3.CheckResponse
		gives      bool
	}{
		{"policy and configuration", "/told", 6, denied(`{"config":1,"policy":"5 6"}`), true},
		{"an older rule", "/told", 6, denied(`{"config":1,"policy":"0 6"}`), false},
		{"older data", "/told", 6, denied(`{"config":1,"policy":"5 0"}`), false},
		{"an older configuration", "/told", 6, denied(`{"config":0,"policy":"5 6"}`), false},
		{"told to pass", "/told", 6, allowed, false},
		{"route", "/route", 1, allowed, true},
		{"route that was closed", "/route", 2, allowed, false},
		{"closed route", "/route", 2, denied(`{"config":1,"policy":""}`), true},
		{"closed route that was open", "/route", 1, denied(`{"config":1,"policy":""}`), false},
		{"key", "/key", 2, allowed, true},
		{"key that lost its scope", "/key", 3, allowed, false},
		{"secret", "/secret", 3, allowed, true},
		{"secret that was replaced", "/secret", 4, allowed, false},
		{"all at once", "/secret", 8, allowed, true},
		{"nothing", "/route", 1, &authv3.CheckResponse{}, false},
		{"another path", "/", 1, allowed, false},
	} {
		if got := c.version.gives(c.path, c.answer); got != c.gives {
			t.Errorf("%s: got %t", c.name, got)
		}
	}
}

// TestBreakages: there are at least 50, each by a name of its own, and each has
// something to break in every version.
func TestBreakages(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range breakages() {
		if b.name == "" || b.want == "" || seen[b.name] || b.file == "" && b.ruin == nil {
			t.Errorf("%+v is unnamed, there twice, breaks nothing or wants nothing", b)
		}
		seen[b.name] = true
		for v := range version(16) {
			whole := v.files("unix:/a.sock")
			if err := addCertificate(whole, "a", 1); err != nil {
				t.Fatal(err)
			}
			if files, err := b.files(whole); err != nil || b.ruin == nil && fmt.Sprint(files) == fmt.Sprint(whole) {
				t.Errorf("%s: version %d: %v", b.name, v, err)
			}
		}
	}
	if len(seen) < 50 {
		t.Errorf("%d ways, want at least 50", len(seen))
	}
}

// TestWaits: the judge is red where a Check waits for what is not its own. Each
// red row goes green without the rule in its comment.
func TestWaits(t *testing.T) {
	const flight, gate = "github.com/sallyport-authz/sallyport/authz.(*flights).join", "github.com/sallyport-authz/sallyport/authz.(*Authorizer).current"
	const check, reload = "github.com/sallyport-authz/sallyport/authz.(*Authorizer).Check", "github.com/sallyport-authz/sallyport/cmd/sallyport.(*reloader).accept"
	for _, c := range []struct {
		name              string
		blocked, released []string
		checked           int
		red               bool
	}{
		{"nobody waits", nil, nil, 0, false},
		{"a reload waits", []string{"sync.(*Mutex).Lock", gate, reload}, nil, 0, false},
		{"a Check shares a flight", []string{"sync.(*Mutex).Lock", flight, check}, nil, 1, false},
		{"a list of the standard library", []string{"sync.(*Mutex).Lock", "sync.(*Pool).pinSlow", check}, []string{"sync.(*Mutex).Unlock", "sync.(*Pool).pinSlow", reload}, 0, false},
		// mayWait.
		{"a lock in the way of all", []string{"sync.(*Mutex).Lock", gate, check}, nil, 1, true},
		// held.
		{"a lock that a reload held", []string{"sync.(*Mutex).Lock", flight, check}, []string{"sync.(*Mutex).Unlock", flight, reload}, 1, true},
		// onReload in the stack.
		{"a Check that reloads", []string{"sync.(*Mutex).Lock", flight, reload, check}, nil, 1, true},
	} {
		text := func(kind string, functions []string) string {
			if functions == nil {
				return "--- " + kind + ":\n"
			}
			lines := []string{"--- " + kind + ":", "cycles/second=1", "12 1 @ 0x1 0x2"}
			for _, function := range functions {
				lines = append(lines, "#\t0x1\t"+function+"+0x2f\t/a file.go:12")
			}
			return strings.Join(lines, "\n") + "\n\n"
		}
		checked, err := waits{stacks(text("contention", c.blocked)), stacks(text("mutex", c.released))}.judge()
		if checked != c.checked || (err != nil) != c.red {
			t.Errorf("%s: got %d, %v", c.name, checked, err)
		}
	}
}
