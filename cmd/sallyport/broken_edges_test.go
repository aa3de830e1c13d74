package main

// brokenEdges are faults of the rules about the way by which a credential comes. Each
// row goes red when its check in compiler.edges or edge.NewOrigins is out.
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
		with("origin with a path", "origins: ['https://a.example/']", `:18:5: authenticators[1].origins: origin "https://a.example/": write scheme and host in lower case`),
	}
}
