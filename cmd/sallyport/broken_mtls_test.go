package main

// brokenMTLS are faults of the settings of certificates. Each row goes red when its
// check in compiler.mtls or mtls.New is out.
func brokenMTLS() []broken {
	with := func(name, settings, want string) broken {
		return broken{name, "    anonymous: {}\n", "    mtls: {" + settings + "}\n", ":17:" + want}
	}
	return []broken{
		with("anybody's certificates", "trust_domains: [example.org]", "5: authenticators[1].mtls: no roots: whose certificates count is unknown; expected roots, and identities or trust_domains"),
		with("nobody known", "peer_validated_by_envoy: true", "5: authenticators[1].mtls: neither identities nor trust domains"),
		with("roots nowhere", "roots: 'file:gone.pem', trust_domains: [example.org]", "19: authenticators[1].mtls.roots: stat "),
		with("roots that are none", "roots: 'file:sallyport.yaml', trust_domains: [example.org]", "19: authenticators[1].mtls.roots: no certificate in PEM; expected at least one"),
		with("forwarded, and not verified", "peer_validated_by_envoy: true, trust_domains: [example.org], forwarded_by: ['spiffe://example.org/gw']", "5: authenticators[1].mtls: no roots: what hops forward is verified here"),
		with("a trust domain as a URI", "peer_validated_by_envoy: true, trust_domains: ['spiffe://example.org']", `5: authenticators[1].mtls: trust domain "spiffe://example.org": write its name`),
		with("an identity that is none", "peer_validated_by_envoy: true, identities: [{id: CN=web}]", `5: authenticators[1].mtls: identity "CN=web" is neither a URI nor a DNS name`),
		with("an unknown scope", "peer_validated_by_envoy: true, identities: [{id: 'spiffe://example.org/web', scopes: [nope]}]", `98: authenticators[1].mtls.identities[0].scopes[0]: unknown scope "nope"`),
	}
}
