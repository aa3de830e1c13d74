package main

import (
	"os"
	"slices"
)

const (
	mainFile, keyFile, secondFile = "sallyport.yaml", "keys.yaml", "second.key"
	ruleFile, dataFile, testFile  = "rules/told.rego", "rules/data.yaml", "rules/a_test.rego"
)

// breakages are the ways that we know.
func breakages() []breakage {
	return slices.Concat(brokenConfigurations(), brokenFiles(), brokenPolicies())
}

func brokenConfigurations() []breakage {
	return []breakage{
		{name: "cut YAML", file: mainFile, old: "scopes: [read, write, admin]", new: "scopes: [read", want: mainFile + ":"},
		{name: "empty configuration", file: mainFile, new: "", want: mainFile + ": the file is empty"},
		{name: "half of it", file: mainFile, new: "server: {drain: 0s, listeners: [{addr", want: mainFile + ":1:1: yaml"},
		{name: "bytes that are no text", file: mainFile, new: "\xff\xfe\x00\x01", want: mainFile + ":"},
		{name: "a list", file: mainFile, new: "- a\n", want: mainFile + ":1:1: the document is no mapping"},
		{name: "two documents", file: mainFile, old: "denial: told", new: "---\ndenial: told", want: mainFile + ":7:1: a second document begins here"},
		{name: "duplicate key", file: mainFile, old: "denial: told", new: "denial: told\ndenial: told", want: mainFile + ":8:1: duplicate key"},
		{name: "anchor", file: mainFile, old: "scopes: [read, write, admin]", new: "scopes: &a [read, write, admin]", want: mainFile + ":2:1: scopes: anchor"},
		{name: "unknown field", file: mainFile, old: "denial: told", new: "denail: told", want: mainFile + ":7:1: unknown field"},
		{name: "unknown field deep down", file: mainFile, old: "match:", new: "matches:", want: mainFile + ":10:5: hosts[0]: unknown field"},
		{name: "a word for a number", file: mainFile, old: "drain: 0s", new: "max_checks: many", want: mainFile + ":1:"},
		{name: "no listeners", file: mainFile, old: "server: {", new: "server: {drain: 0s}\ntracing: {", want: mainFile + ":"},
		{name: "unknown scope", file: mainFile, old: "scopes: [write], tenant", new: "scopes: [nobody], tenant", want: "nobody"},
		{name: "a key's scope goes", file: mainFile, old: "scopes: [read, write, admin]", new: "scopes: [write, admin]", want: keyFile + ":"},
		{name: "unknown authenticator", file: mainFile, old: "match: [api.example.com]", new: "match: [api.example.com]\n    authenticators: [nobody]", want: "nobody"},
		{name: "no kind", file: mainFile, old: "{name: key, apikey: {keys_file: file:keys.yaml}}", new: "{name: key}", want: "has no kind"},
		{name: "unknown denial", file: mainFile, old: "denial: told", new: "denial: untold", want: mainFile + ":7:9: denial: "},
		{name: "broken template", file: mainFile, old: "{{if eq", new: "{{iff eq", want: mainFile + ":6:"},
		{name: "one route twice", file: mainFile, old: "path: /told", new: "path: /route", want: mainFile + ":13:"},
		{name: "path without a slash", file: mainFile, old: "path: /told", new: "path: told", want: mainFile + ":13:"},
		{name: "lower case method", file: mainFile, old: "{methods: [GET], path: /told", new: "{methods: [get], path: /told", want: mainFile + ":13:"},
		{name: "unknown tenant source", file: mainFile, old: "path: /told, tenant: none", new: "path: /told, tenant: elsewhere", want: mainFile + ":13:"},
		{name: "accepts nobody known", file: mainFile, old: "path: /told, tenant: none", new: "path: /told, tenant: none, accept: [nobody]", want: mainFile + ":13:"},
		{name: "host twice", file: mainFile, old: "match: [api.example.com]", new: "match: [api.example.com, api.example.com]", want: mainFile + ":10:"},
		{name: "interval of nothing", file: mainFile, old: "interval: 100ms", new: "interval: 0s", want: "reload.interval: duration 0s"},
		{name: "cache of nothing", file: mainFile, old: "max_bytes: 8388608", new: "max_bytes: 1", want: "cache.max_bytes: 1 bytes"},
		{name: "plain listener for all", file: mainFile, old: "listeners: [{", new: "listeners: [{address: '0.0.0.0:1'}, {", want: mainFile + ":1:"},
		{name: "key of another certificate", file: mainFile, old: "certificate: file:a.pem", new: "certificate: file:b.pem", want: "server.listeners[1].tls.certificate: "},
		{name: "certificate that is gone", file: mainFile, old: "certificate: file:a.pem", new: "certificate: file:c.pem", want: "server.listeners[1].tls.certificate: stat "},
		{name: "authority without a certificate", file: mainFile, old: "client_ca: file:b.pem", new: "client_ca: file:a.key", want: "server.listeners[1].tls.client_ca: no certificate in PEM"},
	}
}

