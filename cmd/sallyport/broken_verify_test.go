package main

// brokenVerify are faults of a hook's settings. Each row goes red when its check in
// compiler.verify, hookCalls or verify.New is out. max_checks is 64.
func brokenVerify() []broken {
	const (
		place = ":17:5: authenticators[1].verify"
		full  = "endpoint: 'https://hooks.example.com/verify'"
	)
	with := func(name, settings, want string) broken {
		return broken{name, "    anonymous: {}\n", "    verify: {" + settings + "}\n", want}
	}
	return []broken{
		with("no endpoint", "timeout: 1s", place+".endpoint: no endpoint: nobody could be asked; expected the URL that is asked"),
		with("an endpoint in clear", "endpoint: 'http://hooks.example.com'", ":17:24: authenticators[1].verify.endpoint: refused URL: it is http"),
		with("an endpoint within", "endpoint: 'https://169.254.169.254/'", ":17:24: authenticators[1].verify.endpoint: refused address"),
		with("a secret in the configuration", full+", bearer_token: hunter2", ":17:74: authenticators[1].verify.bearer_token: inline secrets are refused"),
		with("an empty secret", full+", bearer_token: 'env:SALLYPORT_TEST_EMPTY'", ":17:74: authenticators[1].verify.bearer_token: variable SALLYPORT_TEST_EMPTY is empty"),
		with("a reference to nothing", full+", bearer_token: ''", ":17:74: authenticators[1].verify.bearer_token: inline secrets are refused"),
		with("a credential that no header holds", full+", bearer_token: 'file:sallyport.yaml'", place+": a credential for the hook that no header can carry"),
		with("a header that carries nothing", full+", header: x-forwarded-for", place+`: header "x-forwarded-for" cannot carry a token`),
		with("no time at all", full+", timeout: 1ms", ":17:69: authenticators[1].verify.timeout: duration 1ms; expected 10ms to 30s"),
		with("every Check's place", full+", max_calls: 17", ":17:71: authenticators[1].verify.max_calls: 17 calls at once; expected 1 to 16, a quarter of server.max_checks"),
		with("no calls", full+", max_calls: 0", ":17:71: authenticators[1].verify.max_calls: 0 calls at once; expected 1 to 16"),
	}
}
