package main

// brokenEdges are faults of the rules about the way by which a credential comes. Each
// row goes red when its check in compiler.edges, networks, anonymousLimit, trustedHops,
// edge.NewOrigins or authz.ParseNetworks is out.
func brokenEdges() []broken {
	with := func(name, settings, want string) broken {
		return broken{name, "    anonymous: {}\n", "    anonymous: {}\n    " + settings + "\n", want}
	}
	return []broken{
		with("a header that proxies set", "csrf: {header: x-request-id}", `:18:5: authenticators[1].csrf: header "x-request-id": browsers and proxies must never set it by themselves`),
		with("a header that any page may set", "csrf: {header: content-type}", `:18:5: authenticators[1].csrf: header "content-type"`),
		with("a cookie that is none", "csrf: {cookie: 'a=b'}", `:18:5: authenticators[1].csrf: cookie "a=b" has no cookie's name`),
		with("a cookie without a name", "csrf: {cookie: ''}", ":18:20: authenticators[1].csrf.cookie: a cookie without a name; expected the name of the cookie that the header repeats"),
		with("unknown transport", "transport: https", `:18:16: authenticators[1].transport: unknown value "https"; expected one of [any secure]`),
		with("no origin", "origins: []", ":18:5: authenticators[1].origins: no origin; expected origins of pages"),
		with("no network", "networks: []", ":18:5: authenticators[1].networks: no network; expected at least one CIDR block"),
		with("network that is none", "networks: [loopback]", `:18:5: authenticators[1].networks: network "loopback": it is neither a CIDR block`),
		with("network with bits behind", "networks: [192.0.2.9/24]", `:18:5: authenticators[1].networks: network "192.0.2.9/24": there are bits behind its length: 192.0.2.0/24 is the network`),
		{"limit of nothing", "anonymous: {}", "anonymous: {limit: {per_second: 0, burst: 1}}", ":17:17: authenticators[1].anonymous.limit: per_second 0 and burst 1; expected per_second above zero, burst at least 1"},
		{"limit without a burst", "anonymous: {}", "anonymous: {limit: {per_second: 1}}", ":17:17: authenticators[1].anonymous.limit: per_second 1 and burst 0"},
		{"key's network", "          scopes: [read]\n", "          scopes: [read]\n          networks: []\n", ":16:11: authenticators[0].apikey.keys[0].networks: no network"},
		{"hops of nobody", "    - address: 127.0.0.1:9001\n", "    - address: 127.0.0.1:9001\n      trusted_hops: 33\n", ":6:21: server.listeners[0].trusted_hops: 33 trusted hops; expected at most 32"},
		with("origin with a path", "origins: ['https://a.example/']", `:18:5: authenticators[1].origins: origin "https://a.example/": write scheme and host in lower case`),
	}
}
