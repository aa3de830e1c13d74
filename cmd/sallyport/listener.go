package main

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/envoy"
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
	tls         *envoy.TLS
	receive     int
	requestBody int
	reflection  bool
}

// limits bound what Checks may spend.
func (c *compiler) limits() authz.Limits {
	at, message := c.root.field("server"), c.message.GetServer()
	l := authz.Limits{
		InFlight: limit(message.GetMaxChecks(), defaultChecks),
		Timeout:  c.span(at.field("check_timeout"), message.GetCheckTimeout(), span{leastTimeout, time.Minute, defaultTimeout}),
		Margin:   c.duration(at.field("deadline_margin"), message.GetDeadlineMargin(), defaultMargin),
	}
	if l.InFlight > mostChecks {
		c.refuse(at.field("max_checks"), fault{fmt.Sprintf("%d checks at once", l.InFlight), fmt.Sprintf("at most %d", mostChecks), "write what the machine can decide at once, as in 512"})
	}
	if l.Margin >= l.Timeout {
		c.refuse(at.field("deadline_margin"), fault{fmt.Sprintf("a margin of %s leaves nothing of %s", l.Margin, l.Timeout), "less than check_timeout", "make it smaller, as in 20ms"})
	}
	return l
}

// listeners compiles every address. A frame over the receive limit is a gRPC
// error, which Envoy may allow: the limit must hold the largest body.
func (c *compiler) listeners() []listener {
	at, message := c.root.field("server"), c.message.GetServer()
	receive := limit(message.GetMaxReceiveBytes(), defaultReceive)
	body := int(message.GetMaxRequestBytes())
	if body+headersRoom > receive {
		c.refuse(at.field("max_receive_bytes"), fault{fmt.Sprintf("%d bytes do not hold a body of %d and its headers", receive, body), fmt.Sprintf("at least %d", body+headersRoom), "raise max_receive_bytes, or lower max_request_bytes here and in Envoy"})
	}
	if len(message.GetListeners()) == 0 {
		c.refuse(at, fault{"no listeners", "at least one listener", `add server: {listeners: [{address: "127.0.0.1:9001"}]}`})
	}
	taken := map[string]cursor{}
	var all []listener
	for i, one := range message.GetListeners() {
		here := at.field("listeners").index(i)
		sound := c.checkAddress(here.field("address"), one.GetAddress(), taken)
		trusted := c.choose(here.field("scheme"), one.GetScheme(), "untrusted", "trusted") == "trusted"
		all = append(all, listener{one.GetAddress(), trusted, c.listenerTLS(here, one, sound), receive, body, message.GetReflection()})
	}
	return all
}

// listenerTLS refuses a plain listener that others can reach, unless the words
// stand there.
func (c *compiler) listenerTLS(at cursor, message *configv1.Listener, sound bool) *envoy.TLS {
	switch {
	case message.GetTls() != nil && message.GetInsecure():
		c.refuse(at.field("insecure"), fault{"insecure: true beside tls", "one of the two", "take insecure out"})
	case message.GetTls() != nil:
		return c.serverTLS(at.field("tls"), message.GetTls())
	case !sound || message.GetInsecure() || envoy.Private(message.GetAddress()):
		return nil
	default:
		c.refuse(at.field("address"), fault{fmt.Sprintf("plain listener on %s: whoever reaches it can ask for any verdict", message.GetAddress()), "a loopback address, a unix socket, or tls", "add tls with certificate, key, client_ca and peers, or insecure: true if nothing else can reach it"})
	}
	return nil
}

// checkAddress reports whether there is an address to go on with.
func (c *compiler) checkAddress(at cursor, address string, taken map[string]cursor) bool {
	wrong := fault{fmt.Sprintf("address %q", address), `"host:port" or "unix:/path"`, `write it as in "127.0.0.1:9001" or "unix:/run/sallyport/authz.sock"`}
	if path, isSocket := strings.CutPrefix(address, "unix:"); isSocket {
		if !strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/") {
			c.refuse(at, wrong)
			return false
		}
	} else if _, port, err := net.SplitHostPort(address); err != nil || !isPort(port) {
		c.refuse(at, wrong)
		return false
	}
	return strings.HasSuffix(address, ":0") || c.unique(at, address, taken)
}

func isPort(port string) bool {
	number, err := strconv.ParseUint(port, 10, 16)
	return err == nil && port == strconv.FormatUint(number, 10)
}
