package outbound_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz/outbound"
)

// TestInside is T-C9: whatever a URL calls a server of ours, and whatever its name
// resolves to, the server sees no connection. Each row that has a name goes red
// without dialer.connect's ControlContext, the others without target or checkHost.
func TestInside(t *testing.T) {
	secret := newTrap(t, "127.0.0.1:0", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("inside")) })
	secret.StartTLS()
	addresses := resolver(t, map[string][]string{
		"inside.test": {"127.0.0.1"}, "mapped.test": {"::ffff:127.0.0.1"}, "six.test": {"::1"},
		"both.test": {"127.0.0.1 ::1"}, "nothing.test": {"0.0.0.0 ::"}, "localhost.test": {"127.0.0.2"},
	})
	c := client(t, outbound.Settings{Timeout: 3 * time.Second, MaxBytes: 100, Resolver: addresses})
	for _, row := range []struct {
		host string
		want error
	}{
		{"127.0.0.1", outbound.ErrAddress},
		{"127.1", outbound.ErrURL},
		{"127.0.1", outbound.ErrURL},
		{"0x7f000001", outbound.ErrURL},
		{"0X7F.0.0.1", outbound.ErrURL},
		{"127.0.0.0x1", outbound.ErrURL},
		{"2130706433", outbound.ErrURL},
		{"017700000001", outbound.ErrURL},
		{"0177.0.0.1", outbound.ErrURL},
		{"127.0.0.01", outbound.ErrURL},
		{"127.0.0.1.", outbound.ErrURL},
		{"127.0.0.1%00", outbound.ErrURL},
		{"１２７.0.0.1", outbound.ErrURL},
		{"①②⑦.⓪.⓪.①", outbound.ErrURL},
		{"127。0。0。1", outbound.ErrURL},
		{"0", outbound.ErrURL},
		{"0.0.0.0", outbound.ErrAddress},
		{"[::]", outbound.ErrAddress},
		{"[::1]", outbound.ErrAddress},
		{"[0:0:0:0:0:0:0:1]", outbound.ErrAddress},
		{"[::1%25lo]", outbound.ErrAddress},
		{"[2606:4700::1111%25lo]", outbound.ErrAddress},
		{"[127.0.0.1]", outbound.ErrURL},
		{"[::ffff:127.0.0.1]", outbound.ErrAddress},
		{"[::ffff:7f00:1]", outbound.ErrAddress},
		{"[0:0:0:0:0:ffff:7f00:1]", outbound.ErrAddress},
		{"[::127.0.0.1]", outbound.ErrAddress},
		{"[::ffff:0:127.0.0.1]", outbound.ErrAddress},
		{"[64:ff9b::7f00:1]", outbound.ErrAddress},
		{"[2002:7f00:1::]", outbound.ErrAddress},
		{"localhost", outbound.ErrAddress},
		{"inside.test", outbound.ErrAddress},
		{"INSIDE.test", outbound.ErrAddress},
		{"mapped.test", outbound.ErrAddress},
		{"six.test", outbound.ErrAddress},
		{"both.test", outbound.ErrAddress},
		{"nothing.test", outbound.ErrAddress},
		{"localhost.test", outbound.ErrAddress},
		{"example.com@127.0.0.1", outbound.ErrURL},
		{"unknown.test", outbound.ErrUnreachable},
	} {
		t.Run("T-C9/"+row.host, func(t *testing.T) {
			if _, err := c.Get(t.Context(), "https://"+row.host+":"+secret.port()+"/"); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
			if n := secret.connections.Load(); n != 0 {
				t.Errorf("%d connections inside", n)
			}
		})
	}
}

// TestRebinding: each connection's address is judged, not the name's first one.
func TestRebinding(t *testing.T) {
	outside := newTrap(t, "127.0.0.1:0", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		_, _ = w.Write([]byte("outside"))
	})
	outside.StartTLS()
	inside := newTrap(t, "127.0.0.2:"+outside.port(), func(http.ResponseWriter, *http.Request) {})
	inside.StartTLS()
	s := open(t, outside)
	s.Resolver = resolver(t, map[string][]string{"example.com": {"127.0.0.1", "127.0.0.2"}})
	c, url := client(t, s), "https://example.com:"+outside.port()+"/"
	if body, err := c.Get(t.Context(), url); err != nil || string(body) != "outside" {
		t.Fatalf("got %q, %v, want what is outside", body, err)
	}
	if _, err := c.Get(t.Context(), url); !errors.Is(err, outbound.ErrAddress) {
		t.Errorf("got %v, want %v", err, outbound.ErrAddress)
	}
	if n := inside.connections.Load(); n != 0 {
		t.Errorf("%d connections inside", n)
	}
}

