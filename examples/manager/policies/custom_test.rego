package custom_test

import data.custom

by(kind, template) := {"caller": {"kind": kind}, "route": {"template": template}}

test_machine_on_its_api if count(custom.deny) == 0 with input as by("machine", "/api/machine/check")

test_machine_of_a_tenant if count(custom.deny) == 0 with input as by("machine", "/api/tenants/{tenant}/machine/check")

test_machine_elsewhere if {
	every template in ["/graphql", "/query", "/api/tenants/{tenant}/applications", "/api/machines/check"] {
		count(custom.deny) == 1 with input as by("machine", template)
	}
}

test_person_anywhere if count(custom.deny) == 0 with input as by("pat", "/graphql")
