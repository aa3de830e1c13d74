package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"

	"github.com/sallyport-authz/sallyport/authz/envoy"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// serverTLS builds mutual TLS. All four fields are needed: without one of them
// the listener would be open, or closed to all.
func (c *compiler) serverTLS(at document.Cursor, message *configv1.ServerTls) *envoy.TLS {
	before := len(c.Problems)
	for _, one := range []struct {
		name string
		set  bool
	}{
		{"certificate", message.GetCertificate() != ""},
		{"key", message.GetKey() != ""},
		{"client_ca", message.GetClientCa() != ""},
		{"peers", len(message.GetPeers()) > 0},
	} {
		if !one.set {
			c.Refuse(at.Field(one.name), "tls without "+one.name, "certificate, key, client_ca and peers", "add "+one.name)
		}
	}
	for i, peer := range message.GetPeers() {
		if strings.TrimSpace(peer) == "" || strings.Contains(peer, "*") {
			c.Refuse(at.Field("peers").Index(i), fmt.Sprintf("peer %q", peer), "the whole URI or DNS name of a certificate", "write it as in spiffe://example.org/envoy")
		}
	}
	if len(c.Problems) > before {
		return nil
	}
	return c.readTLS(at, message)
}

func (c *compiler) readTLS(at document.Cursor, message *configv1.ServerTls) *envoy.TLS {
	certificate, okCertificate := c.publicPEM(at.Field("certificate"), message.GetCertificate())
	authority, okAuthority := c.publicPEM(at.Field("client_ca"), message.GetClientCa())
	key, err := c.secrets.resolve(message.GetKey())
	if err != nil {
		c.refuseSecret(at.Field("key"), err)
	}
	if err != nil || !okCertificate || !okAuthority {
		return nil
	}
	pair, err := tls.X509KeyPair(certificate, []byte(key))
	if err != nil {
		c.Refuse(at.Field("certificate"), err.Error(), "a chain and its private key in PEM", "name the key that belongs to the certificate")
		return nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		c.Refuse(at.Field("client_ca"), "no certificate in PEM", "at least one", "name the file of the authority that signs the peers' certificates")
		return nil
	}
	return &envoy.TLS{Peers: message.GetPeers(), Config: &tls.Config{
		Certificates: []tls.Certificate{pair}, ClientCAs: pool,
		ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12,
	}}
}

// publicPEM reads a file that is no secret, but decides whom we trust.
func (c *compiler) publicPEM(at document.Cursor, reference string) ([]byte, bool) {
	name, isFile := strings.CutPrefix(reference, "file:")
	if !isFile {
		c.Refuse(at, fmt.Sprintf("reference %q", reference), "file:path", "write file: and the path of the PEM file")
		return nil, false
	}
	text, err := c.secrets.fromFile(name)
	if err != nil {
		c.refuseSecret(at, err)
	}
	return text, err == nil
}
