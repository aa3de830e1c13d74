package main

func brokenCallers() []broken {
	const digest = "sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	const key = "        - id: ci\n"
	return []broken{
		{"no kind", "    anonymous: {}", "    word: nobody", `:16:5: authenticators[1]: authenticator "guest" has no kind; expected one of apikey, jwt, agentjwt, introspection, verify, token, basic, session, sharedsecret, staticbearer, mtls, host, anonymous`},
		{"name twice", "- name: guest\n", "- {name: key, anonymous: {}}\n  - name: guest\n", `:16:12: authenticators[1].name: "key" is already the name of authenticators[0].name`},
		{"name with a space", "name: guest\n", "name: guest\n    word: a b\n", `:17:11: authenticators[1].word: name "a b"`},
		{"unknown on_invalid", "on_invalid: stop", "on_invalid: ignore", `:9:17: authenticators[0].on_invalid: unknown value "ignore"; expected one of [stop next]`},
		{"scope twice", "scopes: [read, write]", "scopes: [read, read]", `:6:16: scopes[1]: "read" is already the name of scopes[0]`},
		{"scope with a space", "scopes: [read, write]", `scopes: [read, "a b"]`, `:6:16: scopes[1]: scope "a b"`},
		{"bad digest", digest, "sha256: abc", ":14:19: authenticators[0].apikey.keys[0].sha256: "},
		{"neither digest nor secret", digest, "subject: ci", `:13:11: authenticators[0].apikey.keys[0]: key "ci" has neither sha256 nor secret`},
		{"digest and secret", key, key + "          secret: env:NOT_LOOKED_AT\n", ":14:19: authenticators[0].apikey.keys[0].secret: both sha256 and secret; expected one of the two"},
		{"inline secret", digest, "secret: hunter2", ":14:19: authenticators[0].apikey.keys[0].secret: inline secrets are refused; expected env:NAME or file:path"},
		{"empty secret", digest, `secret: ""`, ":14:19: authenticators[0].apikey.keys[0].secret: inline secrets are refused"},
		{"variable that is not set", digest, "secret: env:SALLYPORT_NOT_SET", ":14:19: authenticators[0].apikey.keys[0].secret: variable SALLYPORT_NOT_SET is not set"},
		{"secret file that is not there", digest, "secret: file:nowhere", ":14:19: authenticators[0].apikey.keys[0].secret: stat "},
		{"key id twice", key, "        - {id: ci, sha256: 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752}\n" + key, `:14:15: authenticators[0].apikey.keys[1].id: "ci" is already the name of authenticators[0].apikey.keys[0].id`},
		{"one key, two ids", key, "        - {id: cd, " + digest + "}\n" + key, ":14:11: authenticators[0].apikey.keys[1]: the same key as authenticators[0].apikey.keys[0]"},
		{"key's scope outside the list", "          scopes: [read]\n", "          scopes: [raed]\n", `:15:20: authenticators[0].apikey.keys[0].scopes[0]: unknown scope "raed"; expected one of [read write]`},
		{"keys_file is no reference", "header: x-api-key", "keys_file: keys.yaml", `:11:18: authenticators[0].apikey.keys_file: keys_file "keys.yaml"; expected file:path`},
		{"header that is no field name", "header: x-api-key", "header: a b", ":10:5: authenticators[0].apikey: header \"a b\" is no field name"},
		{"two claimants of one carrier", "- name: guest\n", "- {name: other, apikey: {keys: [{id: x, sha256: 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752}]}}\n  - name: guest\n", `:27:5: hosts[0]: authenticators "key" and "other" both claim`},
		{"host tenant without tenant", "- name: guest\n", "- {name: web, host: {tenants: [{slug: a}]}}\n  - name: guest\n", ":16:34: authenticators[1].host.tenants[0]: no tenant"},
	}
}

