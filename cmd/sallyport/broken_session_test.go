package main

// brokenSession are faults of a session's settings. Each row goes red when its check in
// compiler.session, session.NewAsked or session.NewSigned is out.
func brokenSession() []broken {
	const (
		place = "authenticators[1].session"
		at    = "endpoint: 'https://id.example.com/whoami'"
	)
	with := func(name, settings, want string) broken {
		return broken{name, "    anonymous: {}\n", "    session: {" + settings + "}\n", want}
	}
	asked := func(name, settings, want string) broken {
		return with(name, "cookies: [sid], asked: {"+settings+"}", want)
	}
	const source = "records: [{name: ba, endpoint: 'https://ba.example.com/records', bearer_token: 'env:SALLYPORT_TEST_SERVER_KEY'}]\n"
	signed := func(name, settings, want string) broken {
		return broken{name, "    anonymous: {}\n", "    session: {better_auth: {" + settings + "}}\n" + source, want}
	}
	const good, there = "secrets: ['env:SALLYPORT_TEST_SERVER_KEY']", ", records: ba"
	return []broken{
		signed("no secret of sessions", "records: ba", ":17:15: "+place+".better_auth.secrets: no secret: no cookie could be verified"),
		signed("an empty list of secrets of sessions", "secrets: []"+there, ":17:29: "+place+".better_auth.secrets: no secret: no cookie could be verified"),
		signed("a session's secret that is not set", "secrets: ['env:NOWHERE']"+there, ":17:39: "+place+".better_auth.secrets[0]: variable NOWHERE is not set"),
		signed("a session's secret in the configuration", "secrets: [hunter2]"+there, ":17:39: "+place+".better_auth.secrets[0]: inline secrets are refused"),
		signed("a session's secret that is short", "secrets: ['env:SALLYPORT_TEST_SERVER_KEY', 'env:HOME']"+there, ":17:72: "+place+".better_auth.secrets[1]: it has "),
		signed("sessions of no records", good, ":17:15: "+place+`.better_auth.records: no records are called ""`),
		signed("sessions of other records", good+", records: other", ":17:82: "+place+`.better_auth.records: no records are called "other"`),
		signed("guests of nobody", good+there+", guest: {scopes: [read]}", ":17:86: "+place+`.better_auth.guest.host: no authenticator of kind host is called ""`),
		signed("guests of an authenticator that knows no hosts", good+there+", guest: {host: key}", ":17:100: "+place+`.better_auth.guest.host: no authenticator of kind host is called "key"`),
		{"a cookie of Better Auth twice", "    anonymous: {}\n", "    session: {cookies: [a, a], better_auth: {" + good + there + "}}\n" + source, ":17:5: " + place + `: cookie "a" stands twice`},
		{"guests at a host that is refused", "    anonymous: {}\n", "    session: {better_auth: {" + good + there + ", guest: {host: shops}}}\n  - name: shops\n    host: {}\n" + source, ":19:5: authenticators[2].host: there are no tenants"},
		with("sessions of nobody", "cookies: [sid]", ":17:5: "+place+": nobody knows the sessions; expected better_auth or asked"),
		with("no cookies", "asked: {"+at+"}", ":17:5: "+place+": no cookies: nobody could present a session"),
		with("no cookie's name", "cookies: ['a b'], asked: {"+at+"}", ":17:33: "+place+`.asked: cookie "a b" has no cookie's name`),
		asked("no endpoint of sessions", "scopes: [read]", ":17:31: "+place+".asked.endpoint: no endpoint: nobody could be asked"),
		asked("sessions in clear", "endpoint: 'http://id.example.com'", ":17:49: "+place+".asked.endpoint: refused URL: it is http"),
		asked("sessions within", "endpoint: 'https://10.0.0.1/'", ":17:49: "+place+".asked.endpoint: refused address"),
		asked("an unknown scope of sessions", at+", scopes: [admin]", ":17:91: "+place+`.asked.scopes[0]: unknown scope "admin"`),
		asked("scopes, and a member for them", at+", scopes: [read], claims: {scopes: s}", ":17:31: "+place+".asked: scopes, and claims.scopes"),
		asked("an old session", at+", max_age: 61s", ":17:91: "+place+".asked.max_age: duration 1m1s; expected 100ms to 1m0s"),
		asked("a status that says nothing", at+", gone: {statuses: [503]}", ":17:31: "+place+".asked: status 503 does not say that there is no session"),
		asked("a header of no csrf token", at+", csrf_header: x-csrf-token", ":17:31: "+place+".asked.csrf_claim: half of a csrf rule"),
		asked("anybody is somebody", at+", subject: admin", ":17:31: "+place+`.asked: any answer would be a session of "admin"`),
		asked("another method", at+", method: PUT", ":17:31: "+place+`.asked: method "PUT" is neither GET nor POST`),
	}
}
