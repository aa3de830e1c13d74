package sallyport.route_test

test_no_scopes if data.sallyport.route.open with input as {"route": {"scopes": []}}

test_scopes if not data.sallyport.route.open with input as {"route": {"scopes": ["a"]}}

test_member_missing if not data.sallyport.route.open with input as {"route": {"id": "x"}}
