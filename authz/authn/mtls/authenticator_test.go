package mtls_test

import (
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
	"github.com/sallyport-authz/sallyport/authz/authn/mtls"
)

const (
	web     = "spiffe://shop.example/ns/shop/sa/web"
	cart    = "spiffe://shop.example/ns/shop/sa/cart"
	gateway = "spiffe://shop.example/ns/edge/sa/gateway"
	billing = "billing.shop.example"
)

func now() time.Time { return today }

func settings(roots *x509.CertPool) mtls.Settings {
	return mtls.Settings{
		Roots: roots, Now: now,
		Identities: []mtls.Identity{
			{ID: web, Caller: authz.Caller{Subject: "web", Tenant: "A", Scopes: []string{"orders"}}},
			{ID: billing},
			{ID: "urn:device:7"},
		},
		TrustDomains: []string{"shop.example"}, Member: authz.Caller{Role: "workload", Scopes: []string{"catalogue"}},
	}
}

func newAuthenticator(t testing.TB, s mtls.Settings) *mtls.Authenticator {
	t.Helper()
	a, err := mtls.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestContract(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	withHop := settings(ca.pool())
	withHop.Hops = []string{gateway}
	hop := ca.issue(t, usual(gateway))
	validated := mtls.Settings{PeerValidated: true, Now: now, Identities: settings(nil).Identities}
	for _, test := range []struct {
		name     string
		settings mtls.Settings
		suite    authntest.Suite
	}{
		{"direct", settings(ca.pool()), authntest.Suite{
			Present:   func(a *authz.Attributes, value string) { a.Peer.Certificate = value },
			Valid:     []string{ca.issue(t, usual(web)), ca.issue(t, usual(cart))},
			Rejected:  []string{other.issue(t, usual(web)), ca.issue(t, usual("spiffe://evil.example/x"))},
			Malformed: []string{"no certificate"}, Unavailable: []string{""},
		}},
		{"principal", validated, authntest.Suite{
			Present: func(a *authz.Attributes, value string) { a.Peer.Principal = value },
			Valid:   []string{web, billing}, Rejected: []string{"spiffe://evil.example/x"}, Absent: []string{""},
		}},
		{"behind a hop", withHop, authntest.Suite{
			Present: func(a *authz.Attributes, value string) {
				authntest.ByHeader("x-forwarded-client-cert", "")(a, "Cert=\""+value+"\"")
				a.Peer.Certificate = hop
			},
			Valid: []string{ca.issue(t, usual(web))}, Rejected: []string{other.issue(t, usual(web)), ca.issue(t, usual(gateway))},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.suite.New = func(t testing.TB) authntest.Subject {
				t.Helper()
				a := newAuthenticator(t, test.settings)
				return authntest.Subject{Traits: a.Traits(), Authenticator: a}
			}
			authntest.Run(t, test.suite)
		})
	}
}

// ask gives the caller of a connection.
func ask(t *testing.T, s mtls.Settings, peer authz.Peer, xfcc ...string) (authz.Caller, authz.Basis, error) {
	t.Helper()
	a := newAuthenticator(t, s)
	attributes := &authz.Attributes{Peer: peer, Request: &authz.Request{}}
	for _, line := range xfcc {
		attributes.Request.Headers.List = append(attributes.Request.Headers.List, authz.Header{Name: "x-forwarded-client-cert", Value: line})
	}
	credential, err := a.Extract(attributes)
	if err != nil {
		return authz.Caller{}, authz.Basis{}, err
	}
	return a.Authenticate(t.Context(), credential)
}

// TestDirect: whose certificate ends how. Each row goes red without its guard in
// verify, identity or decode.
func TestDirect(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	leaf := ca.issue(t, usual(web))
	unknown := errors.New("could not tell")
	for _, test := range []struct {
		name, certificate string
		want              error
		cause             string
	}{
		{"listed", leaf, nil, ""},
		{"of a trust domain", ca.issue(t, usual(cart)), nil, ""},
		{"DNS name", ca.issue(t, changed(usual(), func(c *x509.Certificate) { c.DNSNames = []string{"Billing.shop.example"} })), nil, ""},
		{"another URI", ca.issue(t, usual("urn:device:7")), nil, ""},
		{"DNS name beside a URI is not the identity", ca.issue(t, changed(usual(cart), func(c *x509.Certificate) { c.DNSNames = []string{billing} })), nil, ""},
		{"another authority", other.issue(t, usual(web)), authz.ErrRejected, "none of our authorities"},
		{"made by itself", selfMade(t), authz.ErrRejected, "none of our authorities"},
		{"for servers", ca.issue(t, changed(usual(web), func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })), authz.ErrRejected, "not issued for clients"},
		{"ended", ca.issue(t, changed(usual(web), func(c *x509.Certificate) { c.NotAfter = today.Add(-time.Second) })), authz.ErrRejected, "expired"},
		{"not begun", ca.issue(t, changed(usual(web), func(c *x509.Certificate) { c.NotBefore = today.Add(time.Second) })), authz.ErrRejected, "not valid before"},
		{"authority", told(ca.certificate), authz.ErrRejected, "authority's"},
		{"authority with a name", ca.issue(t, changed(usual(web), func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign })), authz.ErrRejected, "authority's"},
		{"may sign", ca.issue(t, changed(usual(web), func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageCRLSign })), authz.ErrRejected, "may sign"},
		{"two URIs", ca.issue(t, usual(web, cart)), authz.ErrRejected, "more than one URI"},
		{"two DNS names", ca.issue(t, changed(usual(), func(c *x509.Certificate) { c.DNSNames = []string{billing, "evil.example"} })), authz.ErrRejected, "not exactly one DNS name"},
		{"no name", ca.issue(t, usual()), authz.ErrRejected, "no URI"},
		{"another trust domain", ca.issue(t, usual("spiffe://evil.example/ns/shop/sa/web")), authz.ErrRejected, "nobody is known"},
		{"trust domain itself", ca.issue(t, usual("spiffe://shop.example")), authz.ErrRejected, "no SPIFFE ID of a workload"},
		{"trust domain below", ca.issue(t, usual("spiffe://x.shop.example/web")), authz.ErrRejected, "nobody is known"},
		{"port in the trust domain", ca.issue(t, usual("spiffe://shop.example:443/web")), authz.ErrRejected, "no SPIFFE ID"},
		{"dots in the path", ca.issue(t, usual("spiffe://shop.example/../web")), authz.ErrRejected, "no SPIFFE ID"},
		{"query", ca.issue(t, usual("spiffe://shop.example/web?x=1")), authz.ErrRejected, "no SPIFFE ID"},
		{"unlisted DNS name", ca.issue(t, changed(usual(), func(c *x509.Certificate) { c.DNSNames = []string{"shop.example"} })), authz.ErrRejected, "nobody is known"},
		{"none", "", authz.ErrAbsent, ""},
		{"not encoded", "%zz", authz.ErrMalformed, "URL-encoded"},
		{"no PEM", "MIIB", authz.ErrMalformed, "PEM"},
		{"two of them", leaf + leaf, authz.ErrMalformed, "not one certificate"},
		{"something behind it", leaf + "x", authz.ErrMalformed, "not one certificate"},
		{"another block", strings.Replace(leaf, "CERTIFICATE", "PUBLIC%20KEY", 2), authz.ErrMalformed, "PEM"},
		{"no DER", "-----BEGIN%20CERTIFICATE-----%0AAAAA%0A-----END%20CERTIFICATE-----%0A", authz.ErrMalformed, "no certificate"},
		{"too long", strings.Repeat("A", 64<<10+1), authz.ErrMalformed, "longer"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := ask(t, settings(ca.pool()), authz.Peer{Certificate: test.certificate})
			compare(t, err, test.want, test.cause)
		})
	}
	t.Run("principal without a certificate", func(t *testing.T) {
		_, _, err := ask(t, settings(ca.pool()), authz.Peer{Principal: web})
		compare(t, err, unknown, "include_peer_certificate")
	})
}

