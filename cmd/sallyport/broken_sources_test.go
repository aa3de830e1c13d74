package main

// brokenSources are faults of a record endpoint's settings, and of keys that live there.
// Each row goes red when its check in compiler.recordSource, recordsNamed or
// recordedAPIKeys is out.
func brokenSources() []broken {
	const (
		at   = "endpoint: 'https://auth.example.com/records', "
		full = "name: ba, " + at + "bearer_token: 'env:SALLYPORT_TEST_SERVER_KEY'"
	)
	source := func(name, settings, want string) broken {
		return broken{name, "denials:\n", "records: [{" + settings + "}]\ndenials:\n", ":18:" + want}
	}
	keys := func(name, settings, want string) broken {
		return broken{name, "    anonymous: {}\n", "    apikey: {" + settings + "}\n", ":17:" + want}
	}
	two := "records:\n  - {" + full + "}\n  - {" + full + "}\ndenials:\n"
	return []broken{
		source("no name", at+"bearer_token: 'env:SALLYPORT_TEST_SERVER_KEY'", "11: records[0].name: "),
		source("no endpoint", "name: ba, bearer_token: 'env:SALLYPORT_TEST_SERVER_KEY'", "11: records[0].endpoint: no endpoint: nobody could be asked"),
		source("an endpoint in clear", "name: ba, endpoint: 'http://auth.example.com/', bearer_token: 'env:SALLYPORT_TEST_SERVER_KEY'", "32: records[0].endpoint: refused URL: it is http"),
		source("no credential", "name: ba, "+at, "11: records[0]: no credential for the endpoint; expected bearer_token"),
		source("a secret in the configuration", "name: ba, "+at+"bearer_token: hunter2", "82: records[0].bearer_token: inline secrets are refused"),
		source("no role", full+", roles: [{scopes: [read]}]", "123: records[0].roles[0]: no role"),
		source("a role twice", full+", roles: [{role: owner}, {role: owner}]", "145: records[0].roles[1].role: "),
		source("a scope that nobody knows", full+", roles: [{role: owner, scopes: [fly]}]", "146: records[0].roles[0].scopes[0]: "),
		source("a session of hours", full+", session_max_age: 3600s", "132: records[0].session_max_age: duration 1h0m0s; expected 1s to 5m0s"),
		source("calls without a bound", full+", max_calls: 1000", "126: records[0].max_calls: 1000 calls at once; expected 1 to 256"),
		{"a name twice", "denials:\n", two, ":20:12: records[1].name: "},
		keys("records that are not there", "records: nowhere", `23: authenticators[1].apikey.records: no records are called "nowhere"`),
		keys("records, and the store", "records: nowhere, store: true", "39: authenticators[1].apikey.store: store beside records"),
		keys("default scopes of the operator's own keys", "default_scopes: [read]", "14: authenticators[1].apikey.default_scopes: default scopes of no records"),
	}
}
