package main

// brokenIntrospection are faults of an endpoint's settings. Each row goes red when its
// check in compiler.introspection or introspection.New is out.
func brokenIntrospection() []broken {
	const (
		place  = ":17:5: authenticators[1].introspection"
		client = "client_id: shop, client_secret: 'env:SALLYPORT_TEST_SERVER_KEY'"
		at     = "endpoint: 'https://id.example.com/introspect', "
		full   = at + client + ", audiences: [api]"
	)
	with := func(name, settings, want string) broken {
		return broken{name, "    anonymous: {}\n", "    introspection: {" + settings + "}\n", want}
	}
	return []broken{
		with("no endpoint", client+", audiences: [api]", place+".endpoint: no endpoint: nobody could be asked; expected the URL that is asked"),
		with("an endpoint in clear", "endpoint: 'http://id.example.com', "+client+", audiences: [api]", ":17:31: authenticators[1].introspection.endpoint: refused URL: it is http"),
		with("an endpoint within", "endpoint: 'https://169.254.169.254/', "+client+", audiences: [api]", ":17:31: authenticators[1].introspection.endpoint: refused address"),
		with("no credential", at+"audiences: [api]", place+": not exactly one credential for the endpoint; expected client_id and client_secret, or bearer_token"),
		with("two credentials", full+", bearer_token: 'env:SALLYPORT_TEST_SERVER_KEY'", place+": not exactly one credential for the endpoint"),
		with("no client_secret", at+"client_id: shop, audiences: [api]", place+": half of a client's credential; expected client_id and client_secret"),
		with("a secret in the configuration", at+"bearer_token: hunter2, audiences: [api]", ":17:82: authenticators[1].introspection.bearer_token: inline secrets are refused"),
		with("a secret that is not there", at+"client_id: shop, client_secret: 'env:NOWHERE', audiences: [api]", ":17:100: authenticators[1].introspection.client_secret: variable NOWHERE is not set"),
		with("a token that is none", at+"bearer_token: 'file:sallyport.yaml', audiences: [api]", ":17:82: authenticators[1].introspection.bearer_token: it is no bearer token"),
		with("no audience", at+client, place+".audiences: no audience: tokens for any service would be taken"),
		with("audiences, and any", full+", any_audience: true", place+": audiences, and any audience"),
		with("an old answer", full+", max_age: 301s", ":17:160: authenticators[1].introspection.max_age: duration 5m1s; expected 1s to 5m0s"),
		with("a skew of hours", full+", clock_skew: 3600s", ":17:163: authenticators[1].introspection.clock_skew: duration 1h0m0s; expected 0s to 1m0s"),
		with("prefix, and JWT-shaped", full+", prefix: x_, jwt_shaped: true", place+": a prefix and JWT-shaped tokens"),
		with("a header that carries nothing", full+", header: x-forwarded-for", place+`: header "x-forwarded-for" cannot carry a token`),
		with("calls without a bound", full+", max_calls: 1000", place+": 1000 calls at once are not between 1 and 256"),
	}
}
