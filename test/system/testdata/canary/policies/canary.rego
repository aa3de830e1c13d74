# Policies that tell all they know.
package custom

denying := {"deny", "open-deny"}

failing := {"error", "open-error"}

deny contains message if {
	denying[input.route.id]
	print("denied:", input)
	message := sprintf("denied: %v", [json.marshal(input)])
}

deny contains message if {
	failing[input.route.id]
	print("broken:", input)
	some name, values in object.union(input.request.headers, object.get(input.request, "query", {}))
	message := sprintf("%v %v", [name, to_number(values[0])])
}

deny contains "never reached" if {
	input.route.id == "slow"
	some a in numbers.range(1, 10000)
	some b in numbers.range(1, 10000)
	a * b == 0
}
