# The Commerce API's own rules, beside those that ship with Sallyport. Rules in
# deny add up: each text denies on its own, and the client reads it.
package custom

# A shop that Prood froze can still be looked at, but not changed.
deny contains "This store is frozen" if {
	not input.request.method in {"GET", "HEAD"}
	input.tenant in data.prood.frozen
}

# An agent's grants give it scopes. Where strict is set, it may do besides exactly what it
# was granted: an operation that has no capability of its own is nobody's.
deny contains "capability_not_granted" if {
	data.prood.strict
	input.caller.kind == "agent"
	not granted
}

granted if data.prood.operations[input.route.id] in input.caller.claims.capabilities
