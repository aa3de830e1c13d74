package outbound_test

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/authz/outbound"
)

// TestCheckURL: the guards are the cases of target, malformed, soundPort and
// isName.
func TestCheckURL(t *testing.T) {
	for _, text := range []string{
		"https://id.example.com", "https://id.example.com/", "https://id.example.com:443/a", "https://id.example.com:80/", "https://id.example.com:1024/",
		"https://id.example.com:65535/a/b?c=d&e=%20", "https://ID.Example.com/", "https://my_idp:8443/realms/a", "https://xn--bcher-kva.example/", "https://a.1b/", "https://8.8.8.8:8443/",
		"https://[2606:4700::1111]:8443/", "https://" + strings.Repeat("a", 63) + ".test/", "https://id.test/" + strings.Repeat("a", 2048-16),
	} {
		if err := (outbound.Settings{}).CheckURL(text); err != nil {
			t.Errorf("%q: got %v", text, err)
		}
	}
	for _, text := range []string{
		"", "id.example.com", "/a", "//id.example.com/", "HTTPS://id.example.com/", "http://id.example.com/", "ftp://id.example.com/", "file:///etc/passwd", "gopher://id.example.com/",
		"https:id.example.com", "https:/id.example.com", "https://", "https:///a", "https://:443/", "https://?a", "javascript://id.example.com/",
		"https://me:" + canary + "@id.example.com/", "https://" + canary + "@id.example.com/", "https://@id.example.com/", "https://id.example.com/#" + canary, "https://id.example.com/#",
		"https://id.example.com:/", "https://id.example.com:0/", "https://id.example.com:0443/", "https://id.example.com:65536/", "https://id.example.com:22/", "https://id.example.com:25/",
		"https://id.example.com:1023/", "https://id.example.com:-1/", "https://id.example.com:443:443/", "https://id.example.com:https/",
		"https://id.example.com./", "https://.example.com/", "https://id..example.com/", "https://-id.example.com/", "https://id-.example.com/", "https://id.example.com%2f.evil.test/",
		"https://id.example.com\\@evil.test/", "https://id.example.com /", " https://id.example.com/", "https://id.example.com/\n", "https://id.example.com/\x00", "https://id.example.com/\x7f", "https://id.example.com/\u00e9",
		"https://\u00e9.example.com/", "https://id.example.com/a b", "https://id.example.com/{a}", "https://id.example.com/%zz", "https://id.ex*mple.com/", "https://id!.example.com/", "https://[v1.a]/", "https://[id.example.com]/", "https://[::1", "https://a.0x1f/", "https://a.0x/",
		"https://" + strings.Repeat("a", 64) + ".test/", "https://" + strings.Repeat("a.", 126) + "aa/", "https://id.test/" + strings.Repeat("a", 2048-15),
	} {
		err := (outbound.Settings{}).CheckURL(text)
		if !errors.Is(err, outbound.ErrURL) || strings.Contains(err.Error(), canary) {
			t.Errorf("%q: got %v, want %v and nothing of the URL", text, err, outbound.ErrURL)
		}
	}
}

// FuzzCheckURL: what passes means to package net/http what it says, and no reader
// of addresses, however generous, finds one in its host that would be refused.
func FuzzCheckURL(f *testing.F) {
	for _, seed := range []string{
		"https://id.example.com/a?b=c", "https://127.0.0.1/", "https://127.1/", "https://0x7f.1/", "https://[::ffff:127.0.0.1]:8443/", "https://a@b/", "https://a:1/#",
		"https://2130706433/", "https://a.%31/", "https://[fe80::1%25a]/", "https://[::8.8.8.8]/", "https://8.8.8.8/", "https://a\\b/", "https://0177.0.0.1/", "http://10.0.0.1/",
	} {
		f.Add(seed)
	}
	strict := outbound.Settings{}
	listing := outbound.Settings{AllowHTTP: true, AllowNetworks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	f.Fuzz(func(t *testing.T, text string) {
		if strict.CheckURL(text) == nil && listing.CheckURL(text) != nil {
			t.Fatalf("%q passes only where less is allowed", text)
		}
		if listing.CheckURL(text) != nil {
			return
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, text, http.NoBody)
		if err != nil {
			t.Fatalf("%q makes no request: %v", text, err)
		}
		to := request.URL
		if to.User != nil || to.Fragment != "" || to.Hostname() == "" || to.String() != text || request.Host != to.Host {
			t.Fatalf("%q is read as %q with host %q", text, to, request.Host)
		}
		if again, err := url.Parse(to.String()); err != nil || again.Host != to.Host {
			t.Fatalf("%q reads as another host the second time", text)
		}
		address, isAddress := generous(to.Hostname())
		inside := isAddress && netip.MustParsePrefix("10.0.0.0/8").Contains(address)
		switch {
		case isAddress && address.String() != to.Hostname() && address.Is4():
			t.Fatalf("%q holds %s in another spelling", text, address)
		case isAddress && !inside && (address.IsLoopback() || address.IsPrivate() || address.IsLinkLocalUnicast() || address.IsMulticast() || address.IsUnspecified() || address.Is4In6()):
			t.Fatalf("%q holds %s", text, address)
		case to.Scheme == "http" && isAddress && !inside, to.Scheme != "http" && to.Scheme != "https":
			t.Fatalf("%q goes in clear", text)
		case strict.CheckURL(text) == nil && (inside || to.Scheme != "https"):
			t.Fatalf("%q passes where nothing is allowed", text)
		}
	})
}

// generous reads an address as inet_aton does: one to four numbers, the last of
// which fills what is left, each in any base.
func generous(host string) (netip.Addr, bool) {
	if address, err := netip.ParseAddr(host); err == nil {
		return address, true
	}
	parts := strings.Split(strings.TrimSuffix(host, "."), ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var value uint64
	for i, part := range parts {
		number, err := parseAnyBase(part)
		last := i == len(parts)-1
		width := 8
		if last {
			width = 8 * (5 - len(parts))
		}
		if err != nil || number >= 1<<width {
			return netip.Addr{}, false
		}
		value = value<<width | number
	}
	return netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}), true
}

func parseAnyBase(part string) (uint64, error) {
	switch lower := strings.ToLower(part); {
	case lower == "0x":
		return 0, nil
	case strings.HasPrefix(lower, "0x"):
		return strconv.ParseUint(lower[2:], 16, 64)
	case strings.HasPrefix(lower, "0") && len(lower) > 1:
		return strconv.ParseUint(lower[1:], 8, 64)
	default:
		return strconv.ParseUint(lower, 10, 64)
	}
}
