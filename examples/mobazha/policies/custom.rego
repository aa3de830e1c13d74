# The node's own rule about scopes, beside those that ship with Sallyport. allow stands
# in for a missing scope, and for nothing else.
package custom

default allow := false

# The administrator needs no scopes.
allow if input.caller.kind == "admin"

# A scope is also held by whoever holds one that includes it.
allow if {
	every needed in input.route.scopes {
		held(needed)
	}
}

held(scope) if scope in input.caller.scopes

held(scope) if data.mobazha.included[scope] in input.caller.scopes
