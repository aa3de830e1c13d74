package envoy_test

import (
	"crypto/tls"
	"net"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/sallyport-authz/sallyport/authz/envoy"
)

const edge = "edge.example"

// rotation is a listener whose TLS changes from one authority to another.
type rotation struct {
	t        *testing.T
	old, new authority
	server   *envoy.Server
	address  string
}

func newRotation(t *testing.T) *rotation {
	t.Helper()
	r := &rotation{t: t, old: newAuthority(t), new: newAuthority(t)}
	s := settings(allowing)
	s.TLS = &envoy.TLS{Config: r.old.server(), Peers: []string{edge}}
	var err error
	if r.server, err = envoy.NewServer(s); err != nil {
		t.Fatal(err)
	}
	r.address = serveTCP(t, r.server)
	return r
}

func (r *rotation) connect(trusts, mine authority) *grpc.ClientConn {
	r.t.Helper()
	client := &tls.Config{RootCAs: trusts.pool(), ServerName: "authz", Certificates: []tls.Certificate{*mine.leaf("", edge)}}
	connection, err := grpc.NewClient(r.address, grpc.WithTransportCredentials(credentials.NewTLS(client)))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = connection.Close() })
	return connection
}

func (r *rotation) check(what string, connection *grpc.ClientConn, want codes.Code) {
	r.t.Helper()
	if _, err := call(r.t, connection, encoded(r.t, request(get(nil)))); status.Code(err) != want {
		r.t.Errorf("%s: got %v, want %s", what, err, want)
	}
}

// TestRotation: new handshakes go by the newest certificate, authority and
// peers, and connections that there are go on. The guard is that listener gives
// what is in shown.config at each handshake.
func TestRotation(t *testing.T) {
	r := newRotation(t)
	before := r.connect(r.old, r.old)
	r.check("before", before, codes.OK)
	if err := r.server.SetTLS(&envoy.TLS{Config: r.new.server(), Peers: []string{edge}}); err != nil {
		t.Fatal(err)
	}
	r.check("a connection from before", before, codes.OK)
	r.check("new certificate, new authority", r.connect(r.new, r.new), codes.OK)
	r.check("old authority's peer", r.connect(r.new, r.old), codes.Unavailable)
	r.check("who trusts the old certificate only", r.connect(r.old, r.new), codes.Unavailable)
	if err := r.server.SetTLS(&envoy.TLS{Config: r.new.server(), Peers: []string{"other.example"}}); err != nil {
		t.Fatal(err)
	}
	r.check("a peer that was taken off the list", r.connect(r.new, r.new), codes.Unavailable)
}

// TestRotationEndsSessions: a session that began under an authority that is gone
// is not resumed, with either version of TLS.
func TestRotationEndsSessions(t *testing.T) {
	for name, version := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			r := newRotation(t)
			// The server's name stays trusted, so that only the client's is judged.
			both := r.old.pool()
			both.AddCert(r.new.cert)
			client := &tls.Config{
				RootCAs: both, ServerName: "authz", MinVersion: version, MaxVersion: version, NextProtos: []string{"h2"},
				Certificates: []tls.Certificate{*r.old.leaf("", edge)}, ClientSessionCache: tls.NewLRUClientSessionCache(1),
			}
			if resumed, err := handshake(t, r.address, client); resumed || err != nil {
				t.Fatalf("first: got %v, %v", resumed, err)
			}
			if resumed, err := handshake(t, r.address, client); !resumed || err != nil {
				t.Fatalf("second: got %v, %v: sessions are not resumed at all, and this test shows nothing", resumed, err)
			}
			if err := r.server.SetTLS(&envoy.TLS{Config: r.new.server(), Peers: []string{edge}}); err != nil {
				t.Fatal(err)
			}
			if resumed, err := handshake(t, r.address, client); resumed || err == nil {
				t.Errorf("third: got resumed %v and error %v, want a stranger", resumed, err)
			}
		})
	}
}

// handshake waits for the server's first frame, which comes when it has let the
// client in.
func handshake(t *testing.T, address string, config *tls.Config) (resumed bool, err error) {
	t.Helper()
	raw, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	connection := tls.Client(raw, config)
	defer func() { _ = connection.Close() }()
	if err := connection.Handshake(); err != nil {
		return false, err
	}
	if _, err := connection.Write([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")); err != nil {
		return false, err
	}
	_, err = connection.Read(make([]byte, 1))
	return connection.ConnectionState().DidResume, err
}

// TestRotationRefused: what NewServer refuses is refused later too, and nothing
// changes by it. The guard is the order in shown.set.
func TestRotationRefused(t *testing.T) {
	r := newRotation(t)
	open := r.new.server()
	open.ClientAuth = tls.NoClientCert
	for name, bad := range map[string]*envoy.TLS{
		"none": nil, "no config": {Peers: []string{edge}}, "no peers": {Config: r.new.server()}, "open": {Config: open, Peers: []string{edge}},
	} {
		if err := r.server.SetTLS(bad); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	r.check("as before", r.connect(r.old, r.old), codes.OK)
	plain, err := envoy.NewServer(settings(allowing))
	if err != nil {
		t.Fatal(err)
	}
	if err := plain.SetTLS(&envoy.TLS{Config: r.new.server(), Peers: []string{edge}}); err == nil {
		t.Error("a plain listener took tls")
	}
	if err := plain.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}
