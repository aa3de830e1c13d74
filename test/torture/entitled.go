package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
)

// What the one key opens: one operation on one host.
const (
	keyHeader = "x-api-key"
	theKey    = "pk_7f3c1a9e5b2d4860af13"
	theHost   = "api.example"
	thePath   = "/v1/orders"
)

// entitled says what an allow lacks. It is written without the code that it
// judges, and is therefore coarser: it only knows what every allow must have.
func entitled(http *authv3.AttributeContext_HttpRequest) error {
	if http == nil {
		return errors.New("no HTTP request")
	}
	keys := presentedKeys(http)
	if len(keys) != 1 || strings.Trim(keys[0], " \t") != theKey {
		return fmt.Errorf("keys %q", keys)
	}
	if http.GetMethod() != "GET" && http.GetMethod() != "HEAD" {
		return fmt.Errorf("method %q", http.GetMethod())
	}
	raw, _, _ := strings.Cut(http.GetPath(), "?")
	if path, err := url.PathUnescape(raw); err != nil || path != thePath {
		return fmt.Errorf("path %q", http.GetPath())
	}
	host := http.GetHost()
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.ToLower(strings.TrimSuffix(host, ".")) != theHost {
		return fmt.Errorf("host %q", http.GetHost())
	}
	return nil
}

// presentedKeys gives every value of the key's header, in either encoding and
// under any spelling of its name.
func presentedKeys(http *authv3.AttributeContext_HttpRequest) []string {
	var keys []string
	for name, value := range http.GetHeaders() {
		if strings.EqualFold(strings.ReplaceAll(name, "_", "-"), keyHeader) {
			keys = append(keys, value)
		}
	}
	for _, h := range http.GetHeaderMap().GetHeaders() {
		if strings.EqualFold(strings.ReplaceAll(h.GetKey(), "_", "-"), keyHeader) {
			keys = append(keys, h.GetValue()+string(h.GetRawValue()))
		}
	}
	return keys
}
