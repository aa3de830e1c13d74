// Package mtls knows callers by the certificate that they showed to the proxy.
//
// # What it accepts
//
// The certificate that Envoy tells of its own connection (source.certificate, a leaf in
// PEM, URL-encoded, where include_peer_certificate is on), issued for clients by one of
// the configured authorities, in its time. Envoy sends no intermediates: the authority
// that issued the leaf must itself be among them. A connection without a certificate is
// absent. One that Envoy names by its principal alone is "could not tell": somebody
// forgot include_peer_certificate. Whoever is not listed is rejected.
//
// With PeerValidated the principal alone counts (source.principal: the first URI, else
// the first DNS name, else the subject). That is sound only behind listeners whose
// validation context refuses certificates of other authorities: Envoy names the
// principal of a certificate that it does not trust, too.
//
// x-forwarded-client-cert is believed from named hops only, which show a certificate
// themselves: the certificate (Cert) in its one element is verified like a direct one.
// Hops replace what they were sent (SANITIZE_SET) and set cert. Everybody else's header
// is not looked at (T-C20). A hop that forwards none speaks for somebody who showed
// none: absent.
//
// # Who it is
//
// A certificate with URI names has exactly one, else it could be two callers; where
// that is a SPIFFE ID it has its strict form (SPIFFE-ID section 2), and the certificate
// is that of a workload and no authority (X509-SVID section 4). One without URI names
// has exactly one DNS name. A listed identity is its own caller; any other SPIFFE ID of
// a listed trust domain is a caller whose subject it is.
//
// # For maintainers
//
// The kind has no carrier: a certificate is no secret, and stays where it is. Revoked
// certificates are the proxy's to refuse (crl in its validation context), and short
// lives are what SPIFFE relies on. It may import package authz and go-spiffe's spiffeid.
package mtls
