package system_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/url"
	"testing"
	"time"
)

// authority issues certificates for one test.
type authority struct {
	parent      *x509.Certificate
	signer      *ecdsa.PrivateKey
	certificate string
}

// identity is a certificate and its key, in PEM.
type identity struct{ certificate, key string }

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{parent: template("authority")}
	a.parent.IsCA, a.parent.BasicConstraintsValid, a.parent.KeyUsage = true, true, x509.KeyUsageCertSign
	a.signer = newKey(t)
	a.certificate = a.sign(t, a.parent, &a.signer.PublicKey)
	return a
}

// issue makes a certificate for a DNS name, a URI, or both.
func (a *authority) issue(t *testing.T, dns, uri string) identity {
	t.Helper()
	leaf, key := template("leaf"), newKey(t)
	if dns != "" {
		leaf.DNSNames = []string{dns}
	}
	if uri != "" {
		parsed, err := url.Parse(uri)
		if err != nil {
			t.Fatal(err)
		}
		leaf.URIs = []*url.URL{parsed}
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return identity{a.sign(t, leaf, &key.PublicKey), block("PRIVATE KEY", der)}
}

func template(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) sign(t *testing.T, leaf *x509.Certificate, key *ecdsa.PublicKey) string {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, leaf, a.parent, key, a.signer)
	if err != nil {
		t.Fatal(err)
	}
	return block("CERTIFICATE", der)
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
