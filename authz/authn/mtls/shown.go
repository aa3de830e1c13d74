package mtls

import (
	"crypto/x509"
	"encoding/json"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
)

// shown is all that a request tells of certificates, not verified.
type shown struct {
	principal string
	// direct is nil where the proxy tells none.
	direct *x509.Certificate
	// forwarded are the lines of the header, of anybody.
	forwarded []string
}

// packed is shown on its way from Extract to Authenticate.
type packed struct {
	Direct    []byte
	Forwarded []string
}

func (s shown) credential() authz.Credential {
	p := packed{Forwarded: s.forwarded}
	if s.direct != nil {
		p.Direct = s.direct.Raw
	}
	text, err := json.Marshal(p)
	if err != nil {
		text = nil // cannot be: read would refuse it
	}
	return authz.Credential{Name: s.principal, Value: authz.NewSecret(string(text))}
}

func read(c authz.Credential) (shown, error) {
	var p packed
	if err := json.Unmarshal([]byte(c.Value.Reveal()), &p); err != nil {
		return shown{}, fmt.Errorf("read what was extracted: %w", err)
	}
	s := shown{principal: c.Name, forwarded: p.Forwarded}
	if len(p.Direct) == 0 {
		return s, nil
	}
	var err error
	if s.direct, err = x509.ParseCertificate(p.Direct); err != nil {
		return shown{}, fmt.Errorf("read the certificate again: %w", err)
	}
	return s, nil
}
