# A hosted store is its owner's: a token of its tenant is not enough.
package custom

deny contains "not the owner of this store" if {
	input.route.id == "orders"
	not owner
}

owner if data.owners[input.tenant] == input.caller.subject
