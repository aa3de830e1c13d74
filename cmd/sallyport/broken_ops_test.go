package main

// brokenOps are faults of what operators and collectors see. Each row goes red
// when its check in compiler.ops, tracing or checkEndpoint is out.
func brokenOps() []broken {
	with := func(name, settings, want string) broken {
		return broken{name, "decision_log:", "ops: {" + settings + "}\ndecision_log:", want}
	}
	traced := func(name, settings, want string) broken {
		return broken{name, "decision_log:", "tracing: {" + settings + "}\ndecision_log:", want}
	}
	return []broken{
		with("ops beyond loopback", "address: '0.0.0.0:9192'", ":40:16: ops.address: operators' pages on 0.0.0.0:9192: whoever reaches it learns the names"),
		with("ops on a name", "address: 'localhost:9192'", ":40:16: ops.address: operators' pages on localhost:9192"),
		with("ops without an address", "insecure: true", `:40:1: ops.address: address ""; expected "host:port" or "unix:/path"`),
		with("ops where proxies ask", "address: '127.0.0.1:9001'", `:40:16: ops.address: "127.0.0.1:9001" is already the name of server.listeners[0].address`),
		with("ops under a port", "address: '127.0.0.1:9192', hosts: ['a:80']", `:40:42: ops.hosts[0]: host "a:80"; expected a name in lower case`),
		with("ops in capitals", "address: '127.0.0.1:9192', hosts: [a, B]", `:40:45: ops.hosts[1]: host "B"; expected a name in lower case`),
		traced("tracing to nowhere", "ratio: 0.1", ":40:1: tracing.endpoint: no endpoint; expected the URL of an OTLP collector"),
		traced("tracing without a scheme", "endpoint: 'collector:4318'", ":40:21: tracing.endpoint: this is no http or https URL"),
		traced("tracing by gRPC", "endpoint: 'grpc://collector:4317'", ":40:21: tracing.endpoint: this is no http or https URL"),
		traced("tracing to no host", "endpoint: 'http:///v1'", ":40:21: tracing.endpoint: this is no http or https URL"),
		traced("tracing with a password", "endpoint: 'http://me:hunter2@collector'", ":40:21: tracing.endpoint: a URL with userinfo, a query or a fragment; expected"),
		traced("tracing with a token", "endpoint: 'https://collector/?key=hunter2'", ":40:21: tracing.endpoint: a URL with userinfo, a query or a fragment"),
		traced("ratio in percent", "endpoint: 'http://127.0.0.1:4318', ratio: 5", ":40:53: tracing.ratio: ratio 5; expected 0 to 1"),
		traced("ratio below zero", "endpoint: 'http://127.0.0.1:4318', ratio: -1", ":40:53: tracing.ratio: ratio -1; expected 0 to 1"),
		traced("ratio that is no number", "endpoint: 'http://127.0.0.1:4318', ratio: nan", ":40:53: tracing.ratio: ratio NaN; expected 0 to 1"),
	}
}
