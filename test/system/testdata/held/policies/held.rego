# Who names a place gets a rule that waits for it, and then denies nothing. The
# test holds Checks there for as long as it needs.
package custom

deny contains "the place gave no answer" if {
	some place in input.request.headers["x-wait-at"]
	http.send({"method": "get", "url": place}).status_code != 200
}
