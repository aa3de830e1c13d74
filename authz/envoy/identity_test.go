package envoy_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/url"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/sallyport-authz/sallyport/authz/envoy"
)

// authority issues certificates for one test.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	a := authority{t: t}
	a.cert, a.key = a.issue(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

// issue signs with the authority's key, or with the new one where it has none.
func (a authority) issue(template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber, template.Subject = big.NewInt(1), pkix.Name{CommonName: "test"}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

func (a authority) leaf(uri string, names ...string) *tls.Certificate {
	a.t.Helper()
	template := &x509.Certificate{
		DNSNames:    names,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	if uri != "" {
		parsed, err := url.Parse(uri)
		if err != nil {
			a.t.Fatal(err)
		}
		template.URIs = []*url.URL{parsed}
	}
	cert, key := a.issue(template)
	return &tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

func (a authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

func (a authority) server() *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{*a.leaf("", "authz")}, ClientCAs: a.pool(), ClientAuth: tls.RequireAndVerifyClientCert,
	}
}

// Only a peer on the list may ask. The guards are admit for the other name, and
// the demand for RequireAndVerifyClientCert in TLS.server for the rest.
func TestOnlyListedPeersMayAsk(t *testing.T) {
	const spiffe = "spiffe://td/ns/edge/sa/envoy"
	ours, foreign := newAuthority(t), newAuthority(t)
	s := settings(allowing)
	s.TLS = &envoy.TLS{Config: ours.server(), Peers: []string{spiffe, "edge.example"}}
	address := listenTLS(t, s)
	tests := []struct {
		name string
		cert *tls.Certificate
		want codes.Code
	}{
		{"listed URI", ours.leaf(spiffe), codes.OK},
		{"listed DNS name, in another case", ours.leaf("", "other.example", "EDGE.example"), codes.OK},
		{"another URI", ours.leaf(spiffe + "2"), codes.Unavailable},
		{"wildcard over a listed name", ours.leaf("", "*.example"), codes.Unavailable},
		{"no name but the subject's", ours.leaf(""), codes.Unavailable},
		{"listed URI of a foreign authority", foreign.leaf(spiffe), codes.Unavailable},
		{"no certificate", nil, codes.Unavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client := &tls.Config{RootCAs: ours.pool(), ServerName: "authz"}
			client.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				if tt.cert == nil {
					return &tls.Certificate{}, nil
				}
				return tt.cert, nil
			}
			connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials.NewTLS(client)))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = connection.Close() }()
			if _, err := call(t, connection, encoded(t, request(get(nil)))); status.Code(err) != tt.want {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	if got, want := len(s.Recorder.(*recorder).all()), 2; got != want {
		t.Errorf("got %d Checks, want %d: a stranger's began", got, want)
	}
}

func listenTLS(t *testing.T, s envoy.Settings) string {
	t.Helper()
	server, err := envoy.NewServer(s)
	if err != nil {
		t.Fatal(err)
	}
	return serveTCP(t, server)
}

func serveTCP(t *testing.T, server *envoy.Server) string {
	t.Helper()
	listener, err := envoy.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return listener.Addr().(*net.TCPAddr).String()
}

// A config that lets in whoever connects is refused: the guards are the cases
// of TLS.server.
func TestConfigsThatLetInStrangers(t *testing.T) {
	a := newAuthority(t)
	peers := []string{"edge.example"}
	for name, change := range map[string]func(*envoy.TLS){
		"no certificate asked for": func(s *envoy.TLS) { s.Config.ClientAuth = tls.NoClientCert },
		"certificate not verified": func(s *envoy.TLS) { s.Config.ClientAuth = tls.RequireAnyClientCert },
		"certificate if they like": func(s *envoy.TLS) { s.Config.ClientAuth = tls.VerifyClientCertIfGiven },
		"the system's authorities": func(s *envoy.TLS) { s.Config.ClientCAs = nil },
		"a config for each client": func(s *envoy.TLS) {
			s.Config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return a.server(), nil }
		},
		"nobody listed":         func(s *envoy.TLS) { s.Peers = nil },
		"the empty name listed": func(s *envoy.TLS) { s.Peers = append(s.Peers, "") },
	} {
		t.Run(name, func(t *testing.T) {
			s := settings(allowing)
			s.TLS = &envoy.TLS{Config: a.server(), Peers: peers[:1:1]}
			change(s.TLS)
			if _, err := envoy.NewServer(s); err == nil {
				t.Error("accepted")
			}
		})
	}
}
