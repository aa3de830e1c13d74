package onekey

// Rules are bodies of an operator's deny, each on another part of the input.
func Rules() []string {
	return []string{
		`input.request.client_ip != "10.0.0.1"`,
		`not input.request.secure`,
		`input.request.headers.origin[_] == "https://evil.example"`,
		`input.request.scheme == "http"`,
		`input.request.method == "POST"`,
		`startswith(input.request.path, "/x/2")`,
		`input.route.params.id == "1"`,
		`input.request.host == "a.example"`,
		`input.request.query.org[_] == "b"`,
		`count(input.request.query) > 1`,
		`input.request.body_state == "truncated"`,
		`contains(input.request.body, "drop")`,
		`input.peer.principal == "spiffe://x/y"`,
		`input.peer.sni == "a.example"`,
		`input.envoy.context_extensions.zone == "dmz"`,
		`input.envoy.metadata.geo.land == "xx"`,
		`input.envoy.route_metadata.r.tier == "free"`,
		`input.caller.subject == "bob"`,
		`input.caller.kind == "shop"`,
		`contains(input.request.headers.cookie[_], "theme=dark")`,
		`input.tenant == "b"`,
		`input.request.headers[name][_] == "1"; startswith(name, "x-flag")`,
		`object.get(input.request.headers, "x-flag-a", ["0"]) == ["0"]`,
		`count(input.request.headers) > 2`,
	}
}

// Module is a policy with such a rule.
func Module(rule string) string {
	return "package custom\n\ndeny contains \"no\" if {\n\t" + rule + "\n}\n"
}
