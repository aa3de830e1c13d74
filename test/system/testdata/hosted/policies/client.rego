# A route of one client, which the claims name.
package custom

deny contains "not this client" if {
	input.route.id == "acme"
	not input.caller.claims.client_id == "acme"
}
