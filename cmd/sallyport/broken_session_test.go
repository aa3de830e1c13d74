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
	return []broken{
		with("sessions of nobody", "cookies: [sid]", ":17:5: "+place+": nobody knows the sessions; expected asked"),
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
