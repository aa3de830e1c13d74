package mtls

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"

	"github.com/sallyport-authz/sallyport/authz"
)

// longest bounds a certificate as it is told.
const longest = 64 << 10

// decode reads one certificate in URL-encoded PEM, and nothing beside it.
func decode(text string) (*x509.Certificate, error) {
	if len(text) > longest {
		return nil, fmt.Errorf("%w: longer than %d bytes", authz.ErrMalformed, longest)
	}
	// "+" stands for itself in base64: it is no space here.
	plain, err := url.PathUnescape(text)
	if err != nil {
		return nil, fmt.Errorf("%w: not URL-encoded", authz.ErrMalformed)
	}
	block, rest := pem.Decode([]byte(plain))
	if block == nil || block.Type != "CERTIFICATE" || strings.TrimSpace(string(rest)) != "" {
		return nil, fmt.Errorf("%w: not one certificate in PEM", authz.ErrMalformed)
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%w: no certificate", authz.ErrMalformed)
	}
	return certificate, nil
}

// verify says whose a certificate is. Until when that holds stands in the basis, of a
// certificate that is not valid yet too.
func (a *Authenticator) verify(certificate *x509.Certificate) (id string, basis authz.Basis, err error) {
	now := a.now()
	switch {
	case now.Before(certificate.NotBefore):
		return "", authz.Basis{Lasting: true, Until: certificate.NotBefore}, rejected("it is not valid before %s", certificate.NotBefore.UTC().Format(time.RFC3339))
	case now.After(certificate.NotAfter):
		return "", authz.Lasting(), rejected("it expired at %s", certificate.NotAfter.UTC().Format(time.RFC3339))
	case certificate.IsCA:
		return "", authz.Lasting(), rejected("it is an authority's")
	}
	_, err = certificate.Verify(x509.VerifyOptions{
		Roots: a.roots, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	basis = authz.Basis{Lasting: true, Until: certificate.NotAfter}
	if err != nil {
		return "", basis, rejected("%s", reason(err))
	}
	if id, err = identity(certificate); err != nil {
		return "", basis, rejected("%s", err)
	}
	return id, basis, nil
}

// reason keeps what the certificate says of itself out of the operator's log: whoever
// made it chose the text.
func reason(err error) string {
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &unknown):
		return "none of our authorities issued it"
	case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
		return "it was not issued for clients"
	default:
		return "its chain does not hold"
	}
}

// identity is the one name of a certificate.
func identity(certificate *x509.Certificate) (string, error) {
	switch {
	case len(certificate.URIs) > 1:
		return "", errors.New("it has more than one URI")
	case len(certificate.URIs) == 1:
		return uriIdentity(certificate)
	case len(certificate.DNSNames) == 1:
		return strings.ToLower(certificate.DNSNames[0]), nil
	default:
		return "", errors.New("it has no URI, and not exactly one DNS name")
	}
}

func uriIdentity(certificate *x509.Certificate) (string, error) {
	uri := certificate.URIs[0]
	if !strings.EqualFold(uri.Scheme, "spiffe") {
		return uri.String(), nil
	}
	id, err := spiffeid.FromURI(uri)
	if err != nil || id.Path() == "" {
		return "", errors.New("its URI is no SPIFFE ID of a workload")
	}
	if certificate.KeyUsage&(x509.KeyUsageCertSign|x509.KeyUsageCRLSign) != 0 {
		return "", errors.New("its key may sign certificates")
	}
	return id.String(), nil
}

func rejected(format string, args ...any) error {
	return fmt.Errorf("%w: certificate: "+format, append([]any{authz.ErrRejected}, args...)...)
}
