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
