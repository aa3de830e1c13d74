package main

// brokenShared are faults of a shared secret's settings. Each row goes red when its
// check in compiler.sharedSecret or sharedsecret.New is out.
func brokenShared() []broken {
	with := func(name, settings, want string) broken {
		return broken{name, "    anonymous: {}\n", "    sharedsecret: {" + settings + "}\n", ":17:" + want}
	}
	return []broken{
		with("no secret", "header: x-checkout-secret", "5: authenticators[1].sharedsecret: no secret; expected a header and at least one secret"),
		with("an empty secret", "header: x-checkout-secret, secrets: ['env:NOWHERE']", "57: authenticators[1].sharedsecret.secrets[0]: variable NOWHERE is not set"),
		with("a secret in the configuration", "header: x-checkout-secret, secrets: [hunter2]", "57: authenticators[1].sharedsecret.secrets[0]: inline secrets are refused"),
		with("no header", "secrets: ['file:sallyport.yaml']", `5: authenticators[1].sharedsecret: header "" cannot carry a secret`),
		with("any tenant", "header: x-checkout-secret, secrets: ['file:sallyport.yaml'], query: org", "5: authenticators[1].sharedsecret.tenants: any tenant could be named; expected the tenants that query may name"),
	}
}
