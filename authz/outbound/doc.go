// Package outbound is the one way by which this process asks others over HTTP:
// an HTTP client behind whose URLs somebody else may stand. Where keys are is told
// by an issuer's own document, and names resolve to what their owners say, so a
// URL that was checked once proves nothing about where a connection goes.
//
// cmd/sallyport makes one Client from the configuration's outbound and hands it to
// whoever fetches or asks. It imports no other room; authz/authn/jwt sees it as a
// Fetcher, authz/records and the kinds introspection, session and verify each as an
// Asker.
//
//	settings.go     what an operator allows, and what New refuses
//	url.go          which URLs are asked for at all
//	perimeter.go    which addresses may be reached, and which are special
//	embedded.go     IPv4 addresses within IPv6 ones
//	dial.go         connections: the address is judged when it is about to be used
//	client.go       one request, one bounded answer
//	breaker.go      who does not answer is left alone for a while
//	error.go        what went wrong, in words that may be logged
//
// # Which addresses
//
// Every connection's address is looked at after the name was resolved, on the
// socket, before the first packet: a name that resolves to another address the
// second time (DNS rebinding) is judged by that one. Refused is what is not
// globally reachable unicast (the special-purpose registries of IANA), the
// addresses at which clouds give credentials to whoever asks, and IPv6 that holds
// an IPv4 address (mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP).
//
// allow_networks lets addresses through again. An IPv6 address that holds IPv4
// ones passes only where each of those would pass too: a NAT64 prefix that is
// listed opens the way to public addresses and not to 10.0.0.0/8. Of
// 64:ff9b:1::/48 (RFC 8215) only prefixes of 96 bits make sense: the last four
// bytes are judged. A metadata address passes only where it is listed by itself,
// as 169.254.169.254/32: nobody means it by listing a network.
//
// # What is asked and what is taken
//
// https from TLS 1.2 on, with the system's authorities and those of the
// configuration; http only where it is allowed and only to addresses that are
// listed. No redirects, no cookies or credentials but those that posts and AskAs are
// given, no proxies (HTTPS_PROXY and its kin are not read), no compression. An
// answer counts if it is a 200 that is whole within Timeout and MaxBytes; everything
// else is an error that holds the host, and no part of what was answered, nor the URL's
// path and query. Of other statuses AskAs gives the number.
package outbound