func selfMade(t *testing.T) string {
	t.Helper()
	key := newKey(t)
	return told(sign(t, usual(web), usual(web), key, key))
}

// compare: want nil, a sentinel, or another error for "could not tell".
func compare(t *testing.T, err, want error, cause string) {
	t.Helper()
	switch {
	case want == nil && err != nil, want != nil && err == nil:
		t.Fatalf("got %v, want %v", err, want)
	case want == nil:
		return
	}
	for _, sentinel := range []error{authz.ErrAbsent, authz.ErrMalformed, authz.ErrRejected} {
		if errors.Is(err, sentinel) != errors.Is(want, sentinel) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	if !strings.Contains(err.Error(), cause) {
		t.Errorf("got %q, want the cause %q", err, cause)
	}
}

// TestCaller: who comes of it, and until when.
func TestCaller(t *testing.T) {
	ca := newAuthority(t)
	end := today.Add(time.Hour)
	for id, want := range map[string]authz.Caller{
		web:            {Subject: "web", Tenant: "A", Scopes: []string{"orders"}, Expires: end},
		cart:           {Subject: cart, Role: "workload", Scopes: []string{"catalogue"}, Expires: end},
		"urn:device:7": {Subject: "urn:device:7", Expires: end},
	} {
		got, basis, err := ask(t, settings(ca.pool()), authz.Peer{Certificate: ca.issue(t, usual(id))})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", id, diff)
		}
		if diff := cmp.Diff(basis, authz.Basis{Lasting: true, Until: end}); diff != "" {
			t.Errorf("%s: basis (-got +want):\n%s", id, diff)
		}
	}
	soon := today.Add(time.Minute)
	_, basis, err := ask(t, settings(ca.pool()), authz.Peer{Certificate: ca.issue(t, changed(usual(web), func(c *x509.Certificate) { c.NotBefore = soon }))})
	if !errors.Is(err, authz.ErrRejected) || !basis.Until.Equal(soon) {
		t.Errorf("not begun: got basis %v, %v", basis, err)
	}
}

