package main

import "strings"

// brokenStore are faults of the store and of the kinds that live on it. Each row goes
// red when its check in compiler.store, token, basic, storedKeys, hostTenant or membership is out.
func brokenStore() []broken {
	with := func(name, settings, want string) broken {
		return broken{name, "decision_log:", "store: {" + settings + "}\ndecision_log:", want}
	}
	kind := func(name, settings, want string) broken {
		return broken{name, "    anonymous: {}\n", "    " + settings + "\n", want}
	}
	// stored adds a store that has its key too, at the end of the file.
	stored := func(name, line, settings, want string) broken {
		const store = "store: {path: data, keys: [{id: k1, secret: 'env:SALLYPORT_TEST_SERVER_KEY'}]}\n"
		return broken{name, sound, strings.Replace(sound, line, settings, 1) + store, want}
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
		kind("keys without a store", "apikey: {store: true}", ":17:21: authenticators[1].apikey.store: there is no store to ask"),
		kind("prefixes without a store", "apikey: {prefixes: [mbz_]}", ":17:14: authenticators[1].apikey.prefixes: prefixes of no store; expected store: true beside them"),
		stored("keys beside a store", "    anonymous: {}\n", "    apikey: {store: true, keys: []}\n", ":17:27: authenticators[1].apikey.keys: keys beside store; expected one of the two"),
		stored("prefix beside prefixes", "    anonymous: {}\n", "    apikey: {store: true, prefix: pk_, prefixes: [mbz_]}\n", ":17:35: authenticators[1].apikey.prefix: prefix beside prefixes"),
		stored("prefix of no form", "    anonymous: {}\n", "    apikey: {store: true, prefixes: [MBZ]}\n", ":17:38: authenticators[1].apikey.prefixes[0]: "),
		stored("prefix that no import has", "    anonymous: {}\n", "    apikey: {store: true, prefix: sk_live_}\n", ":17:35: authenticators[1].apikey.prefix: a prefix is 2 to 16 letters"),
		stored("store without a header", "    anonymous: {}\n", "    apikey: {store: true, header: ''}\n", ":17:35: authenticators[1].apikey.header: no header; expected a header's name"),
		{"members without a store", "    preflight: refuse\n", "    membership: require\n", ":28:17: hosts[0].membership: there is no store to ask; expected store: at the top"},
		{"members of a route without a store", "        accept: [key]\n", "        accept: [key]\n        membership: scopes\n", ":34:21: hosts[0].routes[0].membership: there is no store to ask"},
		stored("membership of some kind", "    preflight: refuse\n", "    membership: yes please\n", `:28:17: hosts[0].membership: unknown value "yes please"; expected one of [require scopes none]`),
		stored("nobody's membership", "        tenant: none\n", "        tenant: query:org\n", ":34:9: hosts[0].routes[1].membership: membership is required, and an anonymous caller is a member of nothing; expected membership: none"),
		stored("membership of nothing", "        path: /health\n", "        path: /health\n        membership: require\n", ":37:21: hosts[0].routes[1].membership: the route concerns no tenant; expected tenant: caller, path:NAME or query:NAME"),
	}
}
