package outbound

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

const (
	longestURL  = 2048
	longestHost = 253
	// The ports of HTTP below 1024. The others belong to protocols that are not
	// HTTP and might take some of it for their own.
	portHTTP, portHTTPS, unprivileged = 80, 443, 1024
)

// target reads a URL, or refuses it. What it gives means the same to every reader:
// letters that URLs have no use for, hosts that only look like names and whatever
// package net/url mends are refused.
func (p perimeter) target(text string) (*url.URL, error) {
	if reason := p.malformed(text); reason != "" {
		return nil, refusal{ErrURL, reason}
	}
	to, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, refusal{ErrURL, "it does not parse"} // the parser's text repeats the URL
	case to.User != nil:
		return nil, refusal{ErrURL, "it has a user"}
	case !soundPort(to):
		return nil, refusal{ErrURL, "its port is neither 80, 443 nor one of 1024 to 65535"}
	}
	return to, p.checkHost(to)
}

// malformed says what is wrong with the text as such, or "".
func (p perimeter) malformed(text string) string {
	switch {
	case len(text) > longestURL:
		return "it is longer than " + strconv.Itoa(longestURL) + " bytes"
	case strings.ContainsFunc(text, foreign):
		return "it holds a letter that must be escaped in a URL"
	case strings.Contains(text, "#"):
		return "it has a fragment"
	case strings.HasPrefix(text, "http://") && !p.allowHTTP:
		return "it is http, and outbound.allow_http is not true"
	case strings.HasPrefix(text, "http://"), strings.HasPrefix(text, "https://"):
		return ""
	default:
		return "it does not begin with https://"
	}
}

// foreign is what RFC 3986 has no place for.
func foreign(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"<>\\^`{|}", r) }

func soundPort(to *url.URL) bool {
	text := to.Port()
	if text == "" {
		return !strings.HasSuffix(to.Host, ":")
	}
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && text[0] != '0' && (port == portHTTP || port == portHTTPS || port >= unprivileged)
}

// checkHost judges an address as the dialer would. A name is judged when it is
// dialled.
func (p perimeter) checkHost(to *url.URL) error {
	host := to.Hostname()
	address, err := netip.ParseAddr(host)
	switch {
	case err == nil:
		return p.admit(address, to.Scheme == "http")
	case !isName(host):
		return refusal{ErrURL, "its host is no name, and no address as it is usually written"}
	default:
		return nil
	}
}

// isName takes names as DNS has them, and the underscores that container networks
// have. Where the last label is a number the host is an address to somebody
// (127.1, 0x7f000001, 2130706433; URL Standard, "ends in a number").
func isName(host string) bool {
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, notInLabel) || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return len(host) <= longestHost && !isNumber(labels[len(labels)-1])
}

func notInLabel(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
}

func isNumber(label string) bool {
	hex, isHex := strings.CutPrefix(strings.ToLower(label), "0x")
	if isHex {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}
