package main

import (
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"net/netip"
	"time"

	"github.com/sallyport-authz/sallyport/authz/outbound"
)

const (
	defaultAnswer  = 1 << 20
	smallestAnswer = 1 << 10
	largestAnswer  = 64 << 20
)

// newOutbound makes the client for everything that this process asks others, or
// gives nil where its settings are refused. Nothing is asked yet.
func (c *compiler) newOutbound() *outbound.Client {
	at, message := c.root.field("outbound"), c.message.GetOutbound()
	before := len(c.problems)
	settings := outbound.Settings{
		AllowNetworks: c.allowNetworks(at.field("allow_networks"), message.GetAllowNetworks()),
		AllowHTTP:     message.GetAllowHttp(),
		Timeout:       c.span(at.field("timeout"), message.GetTimeout(), span{100 * time.Millisecond, time.Minute, 5 * time.Second}),
		MaxBytes:      c.largestAnswer(at.field("max_bytes"), message.GetMaxBytes()),
		Authorities:   c.outboundAuthorities(at.field("ca"), message.GetCa()),
	}
	if message.GetAllowHttp() && len(message.GetAllowNetworks()) == 0 {
		c.refuse(at.field("allow_http"), fault{"http is allowed towards no network", "allow_networks beside it", "list the networks that may be asked in clear, or take it out"})
	}
	if len(c.problems) > before {
		return nil
	}
	client, err := outbound.New(settings)
	if err != nil {
		c.refuse(at, fault{err.Error(), "settings of one client", "correct what the message names"})
		return nil
	}
	return client
}

func (c *compiler) allowNetworks(at cursor, texts []string) []netip.Prefix {
	var all []netip.Prefix
	for i, text := range texts {
		network, err := outbound.ParseNetwork(text)
		if err != nil {
			c.refuse(at.index(i), fault{fmt.Sprintf("network %q: %v", text, err), "the CIDR of a network of your own", "write it as in 10.1.0.0/16"})
			continue
		}
		all = append(all, network)
	}
	return all
}

func (c *compiler) largestAnswer(at cursor, bytes uint32) int64 {
	switch {
	case !at.written():
		return defaultAnswer
	case bytes < smallestAnswer || bytes > largestAnswer:
		c.refuse(at, fault{fmt.Sprintf("%d bytes", bytes), fmt.Sprintf("%d to %d", smallestAnswer, largestAnswer), fmt.Sprintf("write it in bytes, as in %d, the default", defaultAnswer)})
		return defaultAnswer
	default:
		return int64(bytes)
	}
}

// outboundAuthorities reads the authorities and keeps what tells them from others.
func (c *compiler) outboundAuthorities(at cursor, reference string) []*x509.Certificate {
	if !at.written() {
		return nil
	}
	text, ok := c.publicPEM(at, reference)
	if !ok {
		return nil
	}
	all, err := outbound.ParseAuthorities(text)
	if err != nil {
		c.refuse(at, fault{err.Error(), "certificates of authorities in PEM, and nothing else", "name the file of the authorities that sign the servers' certificates"})
		return nil
	}
	c.authorities = fmt.Sprintf("%x", sha256.Sum256(text))
	return all
}
