# The Manager's own rule, beside those that ship with Sallyport: whatever scopes it was
# given, a machine user gets no further than the machine API.
package custom

deny contains "Machine users reach the machine API alone" if {
	input.caller.kind == "machine"
	not machine_api
}

machine_api if startswith(input.route.template, "/api/machine/")

machine_api if endswith(input.route.template, "/machine/check")
