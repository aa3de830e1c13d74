package edge

import (
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/sallyport-authz/sallyport/authz"
)

const originHeader = "origin"

// Origins admits requests from pages of listed sites, and those from no page: a browser
// names the page's origin with every request that may change something (RFC 6454
// section 7, Fetch section 3.2), and other clients name none. What is safe is admitted
// from everywhere.
type Origins struct{ allowed []string }

var _ authz.Edge = Origins{}

// NewOrigins takes serialised origins, as in "https://dashboard.example": scheme and
// host in lower case, the port only where it is not the scheme's own. None is an error:
// nobody's pages would be admitted without anybody having said so.
func NewOrigins(allowed []string) (Origins, error) {
	if len(allowed) == 0 {
		return Origins{}, errors.New("no origin")
	}
	for _, origin := range allowed {
		if canonical, err := serialised(origin); err != nil || canonical != origin {
			return Origins{}, fmt.Errorf("origin %q: write scheme and host in lower case, without a path and without the scheme's own port", origin)
		}
	}
	return Origins{slices.Clone(allowed)}, nil
}

// serialised is the ASCII serialisation of a page's origin (RFC 6454 section 6.2).
func serialised(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil {
		return "", fmt.Errorf("parse: %w", err)
	}
	host, err := authz.ParseHost(u.Host)
	if err != nil || host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", errors.New("not an http or https origin")
	}
	if port := u.Port(); port != "" && port != map[string]string{"https": "443", "http": "80"}[u.Scheme] {
		host += ":" + port
	}
	return u.Scheme + "://" + host, nil
}

// Admit implements authz.Edge. An origin that stands twice, or is none that could be
// listed, "null" among them, is not a listed one.
func (o Origins) Admit(attributes *authz.Attributes) error {
	if attributes.Request == nil || attributes.Request.Safe() {
		return nil
	}
	// Of one that is repeated or mangled the text is "", which nobody can list.
	origin, presence := attributes.Request.Headers.Carried(authz.InHeader(originHeader))
	if presence == authz.Absent || slices.Contains(o.allowed, origin) {
		return nil
	}
	return fmt.Errorf("%w: the page's origin is not listed", authz.ErrChannel)
}

// Reads implements authz.Edge.
func (o Origins) Reads() authz.Reads {
	return authz.Reads{authz.FieldMethod, authz.FieldHeader(originHeader), authz.FieldHeader(authz.UpgradeHeader)}
}