// TestSpecial asks for a name with each address, so that the judgement on the
// socket is what refuses it, and tells what it is. An address goes red without its
// network in specials.
func TestSpecial(t *testing.T) {
	for _, row := range []struct{ what, addresses string }{
		{"a metadata service", "169.254.169.254 169.254.170.2 169.254.170.23 169.254.42.42 169.254.0.23 100.100.100.200 168.63.129.16 192.0.0.192 fd00:ec2::254 fd00:ec2::23 fd20:ce::254 fd00:c1::a9fe:a9fe fd00:42::42"},
		{"loopback", "127.0.0.1 127.255.255.255 ::1"},
		{"unspecified", "0.0.0.0 0.1.2.3 ::"},
		{"private", "10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 fc00::1 fdff:ffff::1"},
		{"shared by carriers", "100.64.0.1 100.127.255.255"},
		{"link-local", "169.254.0.1 fe80::1 febf::1"},
		{"multicast", "224.0.0.1 239.255.255.255 ff02::1"},
		{"broadcast", "255.255.255.255"},
		{"for documentation", "192.0.2.1 198.51.100.1 203.0.113.1 2001:db8::1 3fff::1"},
		{"for benchmarks", "198.18.0.1 198.19.255.255 2001:2::1"},
		{"reserved", "192.0.0.1 192.31.196.1 192.52.193.1 192.88.99.1 192.175.48.1 240.0.0.1 2620:4f:8000::1"},
		{"Teredo", "2001:0:808:808:0:0:f7f7:f7f7"},
		{"6to4", "2002:808:808::1"},
		{"NAT64", "64:ff9b::808:808 64:ff9b:1::808:808"},
		{"IPv4 in IPv6", "::8.8.8.8 ::ffff:0:8.8.8.8"},
		{"reserved by the IETF", "2001:10::1 2001:20::1"},
		{"no global unicast", "100::1 400::1 4000::1 5f00::1 fec0::1"},
		{"10.0.0.1, which is private", "::10.0.0.1 2600::5efe:10.0.0.1 2600::200:5efe:10.0.0.1 64:ff9b::a00:1"},
	} {
		for text := range strings.FieldsSeq(row.addresses) {
			c := client(t, outbound.Settings{Timeout: 3 * time.Second, MaxBytes: 100, Resolver: resolver(t, map[string][]string{"id.test": {text}})})
			_, err := c.Get(t.Context(), "https://id.test/")
			if !errors.Is(err, outbound.ErrAddress) || !strings.Contains(err.Error(), row.what) {
				t.Errorf("a name that resolves to %s: got %v, want %v because it is %s", text, err, outbound.ErrAddress, row.what)
			}
			if err := c.CheckURL(literal("https", text)); !errors.Is(err, outbound.ErrAddress) || !strings.Contains(err.Error(), row.what) {
				t.Errorf("a URL with %s: got %v, want %v because it is %s", text, err, outbound.ErrAddress, row.what)
			}
		}
	}
}

func literal(scheme, address string) string {
	if netip.MustParseAddr(address).Is6() {
		return fmt.Sprintf("%s://[%s]/", scheme, address)
	}
	return scheme + "://" + address + "/"
}