func brokenRoutes() []broken {
	const order = "path: /v1/orders/{id}\n"
	return []broken{
		{"unknown denial at the top", "denial: plain", "denial: fancy", `:24:9: denial: unknown denial "fancy"`},
		{"unknown reason", "reasons: [scope]", "reasons: [scopes]", `:21:19: denials[0].rules[0].reasons[0]: unknown reason "scopes"`},
		{"status out of range", "status: 403", "status: 99", ":22:17: denials[0].rules[0].status: status 99; expected 200 to 599"},
		{"body that is no template", "{{.Code}}", "{{.Code", ":21:9: denials[0].rules[0]: parse body: "},
		{"body with an unknown field", "{{.Code}}", "{{.Secret}}", ":21:9: denials[0].rules[0]: render body: "},
		{"header that frames", "        status: 403", "        headers: [{name: Connection, value: close}]", ":21:9: denials[0].rules[0]: header \"connection\" changes the message's framing"},
		{"two content types", "        status: 403", "        content_type: text/plain\n        headers: [{name: Content-Type, value: text/html}]", ":22:23: denials[0].rules[0].content_type: content_type beside a header content-type"},
		{"rule for an unknown authenticator", "        status: 403", "        authenticators: [kay]", `:22:26: denials[0].rules[0].authenticators[0]: unknown authenticator "kay"`},
		{"no match", "    match: [api.example.com]\n", "", ":26:5: hosts[0].match: host block has no pattern"},
		{"host pattern in upper case", "[api.example.com]", "[API.example.com]", `:27:5: hosts[0].match: host pattern "API.example.com"`},
		{"one host, two blocks", "hosts:\n", "hosts:\n  - {name: other, match: [api.example.com]}\n", `:28:5: hosts[1].match: host pattern "api.example.com" stands twice`},
		{"unknown preflight", "preflight: refuse", "preflight: maybe", `:28:16: hosts[0].preflight: unknown value "maybe"; expected one of [refuse allow]`},
		{"claim that is no part of a caller", "preflight: refuse", "upstream_claims: {orgId: org}", `:28:5: hosts[0].upstream_claims: orgId: "org" is no part of a caller`},
		{"unknown authenticator of a block", "preflight: refuse", "authenticators: [key, guest, oidc]", `:28:34: hosts[0].authenticators[2]: unknown authenticator "oidc"; expected one of [key guest]`},
		{"block without authenticators", "preflight: refuse", "authenticators: []", ":28:5: hosts[0].authenticators: an empty list"},
		{"authenticator of another block", "preflight: refuse", "authenticators: [guest]", `:33:18: hosts[0].routes[0].accept[0]: authenticator "key" is not known in this host block`},
		{"unknown authenticator of a route", "accept: [key]", "accept: [kay]", `:33:18: hosts[0].routes[0].accept[0]: unknown authenticator "kay"; expected one of [key guest]`},
		{"nobody accepted", "accept: [key]", "accept: []", ":33:9: hosts[0].routes[0].accept: an empty list accepts nobody"},
		{"names and groups mixed", "accept: [key]", "accept: [key, [guest]]", ":33:9: hosts[0].routes[0].accept: names and groups in one list"},
		{"group in a group", "accept: [key]", "accept: [[key, [guest]]]", ":33:24: hosts[0].routes[0].accept[0][1]: a group in a group"},
		{"accepted twice", "accept: [key]", "accept: [key, key]", `:33:23: hosts[0].routes[0].accept[1]: "key" stands here twice`},
		{"anonymous first", "accept: [guest]", "accept: [[guest], [key]]", ":38:18: hosts[0].routes[1].accept[0]: anonymous before another group"},
		{"public without anonymous", "accept: [guest]", "accept: [key]", ":39:17: hosts[0].routes[1].public: public: true, but no anonymous authenticator"},
		{"nobody's tenant", "tenant: none", "tenant: caller", ":37:17: hosts[0].routes[1].tenant: the tenant is the caller's, and an anonymous caller has none"},
		{"unknown tenant source", "tenant: none", "tenant: header:x", `:37:17: hosts[0].routes[1].tenant: tenant source "header:x" is unknown`},
		{"tenant of an unknown parameter", "tenant: none", "tenant: path:org", `:37:17: hosts[0].routes[1].tenant: tenant source "path:org"`},
		{"route's scope outside the list", "        scopes: [read]\n        accept", "        scopes: [admin]\n        accept", `:32:18: hosts[0].routes[0].scopes[0]: unknown scope "admin"`},
		{"route without a method", "- methods: [GET]\n", "- id: orders\n", ":30:9: hosts[0].routes[0].methods: no method"},
		{"method in lower case", "- methods: [GET]\n", "- methods: [get]\n", `:30:19: hosts[0].routes[0].methods[0]: method "get"; expected upper case`},
		{"route without a path", "        path: /health\n", "", `:34:9: hosts[0].routes[1].path: path ""; expected a template that begins with /`},
		{"brace within a segment", order, "path: /v1/orders/{id}.json\n", ":31:15: hosts[0].routes[0].path: "},
		{"ambiguous routes", "path: /health", "path: /v1/orders/{name}", ":36:15: hosts[0].routes[1].path: "},
		{"id twice", "id: health", "id: GET /v1/orders/{id}", `:34:9: hosts[0].routes[1]: "GET /v1/orders/{id}" is already the name of hosts[0].routes[0]`},
		{"status for a malformed credential", "        public: true\n", "        public: true\n        malformed: 403\n", ":40:20: hosts[0].routes[1].malformed: status 403 for a malformed credential; expected 400 or 401"},
		{"unknown unclaimed", "        public: true\n", "        public: true\n        unclaimed: drop\n", `:40:20: hosts[0].routes[1].unclaimed: unknown value "drop"; expected one of [refuse ignore]`},
		{"unknown encoded_slash", "        public: true\n", "        public: true\n        encoded_slash: allow\n", `:40:24: hosts[0].routes[1].encoded_slash: unknown value "allow"; expected one of [refuse keep]`},
		{"challenge over two lines", "        public: true\n", "        public: true\n        challenge: \"a\\nb\"\n", ":40:20: hosts[0].routes[1].challenge: a challenge with a control character"},
		{"connection that reads a header", "decision_log:", "connections: [{id: db, sni: [db.example.com], accept: [key], tenant: none}]\ndecision_log:", `:40:47: connections[0].accept: authenticator "key" reads header:x-api-key, which no connection has`},
	}
}
