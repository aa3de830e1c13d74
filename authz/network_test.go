package authz_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
)

func networks(t *testing.T, texts ...string) authz.Networks {
	t.Helper()
	all, err := authz.ParseNetworks(texts)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestNetworksHold(t *testing.T) {
	all := networks(t, "203.0.113.0/24", "2001:db8::/32", "192.0.2.9")
	for address, want := range map[string]bool{
		"203.0.113.9": true, "203.0.113.255": true, "203.0.114.0": false, "::ffff:203.0.113.9": true,
		"2001:db8::1": true, "2001:db9::1": false, "192.0.2.9": true, "192.0.2.8": false, "127.0.0.1": false,
		"": false, "unix:/run/203.0.113.9": false, "203.0.113.9:80": false, " 203.0.113.9": false, "fe80::1%eth0": false,
		"2001:db8::1%eth0": false, "203.0.113.9, 203.0.113.9": false, "203.0.113.09": false, "localhost": false,
	} {
		if got := all.Hold(address); got != want {
			t.Errorf("%q: got %t, want %t", address, got, want)
		}
	}
	if authz.Networks(nil).Hold("203.0.113.9") {
		t.Error("no network holds an address")
	}
}

func TestParseNetworks(t *testing.T) {
	all := networks(t, "203.0.113.0/24", "0.0.0.0/0", "::/0", "192.0.2.9", "2001:db8::1")
	if diff := cmp.Diff(all.Strings(), []string{"203.0.113.0/24", "0.0.0.0/0", "::/0", "192.0.2.9/32", "2001:db8::1/128"}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	for _, text := range []string{
		"", "*", "localhost", "203.0.113.0/33", "203.0.113.9/24", "2001:db8::1/32", "::ffff:203.0.113.0/120", "::ffff:203.0.113.9",
		"fe80::1%eth0", "203.0.113.0/24,192.0.2.0/24", "203.0.113.0/024", "203.0.113/24", " 203.0.113.0/24",
	} {
		if _, err := authz.ParseNetworks([]string{"192.0.2.0/24", text}); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
	if _, err := authz.ParseNetworks([]string{"::ffff:192.0.2.0/120"}); err == nil || !strings.Contains(err.Error(), "write an IPv4 one") {
		t.Errorf("a mapped one: got %v", err)
	}
	if _, err := authz.ParseNetworks(slices.Repeat([]string{"192.0.2.0/24"}, authz.MostNetworks+1)); err == nil {
		t.Error("more than the most were taken")
	}
}

// TestNetwork: who has one address of a /64 has all of it, in every spelling.
func TestNetwork(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1",
		"2001:db8::1": "2001:db8::/64", "2001:DB8:0:0:ffff::2": "2001:db8::/64", "2001:db8:0:1::1": "2001:db8:0:1::/64",
		"fe80::1%eth0": "fe80::/64", "": "", "unix": "", "192.0.2.1:80": "",
	} {
		if got := authz.Network(address); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}

// TestClient (G43): the entries that trusted proxies wrote are counted from the right,
// so that nothing which a client puts in front of them counts.
func TestClient(t *testing.T) {
	const peer = "10.0.0.1"
	for _, test := range []struct {
		name  string
		hops  int
		lines []string
		want  string
	}{
		{"no hop: the header is nobody's word", 0, []string{"203.0.113.9"}, peer},
		{"one", 1, []string{"203.0.113.9"}, "203.0.113.9"},
		{"one, forged in front", 1, []string{"203.0.113.9, 198.51.100.7"}, "198.51.100.7"},
		{"two", 2, []string{"203.0.113.9,10.0.0.7"}, "203.0.113.9"},
		{"two, forged in front", 2, []string{"203.0.113.9, 198.51.100.7 , 10.0.0.7"}, "198.51.100.7"},
		{"two, in two lines", 2, []string{"203.0.113.9, 198.51.100.7", "10.0.0.7"}, "198.51.100.7"},
		{"one, a second line of the client's", 1, []string{"203.0.113.9", "198.51.100.7"}, "198.51.100.7"},
		{"more than twenty in front", 2, []string{strings.Repeat("203.0.113.9, ", 40) + "198.51.100.7, 10.0.0.7"}, "198.51.100.7"},
		{"none", 1, nil, ""},
		{"too few", 2, []string{"203.0.113.9"}, ""},
		{"empty", 1, []string{""}, ""},
		{"an empty entry", 1, []string{"203.0.113.9,"}, ""},
		{"an empty entry before", 2, []string{"203.0.113.9,,10.0.0.7"}, ""},
		{"no address", 1, []string{"203.0.113.9, unknown"}, ""},
		{"a port", 1, []string{"203.0.113.9:4711"}, ""},
		{"mapped", 1, []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
		{"another spelling", 1, []string{"2001:DB8:0:0::1"}, "2001:db8::1"},
		{"a zone", 1, []string{"fe80::1%eth0"}, ""},
		{"below zero", -1, []string{"203.0.113.9"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := request(true)
			a.Peer.Address, a.TrustedHops = peer, test.hops
			for _, line := range test.lines {
				a.Request.Headers.List = append(a.Request.Headers.List, header("x-forwarded-for", line))
			}
			if got := a.Client(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			a.Request = nil
			if got := a.Client(); test.hops != 0 && got != "" {
				t.Errorf("a connection behind hops: got %q, want nobody's", got)
			}
		})
	}
}
