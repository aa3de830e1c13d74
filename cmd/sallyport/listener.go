package main

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/envoy"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// The defaults of what one process spends.
const (
	defaultReceive = 16 << 20
	defaultChecks  = 512
	defaultTimeout = time.Second
	// leastTimeout is the least that authz takes.
	leastTimeout  = 5 * time.Millisecond
	defaultMargin = 20 * time.Millisecond
	// headersRoom is what a CheckRequest holds beside the body: headers,
	// certificate, metadata, context extensions.
	headersRoom = 1 << 20
	mostChecks  = 1 << 20
)

// listener is one address where Envoy asks.
type listener struct {
	address     string
	trustScheme bool
	trustedHops int
	tls         *envoy.TLS
	receive     int
	requestBody int
	reflection  bool
}

// limits bound what Checks may spend.
func (c *compiler) limits() authz.Limits {
	at, message := c.root.Field("server"), c.message.GetServer()
	l := authz.Limits{
		InFlight: atMost(message.GetMaxChecks(), defaultChecks),
		Timeout:  c.span(at.Field("check_timeout"), message.GetCheckTimeout(), span{leastTimeout, time.Minute, defaultTimeout}),
		Margin:   c.duration(at.Field("deadline_margin"), message.GetDeadlineMargin(), defaultMargin),
	}
	if l.InFlight > mostChecks {
		c.Refuse(at.Field("max_checks"), fmt.Sprintf("%d checks at once", l.InFlight), fmt.Sprintf("at most %d", mostChecks), "write what the machine can decide at once, as in 512")
	}
	if l.Margin >= l.Timeout {
		c.Refuse(at.Field("deadline_margin"), fmt.Sprintf("a margin of %s leaves nothing of %s", l.Margin, l.Timeout), "less than check_timeout", "make it smaller, as in 20ms")
	}
	return l
}

// listeners compiles every address. A frame over the receive limit is a gRPC
// error, which Envoy may allow: the limit must hold the largest body.
func (c *compiler) listeners() []listener {
	at, message := c.root.Field("server"), c.message.GetServer()
	receive := atMost(message.GetMaxReceiveBytes(), defaultReceive)
	body := int(message.GetMaxRequestBytes())
	if body+headersRoom > receive {
		c.Refuse(at.Field("max_receive_bytes"), fmt.Sprintf("%d bytes do not hold a body of %d and its headers", receive, body), fmt.Sprintf("at least %d", body+headersRoom), "raise max_receive_bytes, or lower max_request_bytes here and in Envoy")
	}
	if len(message.GetListeners()) == 0 {
		c.Refuse(at, "no listeners", "at least one listener", `add server: {listeners: [{address: "127.0.0.1:9001"}]}`)
	}
	taken := map[string]document.Cursor{}
	var all []listener
	for i, one := range message.GetListeners() {
		here := at.Field("listeners").Index(i)
		sound := c.checkAddress(here.Field("address"), one.GetAddress(), taken)
		trusted := c.choose(here.Field("scheme"), one.GetScheme(), "untrusted", "trusted") == "trusted"
		all = append(all, listener{
			address: one.GetAddress(), trustScheme: trusted, trustedHops: c.trustedHops(here.Field("trusted_hops"), one.GetTrustedHops()),
			tls: c.listenerTLS(here, one, sound), receive: receive, requestBody: body, reflection: message.GetReflection(),
		})
	}
	return all
}

// mostHops is more than anybody has.
const mostHops = 32

func (c *compiler) trustedHops(at document.Cursor, hops uint32) int {
	if hops > mostHops {
		c.Refuse(at, fmt.Sprintf("%d trusted hops", hops), fmt.Sprintf("at most %d", mostHops), "write how many of your own proxies add to x-forwarded-for, this Envoy among them")
		return 0
	}
	return int(hops)
}

// listenerTLS refuses a plain listener that others can reach, unless the words
// stand there.
func (c *compiler) listenerTLS(at document.Cursor, message *configv1.Listener, sound bool) *envoy.TLS {
	switch {
	case message.GetTls() != nil && message.GetInsecure():
		c.Refuse(at.Field("insecure"), "insecure: true beside tls", "one of the two", "take insecure out")
	case message.GetTls() != nil:
		return c.serverTLS(at.Field("tls"), message.GetTls())
	case !sound || message.GetInsecure() || envoy.Private(message.GetAddress()):
		return nil
	default:
		c.Refuse(at.Field("address"), fmt.Sprintf("plain listener on %s: whoever reaches it can ask for any verdict", message.GetAddress()), "a loopback address, a unix socket, or tls", "add tls with certificate, key, client_ca and peers, or insecure: true if nothing else can reach it")
	}
	return nil
}

// checkAddress reports whether there is an address to go on with.
func (c *compiler) checkAddress(at document.Cursor, address string, taken map[string]document.Cursor) bool {
	wrong := func() bool {
		c.Refuse(at, fmt.Sprintf("address %q", address), `"host:port" or "unix:/path"`, `write it as in "127.0.0.1:9001" or "unix:/run/sallyport/authz.sock"`)
		return false
	}
	if path, isSocket := strings.CutPrefix(address, "unix:"); isSocket {
		if !strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/") {
			return wrong()
		}
	} else if _, port, err := net.SplitHostPort(address); err != nil || !isPort(port) {
		return wrong()
	}
	return strings.HasSuffix(address, ":0") || c.unique(at, address, taken)
}

func isPort(port string) bool {
	number, err := strconv.ParseUint(port, 10, 16)
	return err == nil && port == strconv.FormatUint(number, 10)
}
