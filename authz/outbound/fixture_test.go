package outbound_test

import (
	"context"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/sallyport-authz/sallyport/authz/outbound"
)

// names is a DNS server whose answers change: the n-th question for a name's
// addresses of one family gets the n-th answer, and the last one for ever.
type names struct {
	mu      sync.Mutex
	answers map[string][]string
	asked   map[string]int
}

// resolver asks a server of these names and nobody else.
func resolver(t *testing.T, answers map[string][]string) *net.Resolver {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &names{answers: answers, asked: map[string]int{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		n.serve(socket)
	}()
	t.Cleanup(func() {
		_ = socket.Close()
		<-done
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", socket.LocalAddr().String())
	}}
}

func (n *names) serve(socket net.PacketConn) {
	buffer := make([]byte, 1500)
	for {
		size, from, err := socket.ReadFrom(buffer)
		if err != nil {
			return
		}
		var message dnsmessage.Message
		if message.Unpack(buffer[:size]) != nil || len(message.Questions) != 1 {
			continue
		}
		message.Response, message.Additionals = true, nil
		n.answer(&message)
		if packed, err := message.Pack(); err == nil {
			_, _ = socket.WriteTo(packed, from)
		}
	}
}

func (n *names) answer(message *dnsmessage.Message) {
	n.mu.Lock()
	defer n.mu.Unlock()
	question := message.Questions[0]
	name := strings.ToLower(strings.TrimSuffix(question.Name.String(), "."))
	turns, known := n.answers[name]
	if !known {
		message.RCode = dnsmessage.RCodeNameError
		return
	}
	asked := name + question.Type.String()
	turn := turns[min(n.asked[asked], len(turns)-1)]
	n.asked[asked]++
	for text := range strings.FieldsSeq(turn) {
		address := netip.MustParseAddr(text)
		header := dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET}
		switch {
		case address.Is4() && question.Type == dnsmessage.TypeA:
			message.Answers = append(message.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: address.As4()}})
		case address.Is6() && question.Type == dnsmessage.TypeAAAA:
			message.Answers = append(message.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: address.As16()}})
		default:
		}
	}
}

// trap is a server that counts its connections.
type trap struct {
	*httptest.Server
	connections atomic.Int64
	ended       chan struct{}
}

func (s *trap) port() string {
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	return port
}

func newTrap(t *testing.T, address string, handler http.HandlerFunc) *trap {
	t.Helper()
	s := &trap{Server: httptest.NewUnstartedServer(handler), ended: make(chan struct{}, 64)}
	_ = s.Listener.Close()
	var err error
	if s.Listener, err = net.Listen("tcp", address); err != nil {
		t.Fatal(err)
	}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			s.connections.Add(1)
		case http.StateClosed:
			s.ended <- struct{}{}
		default:
		}
	}
	t.Cleanup(s.Close)
	return s
}

// loopback lets tests reach their servers; 127.0.0.2 stays refused.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}

// open are settings under which server may be reached as example.com.
func open(t *testing.T, server *trap) outbound.Settings {
	t.Helper()
	s := outbound.Settings{
		AllowNetworks: loopback, AllowHTTP: true, Timeout: 5 * time.Second, MaxBytes: 1 << 10,
		Resolver: resolver(t, map[string][]string{"example.com": {"127.0.0.1"}, "other.test": {"127.0.0.1"}}),
	}
	if server.TLS != nil {
		s.Authorities = []*x509.Certificate{server.Certificate()}
	}
	return s
}

func client(t *testing.T, s outbound.Settings) *outbound.Client {
	t.Helper()
	c, err := outbound.New(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}