// TestPeerValidated: the principal counts where Envoy has verified it, and nowhere
// else; a subject is never one.
func TestPeerValidated(t *testing.T) {
	validated := settings(nil)
	validated.PeerValidated = true
	for principal, want := range map[string]error{
		web: nil, cart: nil, billing: nil, "": authz.ErrAbsent, "spiffe://evil.example/web": authz.ErrRejected,
		"spiffe://shop.example": authz.ErrRejected, "CN=billing.shop.example": authz.ErrRejected, "shop.example": authz.ErrRejected,
	} {
		_, _, err := ask(t, validated, authz.Peer{Principal: principal, Certificate: "not looked at"})
		compare(t, err, want, "")
	}
}

// TestForwarded (T-C20): the header is a named hop's word and nobody else's.
func TestForwarded(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	s := settings(ca.pool())
	s.Hops = []string{gateway}
	hop, direct := ca.issue(t, usual(gateway)), ca.issue(t, usual(cart))
	client := ca.issue(t, usual(web))
	last := `By="spiffe://x/y";Hash=00;Cert="` + client + `";URI="` + cart + `"`
	for _, test := range []struct {
		name, peer string
		xfcc       []string
		subject    string
		want       error
		cause      string
	}{
		{"from the hop", hop, []string{last}, "web", nil, ""},
		{"unquoted, another case", hop, []string{"cert=" + client}, "web", nil, ""},
		{"two elements", hop, []string{`Cert="` + direct + `",` + last}, "", authz.ErrMalformed, "2 elements"},
		{"a name that adds an element", hop, []string{`By=x;Hash=00;URI=spiffe://a/b,By=x;Hash=00;Cert="` + client + `"`}, "", authz.ErrMalformed, "2 elements"},
		{"a name that adds a certificate", hop, []string{`By=x;Cert="` + direct + `";URI=spiffe://a/b;Cert="` + client + `"`}, "", authz.ErrMalformed, "twice"},
		{"separators in quotes", hop, []string{`Cert="` + client + `";Subject="O=\"a,b;c\",CN=Cert=x"`}, "web", nil, ""},
		{"a name that brings the only certificate", hop, []string{`By=x;Hash=00;URI=spiffe://a/b;Cert="` + client + `"`}, "", authz.ErrMalformed, "behind a name"},
		{"behind a DNS name", hop, []string{`By=x;dns=a;Cert="` + client + `"`}, "", authz.ErrMalformed, "behind a name"},
		{"behind a subject", hop, []string{`Subject="";Cert="` + client + `"`}, "", authz.ErrMalformed, "behind a name"},
		{"from a client", direct, []string{last}, cart, nil, ""},
		{"from a client, twice", direct, []string{last, last}, cart, nil, ""},
		{"from nobody", "", []string{last}, "", authz.ErrAbsent, ""},
		{"from another authority's hop", other.issue(t, usual(gateway)), []string{last}, "", authz.ErrRejected, "none of our authorities"},
		{"no header", hop, nil, "", authz.ErrAbsent, "forwards no certificate"},
		{"no Cert", hop, []string{`By=x;URI="` + web + `"`}, "", authz.ErrMalformed, "no Cert"},
		{"an element behind it", hop, []string{last + ",By=x"}, "", authz.ErrMalformed, "2 elements"},
		{"Cert twice", hop, []string{last + `;Cert="` + direct + `"`}, "", authz.ErrMalformed, "twice"},
		{"header twice", hop, []string{last, last}, "", authz.ErrMalformed, "2 times"},
		{"open quote", hop, []string{`Cert="` + client}, "", authz.ErrMalformed, "quote"},
		{"part without a value", hop, []string{"Cert"}, "", authz.ErrMalformed, "no value"},
		{"empty", hop, []string{""}, "", authz.ErrMalformed, "no value"},
		{"too long", hop, []string{strings.Repeat("a", 64<<10+1)}, "", authz.ErrMalformed, "longer"},
		{"another authority's client", hop, []string{`Cert="` + other.issue(t, usual(web)) + `"`}, "", authz.ErrRejected, "none of our authorities"},
		{"the hop's own", hop, []string{`Cert="` + hop + `"`}, "", authz.ErrRejected, "a hop's was forwarded"},
	} {
		t.Run(test.name, func(t *testing.T) {
			caller, _, err := ask(t, s, authz.Peer{Certificate: test.peer}, test.xfcc...)
			compare(t, err, test.want, test.cause)
			if caller.Subject != test.subject {
				t.Errorf("got %q, want %q", caller.Subject, test.subject)
			}
		})
	}
	t.Run("no longer than the hop's certificate", func(t *testing.T) {
		brief := ca.issue(t, changed(usual(gateway), func(c *x509.Certificate) { c.NotAfter = today.Add(time.Minute) }))
		caller, _, err := ask(t, s, authz.Peer{Certificate: brief}, last)
		if err != nil || !caller.Expires.Equal(today.Add(time.Minute)) {
			t.Errorf("got %v, %v", caller.Expires, err)
		}
	})
	t.Run("behind a validated hop", func(t *testing.T) {
		s.PeerValidated = true
		caller, _, err := ask(t, s, authz.Peer{Principal: gateway}, last)
		if err != nil || caller.Subject != "web" {
			t.Errorf("got %v, %v", caller, err)
		}
	})
}

