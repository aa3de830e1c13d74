# Five rules that all read what the hook said (C34).
package custom

deny contains "not this subject" if input.caller.subject == "blocked"

deny contains "not this role" if input.caller.role == "blocked"

deny contains "not this plan" if input.caller.claims.plan == "blocked"

deny contains "not these scopes" if "blocked" in input.caller.scopes

deny contains "not this kind" if input.caller.kind == "blocked"