// TestListed: a network lets through what it lists and what that holds, and no
// more. The guards are refused, its two cases of alone, and embedded.
func TestListed(t *testing.T) {
	const passes, refused = true, false
	for _, row := range []struct {
		name, listed, url string
		want              bool
	}{
		{"public", "10.0.0.0/8", "https://8.8.8.8/", passes},
		{"public IPv6", "10.0.0.0/8", "https://[2606:4700::1111]/", passes},
		{"the first beside a private network", "127.0.0.1/32", "https://11.0.0.0/", passes},
		{"the last before a private network", "127.0.0.1/32", "https://172.15.255.255/", passes},
		{"the first behind a private network", "127.0.0.1/32", "https://172.32.0.0/", passes},
		{"listed", "10.0.0.0/8", "https://10.1.2.3/", passes},
		{"listed by itself", "10.1.2.3", "https://10.1.2.3/", passes},
		{"beside what is listed", "10.1.2.3", "https://10.1.2.4/", refused},
		{"another private network", "10.0.0.0/8", "https://192.168.0.1/", refused},
		{"IPv6", "fd00:1::/32", "https://[fd00:1::1]/", passes},
		{"another IPv6", "fd00:1::/32", "https://[fd00:2::1]/", refused},
		{"loopback IPv6", "::1", "https://[::1]/", passes},
		{"http", "10.0.0.0/8", "http://10.1.2.3/", passes},
		{"http to a public address", "10.0.0.0/8", "http://8.8.8.8/", refused},
		{"http to a public address that is listed", "8.8.8.0/24", "http://8.8.8.8/", passes},
		{"metadata in a network", "169.254.0.0/16", "https://169.254.169.254/", refused},
		{"metadata by itself", "169.254.169.254/32", "https://169.254.169.254/", passes},
		{"metadata over http", "169.254.169.254/32", "http://169.254.169.254/", passes},
		{"metadata of carriers", "100.64.0.0/10", "https://100.100.100.200/", refused},
		{"metadata in a network of IPv6", "fd00::/8", "https://[fd00:ec2::254]/", refused},
		{"metadata behind NAT64", "64:ff9b::/96", "https://[64:ff9b::a9fe:a9fe]/", refused},
		{"public behind NAT64", "64:ff9b::/96", "https://[64:ff9b::808:808]/", passes},
		{"http to public behind NAT64", "64:ff9b::/96", "http://[64:ff9b::808:808]/", refused},
		{"private behind NAT64", "64:ff9b::/96", "https://[64:ff9b::a00:1]/", refused},
		{"private behind a NAT64 of one's own", "64:ff9b:1::/96", "https://[64:ff9b:1::a00:1]/", refused},
		{"public behind a NAT64 of one's own", "64:ff9b:1::/96", "https://[64:ff9b:1::808:808]/", passes},
		{"NAT64 of what is listed", "10.0.0.0/8", "https://[64:ff9b::a00:1]/", refused},
		{"private behind 6to4", "2002::/16", "https://[2002:a00:1::1]/", refused},
		{"public behind 6to4", "2002::/16", "https://[2002:808:808::1]/", passes},
		{"private Teredo server", "2001::/32", "https://[2001:0:a00:1:0:0:f7f7:f7f7]/", refused},
		{"private Teredo client", "2001::/32", "https://[2001:0:808:808:0:0:f5ff:fffe]/", refused},
		{"public Teredo", "2001::/32", "https://[2001:0:808:808:0:0:f7f7:f7f7]/", passes},
		{"private, compatible", "::/96", "https://[::10.0.0.1]/", refused},
		{"private, translated", "::ffff:0:0:0/96", "https://[::ffff:0:10.0.0.1]/", refused},
		{"mapped, though listed", "10.0.0.0/8", "https://[::ffff:10.0.0.1]/", refused},
		{"private behind ISATAP", "fd00::/8", "https://[fd00::5efe:10.0.0.1]/", refused},
		{"private behind ISATAP, named globally", "fd00::/8", "https://[fd00::200:5efe:10.0.0.1]/", refused},
		{"public behind ISATAP", "fd00::/8", "https://[fd00::5efe:8.8.8.8]/", passes},
	} {
		t.Run(row.name, func(t *testing.T) {
			network, err := outbound.ParseNetwork(row.listed)
			if err != nil {
				t.Fatal(err)
			}
			err = outbound.Settings{AllowNetworks: []netip.Prefix{network}, AllowHTTP: true}.CheckURL(row.url)
			if (err == nil) != row.want || err != nil && !errors.Is(err, outbound.ErrAddress) {
				t.Errorf("got %v, want it to pass: %v", err, row.want)
			}
		})
	}
}
