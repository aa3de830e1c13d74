# The IAM's own rule about scopes (H07): those of a token bind it. A client or a person
# who is signed in may use every tool.
package custom

default allow := false

allow if input.caller.kind in {"client", "session"}