// TestNewRefuses: half of what is needed is not enough.
func TestNewRefuses(t *testing.T) {
	pool := newAuthority(t).pool()
	for name, change := range map[string]func(*mtls.Settings){
		"no clock":                   func(s *mtls.Settings) { s.Now = nil },
		"no roots":                   func(s *mtls.Settings) { s.Roots = nil },
		"hops without roots":         func(s *mtls.Settings) { s.Roots, s.PeerValidated, s.Hops = nil, true, []string{gateway} },
		"nobody known":               func(s *mtls.Settings) { s.Identities, s.TrustDomains = nil, nil },
		"identity twice":             func(s *mtls.Settings) { s.Identities = append(s.Identities, s.Identities[0]) },
		"empty identity":             func(s *mtls.Settings) { s.Identities[0].ID = "" },
		"identity without a path":    func(s *mtls.Settings) { s.Identities[0].ID = "spiffe://shop.example" },
		"identity in capitals":       func(s *mtls.Settings) { s.Identities[0].ID = "spiffe://SHOP.example/web" },
		"DNS name in capitals":       func(s *mtls.Settings) { s.Identities[0].ID = "Billing.shop.example" },
		"subject as an identity":     func(s *mtls.Settings) { s.Identities[0].ID = "CN=web" },
		"trust domain with a scheme": func(s *mtls.Settings) { s.TrustDomains = []string{"spiffe://shop.example"} },
		"trust domain in capitals":   func(s *mtls.Settings) { s.TrustDomains = []string{"SHOP.example"} },
		"empty trust domain":         func(s *mtls.Settings) { s.TrustDomains = []string{""} },
		"hop that is a caller":       func(s *mtls.Settings) { s.Hops = []string{web} },
		"hop that is no identity":    func(s *mtls.Settings) { s.Hops = []string{"edge gateway"} },
	} {
		s := settings(pool)
		change(&s)
		if _, err := mtls.New(s); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
}

// TestCausesHoldNoForeignText: what a stranger wrote into a certificate does not reach
// the log.
func TestCausesHoldNoForeignText(t *testing.T) {
	ca := newAuthority(t)
	_, _, err := ask(t, settings(newAuthority(t).pool()), authz.Peer{Certificate: ca.issue(t, usual(web))})
	if err == nil || strings.Contains(err.Error(), "somebody") {
		t.Errorf("got %v", err)
	}
}

// FuzzForwarded: whatever stands in the header, a hop speaks for the holder of a
// certificate of ours or for nobody.
func FuzzForwarded(f *testing.F) {
	ca := newAuthority(f)
	client := ca.issue(f, usual(web))
	s := settings(ca.pool())
	s.Hops = []string{gateway}
	a := newAuthenticator(f, s)
	hop := ca.issue(f, usual(gateway))
	for _, seed := range []string{"", `Cert="` + client + `"`, `By=x;Cert=` + client + `,Cert="\""`, `Subject="a\",b";;=`, "\\", `"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		attributes := &authz.Attributes{Peer: authz.Peer{Certificate: hop}, Request: &authz.Request{Headers: authz.Headers{
			List: []authz.Header{{Name: "x-forwarded-client-cert", Value: line}},
		}}}
		credential, err := a.Extract(attributes)
		if err != nil {
			t.Fatalf("Extract refused a header of which it does not know whose it is: %v", err)
		}
		caller, _, err := a.Authenticate(t.Context(), credential)
		if err == nil && (caller.Subject != "web" || !strings.Contains(line, client)) {
			t.Fatalf("got %q of %q", caller.Subject, line)
		}
	})
}
