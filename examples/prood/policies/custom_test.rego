package custom_test

import data.custom

test_frozen_store_cannot_be_changed if {
	custom.deny == {"This store is frozen"} with input as {"tenant": "F", "request": {"method": "POST"}}
		with data.prood.frozen as ["F"]
}

test_frozen_store_can_be_read if {
	custom.deny == set() with input as {"tenant": "F", "request": {"method": "GET"}}
		with data.prood.frozen as ["F"]
}

test_other_stores_can_be_changed if {
	custom.deny == set() with input as {"tenant": "A", "request": {"method": "POST"}}
		with data.prood.frozen as ["F"]
}

agent := {"caller": {"kind": "agent", "claims": {"capabilities": ["listProducts"]}}}

test_strict_grant_is_for_its_operation if {
	custom.deny == set() with input as object.union(agent, {"route": {"id": "GET /v1/products"}})
		with data.prood.strict as true
}

test_strict_other_operation if {
	some id in {"POST /v1/carts", "GET /v1/countries"}
	custom.deny == {"capability_not_granted"} with input as object.union(agent, {"route": {"id": id}})
		with data.prood.strict as true
}

test_strict_is_for_agents if {
	custom.deny == set() with input as {"caller": {"kind": "session"}, "route": {"id": "POST /v1/carts"}}
		with data.prood.strict as true
}

test_scopes_are_enough_otherwise if {
	custom.deny == set() with input as object.union(agent, {"route": {"id": "POST /v1/carts"}})
		with data.prood.strict as false
}
