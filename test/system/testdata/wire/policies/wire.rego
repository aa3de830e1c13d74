# Rules that show what reached the policy, by denying.
package custom

deny contains "body is not whole" if {
	input.route.id == "body"
	input.request.body_state != "whole"
}

deny contains "body is forbidden" if {
	input.route.id == "body"
	contains(input.request.body, "forbidden")
}

deny contains "tier is not gold" if {
	input.route.id == "extension"
	object.get(input.envoy.context_extensions, "tier", "none") != "gold"
}

# Who asks for it gets a rule that takes longer than any Check may.
deny contains "never reached" if {
	input.request.headers["x-slow"]
	some a in numbers.range(1, 10000)
	some b in numbers.range(1, 10000)
	a * b == 0
}
