package jwt

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/sallyport-authz/sallyport/authz/claimset"
)

// discover finds where an issuer's keys are: in its OpenID Connect metadata, or
// else in its OAuth metadata (RFC 8414 section 3). Either must name the issuer
// exactly, so that nobody's document passes for another's.
func discover(ctx context.Context, fetcher Fetcher, issuer string) (string, error) {
	places, err := metadataURLs(issuer)
	if err != nil {
		return "", err
	}
	var all []error
	for _, place := range places {
		keys, err := keysNamedIn(ctx, fetcher, place, issuer)
		if err == nil {
			return keys, nil
		}
		all = append(all, err)
	}
	return "", fmt.Errorf("discover keys: %w", errors.Join(all...))
}

// metadataURLs are OpenID Connect Discovery 1.0 section 4's, which appends to the
// issuer, and RFC 8414's, which goes between host and path.
func metadataURLs(issuer string) ([]string, error) {
	base, err := url.Parse(issuer)
	if err != nil || base.Host == "" || base.RawQuery != "" || base.Fragment != "" || base.User != nil {
		return nil, errors.New("discover keys: the issuer is no URL with a host and without query, fragment and user")
	}
	path := strings.TrimSuffix(base.EscapedPath(), "/")
	root := base.Scheme + "://" + base.Host
	return []string{
		root + path + "/.well-known/openid-configuration",
		root + "/.well-known/oauth-authorization-server" + path,
	}, nil
}

func keysNamedIn(ctx context.Context, fetcher Fetcher, place, issuer string) (string, error) {
	text, err := fetcher.Get(ctx, place)
	if err != nil {
		return "", fmt.Errorf("fetch metadata: %w", err)
	}
	members, err := claimset.Read(text)
	if err != nil {
		return "", fmt.Errorf("metadata: %w", err)
	}
	if named, _ := members["issuer"].(string); named != issuer {
		return "", errors.New("metadata: it names another issuer")
	}
	keys, _ := members["jwks_uri"].(string)
	if at, err := url.Parse(keys); err != nil || at.Host == "" {
		return "", errors.New("metadata: no jwks_uri that is a URL with a host")
	} else if at.Scheme != "https" && !strings.HasPrefix(place, at.Scheme+"://") {
		// Who can change what comes over an open line must not choose the keys.
		return "", errors.New("metadata: jwks_uri is not https")
	}
	return keys, nil
}
