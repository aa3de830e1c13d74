package main

// brokenOps are faults of what operators and collectors see. Each row goes red
// when its check in compiler.ops is out.
func brokenOps() []broken {
	with := func(name, settings, want string) broken {
		return broken{name, "decision_log:", "ops: {" + settings + "}\ndecision_log:", want}
	}
	return []broken{
		with("ops beyond loopback", "address: '0.0.0.0:9192'", ":40:16: ops.address: operators' pages on 0.0.0.0:9192: whoever reaches it learns the names"),
		with("ops on a name", "address: 'localhost:9192'", ":40:16: ops.address: operators' pages on localhost:9192"),
		with("ops without an address", "insecure: true", `:40:1: ops.address: address ""; expected "host:port" or "unix:/path"`),
		with("ops where proxies ask", "address: '127.0.0.1:9001'", `:40:16: ops.address: "127.0.0.1:9001" is already the name of server.listeners[0].address`),
		with("ops under a port", "address: '127.0.0.1:9192', hosts: ['a:80']", `:40:42: ops.hosts[0]: host "a:80"; expected a name in lower case`),
		with("ops in capitals", "address: '127.0.0.1:9192', hosts: [a, B]", `:40:45: ops.hosts[1]: host "B"; expected a name in lower case`),
	}
}
