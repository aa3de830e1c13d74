package main

// brokenAgentJWT are faults of agents' settings. Each row goes red when its check in
// compiler.agentJWT, compiler.capabilityScopes or agentjwt.New is out.
func brokenAgentJWT() []broken {
	const (
		place = ":17:5: authenticators[1].agentjwt"
		full  = "records: ba, audiences: [api]"
	)
	with := func(name, settings, want string) broken {
		return broken{name, "    anonymous: {}\ndenials:\n", "    agentjwt: {" + settings + "}\n" +
			"records: [{name: ba, endpoint: 'https://auth.example.com/records', bearer_token: 'env:SALLYPORT_TEST_SERVER_KEY'}]\ndenials:\n", want}
	}
	return []broken{
		with("no records", "audiences: [api]", place+`.records: no records are called ""; expected the name of one of records`),
		with("records that are not there", "records: elsewhere, audiences: [api]", `:17:25: authenticators[1].agentjwt.records: no records are called "elsewhere"`),
		with("no audience", "records: ba", place+".audiences: no audience: tokens for any service would be taken; expected the names of this service"),
		with("an empty audience", "records: ba, audiences: ['']", place+": no audience, or an empty one"),
		with("tokens of two minutes", full+", max_age: 120s", ":17:56: authenticators[1].agentjwt.max_age: duration 2m0s; expected 1s to 1m0s"),
		with("a skew of a minute", full+", clock_skew: 60s", ":17:59: authenticators[1].agentjwt.clock_skew: duration 1m0s; expected 0s to 30s"),
		with("tokens of a megabyte", full+", max_token_bytes: 1000000", place+": 1000000 bytes are not between 1 and 32768"),
		with("a capability for nothing", full+", scopes: [{capability: 'admin*'}]", ":17:56: authenticators[1].agentjwt.scopes[0]: half of a mapping; expected a capability and the scope"),
		with("a scope for nothing", full+", scopes: [{scope: read}]", ":17:56: authenticators[1].agentjwt.scopes[0]: half of a mapping"),
		with("a scope that nobody knows", full+", scopes: [{capability: x, scope: fly}]", `:17:79: authenticators[1].agentjwt.scopes[0].scope: unknown scope "fly"`),
		with("a header that is none", full+", header: 'x y'", place+": header \"x y\" cannot carry a token"),
		with("a star within", full+", scopes: [{capability: 'a*b', scope: read}]", place+`: mapping 1: a star that is not at the end of "a*b"`),
		with("a mapping never come to", full+", scopes: [{capability: '*', scope: read}, {capability: x, scope: write}]", place+": mapping 2 is never come to: mapping 1 takes all of"),
	}
}