func brokenFiles() []breakage {
	return []breakage{
		{name: "keys that are gone", file: keyFile, new: gone, want: "keys_file: stat "},
		{name: "keys that are no list", file: keyFile, new: "a: b\n", want: keyFile + ":1:1: the document is no list"},
		{name: "empty keys", file: keyFile, new: "", want: keyFile + ": the file is empty"},
		{name: "cut digest", file: keyFile, old: "0f00a08", new: "", want: keyFile + ":1:"},
		{name: "key without an id", file: keyFile, old: "id: ci, ", new: "", want: keyFile + ":1:"},
		{name: "secret that is not there", file: keyFile, old: "sha256: ", new: "secret: file:nothing, subject: ", want: keyFile + ":1:"},
		{name: "secret in the file", file: keyFile, old: "sha256: ", new: "secret: ", want: "inline secrets are refused"},
		{name: "keys for all to write", want: "has mode 0666", ruin: forAll(keyFile)},
		{name: "secret that is gone", file: secondFile, new: gone, want: "second.key"},
		{name: "empty secret", file: secondFile, new: "\n", want: "second.key is empty"},
		{name: "secret for all to write", want: "second.key has mode 0666", ruin: forAll(secondFile)},
		{name: "certificate cut short", file: "a.pem", old: "-----END", new: "-----", want: "server.listeners[1].tls.certificate: "},
		{name: "folder in the place of keys", want: "is not a regular file", ruin: instead(keyFile, folder)},
		{name: "folder in the place of the configuration", want: mainFile + ": not a regular file", ruin: instead(mainFile, folder)},
		{name: "pipe in the place of the configuration", want: mainFile + ": not a regular file", ruin: instead(mainFile, pipe)},
		{name: "pipe in the place of a policy", want: "not a regular file", ruin: instead(ruleFile, pipe)},
		{name: "configuration over the bound", want: mainFile + ": not a regular file of at most", ruin: huge(mainFile)},
		{name: "data over the bound", want: "not a regular file of at most", ruin: huge(dataFile)},
		{name: "configuration that is gone", file: mainFile, new: gone, want: mainFile + ": read the file: "},
		{name: "policies that are gone", file: mainFile, old: "paths: [rules]", new: "paths: [rulez]", want: "policies.paths[0]: policy path \"rulez\": nothing is there"},
		{name: "everything is gone", want: mainFile + ": read the file: ", ruin: func(m *mount) error { return os.Remove(m.path("..data")) }},
	}
}

func brokenPolicies() []breakage {
	return []breakage{
		{name: "Rego that does not parse", file: ruleFile, old: "contains", new: "contain", want: ruleFile + ":3:"},
		{name: "cut Rego", file: ruleFile, old: " if input.request.path == \"/told\"", new: " if {", want: ruleFile + ":4:"},
		{name: "empty policy", file: ruleFile, new: "", want: ruleFile + ": "},
		{name: "input that is not there", file: ruleFile, old: "input.request.path", new: "input.request.pfad", want: ruleFile + ":3:"},
		{name: "number for an array", file: ruleFile, old: "[data.version]", new: "1", want: ruleFile + ":3:"},
		{name: "deny that is no set", file: ruleFile, old: "deny contains sprintf(", new: "deny := count(", want: ruleFile + ":3:"},
		{name: "allow that is a function", file: ruleFile, old: "deny contains", new: "allow(x) := x\n\ndeny contains", want: ruleFile + ":3:"},
		{name: "unknown function", file: ruleFile, old: "sprintf(", new: "sprint(", want: ruleFile + ":3:"},
		{name: "function that reaches out", file: ruleFile, old: "deny contains", new: "deny contains http.send({}).body if true\n\ndeny contains", want: "http.send reaches out of the evaluation"},
		{name: "a shipped rule in its own package", file: ruleFile, old: "package custom", new: "package sallyport.verdict\n\nanswer := true", want: ruleFile + ":"},
		{name: "a shipped rule from above", file: ruleFile, old: "package custom", new: "package sallyport\n\nverdict.ok := true", want: ruleFile + ":"},
		{name: "recursion", file: ruleFile, old: "package custom", new: "package custom\n\na if b\n\nb if a", want: ruleFile + ":"},
		{name: "test that does not pass", file: testFile, old: "version ==", new: "version !=", want: testFile + ":3:1: test data.custom.test_version failed"},
		{name: "data that fail a test", file: dataFile, new: "version: -1\n", want: testFile + ":3:1: test data.custom.test_version failed"},
		{name: "test that does not compile", file: testFile, old: "data.version", new: "nothing(", want: testFile + ":3:"},
		{name: "test with an input that is not there", file: testFile, old: "data.version ==", new: "data.version with input as {\"calller\": {}}; 1 ==", want: testFile + ":3:"},
		{name: "data that are no object", file: dataFile, new: "- 1\n", want: dataFile + ": data: "},
		{name: "cut data", file: dataFile, new: "version: {a: [1,", want: dataFile},
		{name: "data twice", file: "rules/nothing.json", new: `{"version": 2}`, want: "is defined in"},
		{name: "data of the shipped policy", file: dataFile, new: "version: 1\nsallyport: {scopes: []}\n", want: dataFile},
		{name: "data over rules", file: dataFile, new: "version: 1\ncustom: {deny: []}\n", want: dataFile},
		{name: "JSON with a comma", file: "rules/nothing.json", new: `{"a": 1,}`, want: "rules/nothing.json:1:1: data: "},
		{name: "link to a folder", want: "link to a folder", ruin: func(m *mount) error { return os.Symlink("/", m.path("rules/all")) }},
	}
}
