# The answer: one complete rule, defined for every input, whose first branch that
# holds decides. Nothing but a branch with "allow": true allows.
package sallyport.verdict

answer := {"allow": false, "reason": "unauthenticated", "metadata": {"rule": "sallyport.caller"}} if {
	not data.sallyport.caller.ok
} else := {"allow": false, "reason": "tenant", "metadata": {"rule": "sallyport.tenant"}} if {
	not data.sallyport.tenant.ok
} else := {"allow": false, "reason": "scope", "metadata": {"rule": "sallyport.scope"}} if {
	not granted
} else := {"allow": false, "reason": "policy", "message": message, "metadata": {"rule": "custom.deny"}} if {
	some _ in data.custom.deny
} else := {"allow": true, "metadata": {"rule": granted}}

# granted names the rule that lets the caller in. It is undefined where none
# does, and that denies.
granted := "sallyport.route" if {
	data.sallyport.route.open
} else := "sallyport.scope" if {
	data.sallyport.scope.ok
} else := "custom.allow" if {
	data.custom.allow == true
}

# message is defined whatever custom.deny holds: were it not, its branch would
# fall through to the one that allows.
message := concat("; ", sort([text | some text in data.custom.deny; is_string(text)]))
