package envoy

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
)

// TLS says who may ask. Every proxy shows a certificate of Config's ClientCAs
// that holds one of Peers as a URI or DNS name.
type TLS struct {
	Config *tls.Config
	Peers  []string
}

// errStranger is a proxy that is verified and not on the list.
var errStranger = errors.New("certificate names no peer that may ask")

// server gives the config of a listener, or an error where it would let in
// whoever connects.
func (t *TLS) server() (*tls.Config, error) {
	switch {
	case t.Config == nil:
		return nil, errors.New("no config")
	case t.Config.ClientAuth != tls.RequireAndVerifyClientCert || t.Config.ClientCAs == nil:
		return nil, errors.New("peers must be asked for a certificate of a known authority")
	case t.Config.GetConfigForClient != nil:
		return nil, errors.New("a config for each client would pass by the list of peers")
	case len(t.Peers) == 0 || slices.Contains(t.Peers, ""):
		return nil, errors.New("the list of peers is empty or holds an empty name")
	}
	config, inner := t.Config.Clone(), t.Config.VerifyConnection
	config.MinVersion = max(config.MinVersion, tls.VersionTLS12)
	config.VerifyConnection = func(state tls.ConnectionState) error {
		if err := t.admit(state); err != nil || inner == nil {
			return err
		}
		return inner(state)
	}
	return config, nil
}

// shown is the newest TLS of a listener, which every handshake takes as it
// begins: connections that there are go on under the one that they began with.
type shown struct{ config atomic.Pointer[tls.Config] }

// set replaces what the next handshake takes. On an error the old one stays.
func (s *shown) set(t *TLS) error {
	config, err := t.server()
	if err != nil {
		return fmt.Errorf("tls: %w", err)
	}
	s.config.Store(config)
	return nil
}

// listener is a config that lets nobody in by itself: it has no certificate.
func (s *shown) listener() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			if config := s.config.Load(); config != nil {
				return config, nil
			}
			return nil, errors.New("no tls is set")
		},
	}
}

// admit runs within the handshake, also of a resumed session, so that no call
// of a stranger begins.
func (t *TLS) admit(state tls.ConnectionState) error {
	if len(state.VerifiedChains) == 0 || len(state.VerifiedChains[0]) == 0 {
		return errors.New("certificate is not verified")
	}
	leaf := state.VerifiedChains[0][0]
	if !slices.ContainsFunc(t.Peers, func(peer string) bool { return names(leaf, peer) }) {
		return errStranger
	}
	return nil
}

// names compares whole names: a wildcard stands for itself.
func names(leaf *x509.Certificate, peer string) bool {
	for _, uri := range leaf.URIs {
		if uri.String() == peer {
			return true
		}
	}
	return slices.ContainsFunc(leaf.DNSNames, func(name string) bool { return strings.EqualFold(name, peer) })
}
