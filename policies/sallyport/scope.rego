# Whether the caller holds every scope that the route asks for.
package sallyport.scope

default ok := false

# Missing scopes are undefined here, and not the empty set: ok stays false.
ok if {
	is_array(input.route.scopes)
	every needed in input.route.scopes {
		needed in input.caller.scopes
	}
}
