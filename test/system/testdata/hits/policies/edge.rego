# Rules on where and how a request came, each for one route parameter.
package custom

deny contains "not from here" if {
	input.route.params.by == "address"
	input.request.client_ip != "127.0.0.1"
}

deny contains "not over HTTPS" if {
	input.route.params.by == "https"
	not input.request.secure
}

deny contains "from another site" if {
	input.route.params.by == "origin"
	some origin in input.request.headers.origin
	origin != "https://shop.example"
}
