package mtls

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

const forwardedHeader = "x-forwarded-client-cert"

// Authenticator knows callers by their certificates. It is immutable.
type Authenticator struct {
	roots         *x509.CertPool
	peerValidated bool
	callers       callers
	now           func() time.Time
}

var _ authz.Authenticator = (*Authenticator)(nil)

// New makes an Authenticator, or says what is wrong with the settings.
func New(settings Settings) (*Authenticator, error) {
	callers, err := settings.callers()
	if err != nil {
		return nil, err
	}
	return &Authenticator{settings.Roots, settings.PeerValidated, callers, settings.Now}, nil
}

// Traits are what the settings fix.
func (a *Authenticator) Traits() authz.Traits {
	reads := authz.Reads{authz.FieldPeerPrincipal}
	if !a.peerValidated {
		reads = append(reads, authz.FieldPeerCert)
	}
	if len(a.callers.hops) > 0 {
		reads = append(reads, authz.FieldHeader(forwardedHeader))
	}
	return authz.Traits{Reads: reads, Reuse: authz.ReuseAllowed}
}

// Extract implements authz.Authenticator. Name is the principal; Value is the peer's
// certificate and the forwarded one, in DER, in two lines of base64: see shown.
func (a *Authenticator) Extract(attributes *authz.Attributes) (authz.Credential, error) {
	var s shown
	var err error
	if s.principal = attributes.Peer.Principal; !a.peerValidated && attributes.Peer.Certificate != "" {
		if s.direct, err = decode(attributes.Peer.Certificate); err != nil {
			return authz.Credential{}, err
		}
	}
	if s.principal == "" && s.direct == nil {
		return authz.Credential{}, authz.ErrAbsent
	}
	// Whose header it is is known only when the peer is: of a stranger it may be
	// anything, and is no reason to refuse it here.
	if len(a.callers.hops) > 0 && attributes.Request != nil {
		s.forwarded = attributes.Request.Headers.Values(forwardedHeader)
	}
	return s.credential(), nil
}

// Authenticate implements authz.Authenticator.
func (a *Authenticator) Authenticate(_ context.Context, credential authz.Credential) (authz.Caller, authz.Basis, error) {
	s, err := read(credential)
	if err != nil {
		return authz.Caller{}, authz.Basis{}, err
	}
	id, basis, err := a.peer(s)
	if err != nil {
		return authz.Caller{}, basis, err
	}
	if a.callers.hops[id] {
		return a.behind(s, basis)
	}
	return a.caller(id, basis)
}

// peer is who is at the other end of Envoy's connection.
func (a *Authenticator) peer(s shown) (string, authz.Basis, error) {
	switch {
	case a.peerValidated:
		return s.principal, authz.Lasting(), nil
	case s.direct == nil:
		return "", authz.Basis{}, errors.New("the proxy names a principal and tells no certificate: set include_peer_certificate")
	default:
		return a.verify(s.direct)
	}
}

// behind is who a hop speaks for. Its own certificate's end ends that too.
func (a *Authenticator) behind(s shown, hop authz.Basis) (authz.Caller, authz.Basis, error) {
	if len(s.forwarded) == 0 {
		return authz.Caller{}, hop, fmt.Errorf("%w: the hop forwards no certificate", authz.ErrAbsent)
	}
	certificate, err := forwarded(s.forwarded)
	if err != nil {
		return authz.Caller{}, hop, err
	}
	id, basis, err := a.verify(certificate)
	if until := hop.Until; !until.IsZero() && (basis.Until.IsZero() || until.Before(basis.Until)) {
		basis.Until = until
	}
	if err != nil {
		return authz.Caller{}, basis, err
	}
	if a.callers.hops[id] {
		return authz.Caller{}, basis, rejected("a hop's was forwarded")
	}
	return a.caller(id, basis)
}

func (a *Authenticator) caller(id string, basis authz.Basis) (authz.Caller, authz.Basis, error) {
	caller, known := a.callers.of(id)
	if !known {
		return authz.Caller{}, basis, fmt.Errorf("%w: nobody is known as %.200q", authz.ErrRejected, strings.ToValidUTF8(id, "?"))
	}
	caller.Expires = basis.Until
	return caller, basis, nil
}
