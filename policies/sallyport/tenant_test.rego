package sallyport.tenant_test

test_own_tenant if data.sallyport.tenant.ok with input as {"tenant": "acme", "caller": {"tenant": "acme"}}

test_route_without_tenant if data.sallyport.tenant.ok with input as {"tenant": "", "caller": {"tenant": "acme"}}

test_other_tenant if not data.sallyport.tenant.ok with input as {"tenant": "acme", "caller": {"tenant": "umbrella"}}

test_caller_without_tenant if not data.sallyport.tenant.ok with input as {"tenant": "acme", "caller": {"tenant": ""}}

test_names_are_compared_exactly if not data.sallyport.tenant.ok with input as {"tenant": "acme", "caller": {"tenant": "ACME"}}

test_no_tenant_at_all if not data.sallyport.tenant.ok with input as {"caller": {"subject": "ann"}}
