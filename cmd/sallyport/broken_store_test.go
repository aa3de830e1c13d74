package main

// brokenStore are faults of the store and of the kinds that live on it. Each row goes
// red when its check in compiler.store, token, basic or hostTenant is out.
func brokenStore() []broken {
	with := func(name, settings, want string) broken {
		return broken{name, "decision_log:", "store: {" + settings + "}\ndecision_log:", want}
	}
	kind := func(name, settings, want string) broken {
		return broken{name, "    anonymous: {}\n", "    " + settings + "\n", want}
	}
	return []broken{
		with("store nowhere", "keys: []", ":40:1: store.path: no path; expected the store's folder"),
		with("store without keys", "path: data", ":40:1: store.keys: no server key; expected at least one"),
		with("server key in the configuration", "path: data, keys: [{id: k1, secret: hunter2}]", ":40:45: store.keys[0].secret: inline secrets are refused"),
		with("server key nowhere", "path: data, keys: [{id: k1, secret: 'env:NOWHERE'}]", ":40:45: store.keys[0].secret: variable NOWHERE is not set"),
		kind("tokens without a store", "token: {prefixes: [mbz_]}", ":17:5: authenticators[1].token: there is no store to ask"),
		kind("domains without a store", "host: {store: true}", ":17:19: authenticators[1].host.store: there is no store to ask"),
		kind("hosts of nobody", "host: {store: false}", ":17:5: authenticators[1].host: there are no tenants"),
		kind("passwords without a store", "basic: {principals: [machine]}", ":17:5: authenticators[1].basic: there is no store to ask"),
	}
}
