# The Commerce API's own rules, beside those that ship with Sallyport. Rules in
# deny add up: each text denies on its own, and the client reads it.
package custom

# A shop that Prood froze can still be looked at, but not changed.
deny contains "This store is frozen" if {
	not input.request.method in {"GET", "HEAD"}
	input.tenant in data.prood.frozen
}
