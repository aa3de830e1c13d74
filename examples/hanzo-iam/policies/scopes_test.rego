package custom_test

import data.custom

test_clients_and_sessions_need_no_scope if {
	every kind in ["client", "session"] {
		custom.allow with input as {"caller": {"kind": kind}}
	}
}

test_tokens_do if not custom.allow with input as {"caller": {"kind": "token"}}
