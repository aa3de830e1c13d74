package custom_test

import data.custom

asked(needed, kind, scopes) := {"route": {"scopes": needed}, "caller": {"kind": kind, "scopes": scopes}}

test_administrator_needs_no_scope if custom.allow with input as asked(["orders:read"], "admin", [])

test_managing_includes_reading if custom.allow with input as asked(["wallet:read"], "api_token", ["wallet:manage"])

test_managing_includes_spending if custom.allow with input as asked(["wallet:spend"], "api_token", ["wallet:manage"])

test_reading_gives_nothing_else if {
	every needed in ["wallet:spend", "wallet:manage", "listings:read"] {
		not custom.allow with input as asked([needed], "api_token", ["wallet:read"])
	}
}

test_spending_does_not_read if not custom.allow with input as asked(["wallet:read"], "api_token", ["wallet:spend"])

test_all_are_needed if not custom.allow with input as asked(["wallet:read", "ai:use"], "api_token", ["wallet:manage"])

test_a_token_called_admin_is_no_administrator if {
	not custom.allow with input as {"route": {"scopes": ["ai:use"]}, "caller": {"kind": "api_token", "subject": "admin", "role": "admin", "scopes": []}}
}
