package outbound_test

import (
	"bytes"
	"encoding/pem"
	"net/netip"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz/outbound"
)

var everything = netip.MustParsePrefix("0.0.0.0/0")

// TestParseNetwork: the guards are the cases of checkNetwork, and zones.
func TestParseNetwork(t *testing.T) {
	for _, row := range []struct{ text, want, problem string }{
		{"10.0.0.0/8", "10.0.0.0/8", ""},
		{"fc00::/7", "fc00::/7", ""},
		{"10.1.2.3", "10.1.2.3/32", ""},
		{"10.1.2.3/32", "10.1.2.3/32", ""},
		{"::1", "::1/128", ""},
		{"", "", "neither"},
		{"inside.test", "", "neither"},
		{"10.0.0.0/33", "", "neither"},
		{"10.0.0.0/08", "", "neither"},
		{"10.0.0", "", "neither"},
		{"fe80::1%lo", "", "zone"},
		{"10.0.0.1/8", "", "bits behind the prefix: 10.0.0.0/8"},
		{"::ffff:10.0.0.0/104", "", "IPv6 form"},
		{"::ffff:10.0.0.1", "", "IPv6 form"},
		{"0.0.0.0/0", "", "wider"},
		{"0.0.0.0/7", "", "wider"},
		{"::/0", "", "wider"},
		{"::/6", "", "wider"},
	} {
		got, err := outbound.ParseNetwork(row.text)
		switch {
		case row.problem == "" && (err != nil || got.String() != row.want):
			t.Errorf("%q: got %s, %v, want %s", row.text, got, err, row.want)
		case row.problem != "" && (err == nil || !strings.Contains(err.Error(), row.problem)):
			t.Errorf("%q: got %v, want an error with %q", row.text, err, row.problem)
		}
	}
}

// TestParseAuthorities: the guards are the cases of ParseAuthorities.
func TestParseAuthorities(t *testing.T) {
	server := newTrap(t, "127.0.0.1:0", say(""))
	server.StartTLS()
	one := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte(canary)})
	other := pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: server.Certificate().Raw})
	cut := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw[:100]})
	for _, row := range []struct {
		name string
		text []byte
		want int
	}{
		{"one", one, 1},
		{"two", bytes.Join([][]byte{one, one}, []byte("# the other\n")), 2},
		{"none", []byte("# nothing\n"), 0},
		{"a key beside it", append(bytes.Clone(one), key...), 0},
		{"a certificate by another name", append(bytes.Clone(one), other...), 0},
		{"a cut one", append(bytes.Clone(one), cut...), 0},
		{"a cut block", append(bytes.Clone(one), one[:len(one)/2]...), 0},
	} {
		got, err := outbound.ParseAuthorities(row.text)
		if len(got) != row.want || (err == nil) != (row.want > 0) {
			t.Errorf("%s: got %d, %v, want %d", row.name, len(got), err, row.want)
		}
	}
}
