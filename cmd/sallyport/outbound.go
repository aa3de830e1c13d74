package main

import (
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"net/netip"
	"time"

	"github.com/sallyport-authz/sallyport/authz/outbound"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
)

const (
	defaultAnswer  = 1 << 20
	smallestAnswer = 1 << 10
	largestAnswer  = 64 << 20
)

// newOutbound makes the client for everything that this process asks others, or
// gives nil where its settings are refused. Nothing is asked yet.
func (c *compiler) newOutbound() *outbound.Client {
	at, message := c.root.Field("outbound"), c.message.GetOutbound()
	before := len(c.Problems)
	settings := outbound.Settings{
		AllowNetworks: c.allowNetworks(at.Field("allow_networks"), message.GetAllowNetworks()),
		AllowHTTP:     message.GetAllowHttp(),
		Timeout:       c.span(at.Field("timeout"), message.GetTimeout(), span{100 * time.Millisecond, time.Minute, 5 * time.Second}),
		MaxBytes:      c.largestAnswer(at.Field("max_bytes"), message.GetMaxBytes()),
		Authorities:   c.outboundAuthorities(at.Field("ca"), message.GetCa()),
	}
	if message.GetAllowHttp() && len(message.GetAllowNetworks()) == 0 {
		c.Refuse(at.Field("allow_http"), "http is allowed towards no network", "allow_networks beside it", "list the networks that may be asked in clear, or take it out")
	}
	if len(c.Problems) > before {
		return nil
	}
	client, err := outbound.New(settings)
	if err != nil {
		c.Refuse(at, err.Error(), "settings of one client", "correct what the message names")
		return nil
	}
	return client
}

func (c *compiler) allowNetworks(at document.Cursor, texts []string) []netip.Prefix {
	var all []netip.Prefix
	for i, text := range texts {
		network, err := outbound.ParseNetwork(text)
		if err != nil {
			c.Refuse(at.Index(i), fmt.Sprintf("network %q: %v", text, err), "the CIDR of a network of your own", "write it as in 10.1.0.0/16")
			continue
		}
		all = append(all, network)
	}
	return all
}

func (c *compiler) largestAnswer(at document.Cursor, bytes uint32) int64 {
	switch {
	case !at.Written():
		return defaultAnswer
	case bytes < smallestAnswer || bytes > largestAnswer:
		c.Refuse(at, fmt.Sprintf("%d bytes", bytes), fmt.Sprintf("%d to %d", smallestAnswer, largestAnswer), fmt.Sprintf("write it in bytes, as in %d, the default", defaultAnswer))
		return defaultAnswer
	default:
		return int64(bytes)
	}
}

// outboundAuthorities reads the authorities and keeps what tells them from others.
func (c *compiler) outboundAuthorities(at document.Cursor, reference string) []*x509.Certificate {
	if !at.Written() {
		return nil
	}
	text, ok := c.publicPEM(at, reference)
	if !ok {
		return nil
	}
	all, err := outbound.ParseAuthorities(text)
	if err != nil {
		c.Refuse(at, err.Error(), "certificates of authorities in PEM, and nothing else", "name the file of the authorities that sign the servers' certificates")
		return nil
	}
	c.authorities = fmt.Sprintf("%x", sha256.Sum256(text))
	return all
}
