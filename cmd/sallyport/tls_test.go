package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certify writes a self-signed certificate and its key as PEM.
func certify(t *testing.T, dir, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, filepath.Join(dir, name+".pem"), "CERTIFICATE", certificate)
	writePEM(t, filepath.Join(dir, name+".key"), "PRIVATE KEY", private)
}

func writePEM(t *testing.T, file, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestServerTLS: a listener beyond loopback is refused unless all four fields
// are there and mean something. The guards are the refusals of tls.go.
func TestServerTLS(t *testing.T) {
	const whole = "{certificate: file:a.pem, key: file:a.key, client_ca: file:b.pem, peers: [envoy.example.com]}"
	const at = "sallyport.yaml:6:"
	for _, c := range []struct{ name, old, new, want string }{
		{"whole", "", "", ""},
		{"key of another certificate", "a.key", "b.key", at + "26: server.listeners[0].tls.certificate: "},
		{"inline key", "file:a.key", "secret", at + "43: server.listeners[0].tls.key: inline secrets are refused"},
		{"no certificate in client_ca", "b.pem", "b.key", at + "66: server.listeners[0].tls.client_ca: no certificate in PEM"},
		{"certificate from a variable", "file:a.pem", "env:PEM", at + `26: server.listeners[0].tls.certificate: reference "env:PEM"; expected file:path`},
		{"any peer", "envoy.example.com", `"*"`, at + `86: server.listeners[0].tls.peers[0]: peer "*"`},
		{"no peers", "[envoy.example.com]", "[]", at + "78: server.listeners[0].tls.peers: tls without peers"},
		{"no client_ca", ", client_ca: file:b.pem", "", at + "7: server.listeners[0].tls.client_ca: tls without client_ca"},
	} {
		t.Run(c.name, func(t *testing.T) {
			settings := "0.0.0.0:9001\n      tls: " + strings.Replace(whole, c.old, c.new, 1)
			file := write(t, strings.Replace(sound, "127.0.0.1:9001", settings, 1))
			certify(t, filepath.Dir(file), "a")
			certify(t, filepath.Dir(file), "b")
			p, err := load(t.Context(), file, time.Now)
			checkOne(t, filepath.Dir(file), err, c.want)
			if c.want != "" || err != nil {
				return
			}
			if got := p.listeners[0].tls.Config.ClientAuth; got != tls.RequireAndVerifyClientCert {
				t.Errorf("got client authentication %v, want a certificate that is required and verified", got)
			}
		})
	}
}

// TestInsecure: only the words open a plain listener beyond loopback.
func TestInsecure(t *testing.T) {
	file := write(t, strings.Replace(sound, "127.0.0.1:9001", "0.0.0.0:9001\n      insecure: true", 1))
	if _, err := load(t.Context(), file, time.Now); err != nil {
		t.Errorf("got %v, want no problem", err)
	}
}
