# Whether anybody verified is calling. The service asks policies only then; this
# rule stands for the day when something else asks.
package sallyport.caller

default ok := false

ok if {
	is_string(input.caller.authenticator)
	input.caller.authenticator != ""
}
