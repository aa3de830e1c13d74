package sallyport.verdict_test

import data.sallyport.verdict

ann := {"authenticator": "keys", "tenant": "acme", "scopes": ["orders:read"]}

world(caller, tenant, needed) := {"caller": caller, "tenant": tenant, "route": {"scopes": needed}}

permitted(rule) := {"allow": true, "metadata": {"rule": rule}}

refused(reason, rule) := {"allow": false, "reason": reason, "metadata": {"rule": rule}}

test_scopes_suffice if {
	got := verdict.answer with input as world(ann, "acme", ["orders:read"])
	got == permitted("sallyport.scope")
}

test_route_asks_for_none if {
	got := verdict.answer with input as world(ann, "acme", [])
	got == permitted("sallyport.route")
}

test_scope_missing if {
	got := verdict.answer with input as world(ann, "acme", ["orders:write"])
	got == refused("scope", "sallyport.scope")
}

test_custom_allow_stands_in_for_scopes if {
	got := verdict.answer with input as world(ann, "acme", ["orders:write"])
		with data.custom as {"allow": true}
	got == permitted("custom.allow")
}

test_custom_allow_must_be_true if {
	every allow in [false, null, "true", 1, {}] {
		got := verdict.answer with input as world(ann, "acme", ["orders:write"])
			with data.custom as {"allow": allow}
		got == refused("scope", "sallyport.scope")
	}
}

test_custom_allow_false_takes_nothing_away if {
	got := verdict.answer with input as world(ann, "acme", ["orders:read"])
		with data.custom as {"allow": false}
	got == permitted("sallyport.scope")
}

test_custom_allow_never_stands_in_for_tenant if {
	got := verdict.answer with input as world(ann, "umbrella", [])
		with data.custom as {"allow": true}
	got == refused("tenant", "sallyport.tenant")
}

test_custom_allow_never_stands_in_for_caller if {
	got := verdict.answer with input as world({"authenticator": ""}, "", [])
		with data.custom as {"allow": true}
	got == refused("unauthenticated", "sallyport.caller")
}

test_custom_deny_beats_everything if {
	got := verdict.answer with input as world(ann, "acme", ["orders:read"])
		with data.custom as {"allow": true, "deny": {"weekend", "frozen"}}
	got == object.union(refused("policy", "custom.deny"), {"message": "frozen; weekend"})
}

test_custom_deny_without_text if {
	got := verdict.answer with input as world(ann, "acme", []) with data.custom as {"deny": {""}}
	got == object.union(refused("policy", "custom.deny"), {"message": ""})
}

# What is no string denies too; the message tells the strings only.
test_custom_deny_of_another_type if {
	got := verdict.answer with input as world(ann, "acme", []) with data.custom as {"deny": {1, "frozen", null}}
	got == object.union(refused("policy", "custom.deny"), {"message": "frozen"})
}

test_custom_deny_empty if {
	got := verdict.answer with input as world(ann, "acme", []) with data.custom as {"deny": set()}
	got == permitted("sallyport.route")
}

test_empty_input_is_answered if {
	got := verdict.answer with input as {}
	got == refused("unauthenticated", "sallyport.caller")
}
