package sallyport.caller_test

test_verified_caller if data.sallyport.caller.ok with input as {"caller": {"authenticator": "keys"}}

test_anonymous_is_a_caller if data.sallyport.caller.ok with input as {"caller": {"authenticator": "anonymous", "subject": ""}}

test_no_authenticator if not data.sallyport.caller.ok with input as {"caller": {"authenticator": "", "subject": "root"}}

test_authenticator_of_another_type if not data.sallyport.caller.ok with input as {"caller": {"authenticator": true}}

test_no_caller if not data.sallyport.caller.ok with input as {"tenant": ""}
