package sallyport.scope_test

world(needed, held) := {"route": {"scopes": needed}, "caller": {"scopes": held}}

test_holds_all if data.sallyport.scope.ok with input as world(["a", "b"], ["b", "c", "a"])

test_none_needed if data.sallyport.scope.ok with input as world([], [])

test_one_missing if not data.sallyport.scope.ok with input as world(["a", "b"], ["a"])

test_prefix_is_not_enough if not data.sallyport.scope.ok with input as world(["orders:read"], ["orders", "orders:*"])

test_caller_without_scopes if not data.sallyport.scope.ok with input as {"route": {"scopes": ["a"]}, "caller": {}}

test_route_without_scopes_member if not data.sallyport.scope.ok with input as {"route": {}, "caller": {"scopes": ["a"]}}

test_scopes_as_text if not data.sallyport.scope.ok with input as world("a", ["a"])
