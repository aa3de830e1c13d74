# Who asks for it gets a rule that takes a while, and then denies nothing.
package custom

deny contains "never" if {
	input.request.headers["x-slow"]
	some a in numbers.range(1, 700)
	some b in numbers.range(1, 700)
	a * b == 0
}
