// Package decisionlog writes one JSON line for each Check, in the form of OPA's
// decision logs, so that collectors of those read it.
//
// The flow's last step (authz/envoy) records events through authz.Recorder;
// cmd/sallyport makes the log and closes it after the last Check. It may import
// the standard library and package authz, nothing else.
//
// # The way of a record
//
// Record writes the line (record.go, text.go) on the Check's goroutine: nothing
// that waits keeps a request, with its body, in memory. The line goes into a
// queue that is bounded in records and in bytes (queue.go). One goroutine (log.go)
// hands the writer what waits: the first line after a silence at once, the next
// ones together, every 2 ms or 64 KiB. What a writer does not take, because the
// disk is full, waits and is tried again each second. When the queue is full,
// records are dropped and counted (Stats), and where they are missing a line
// stands that says how many (gap.go): its path is sallyport/decision_log/lost,
// its result {"lost": N}, and it has no result.allow. The operator's log hears of
// all that at most once a minute (worries.go). A process that is killed loses
// what waits.
//
// file.go appends to a file that may be moved away, deleted or cut at any time.
//
// # What a record tells
//
// The members up to metrics are OPA's: decision_id, timestamp, path, input,
// result, requested_by, trace_id, span_id, labels, metrics. Ours are caller,
// route, tenant, reason, status, rule, message, cause, credentials (each
// authenticator that was looked at, with its carrier and outcome), flags
// (credential_in_query, credential_over_plaintext: secrets to replace), generation,
// cache (authz.CacheState: what the cache had to do with it) and request_id.
//
// A record holds no body, no cookie and no value of a header but x-request-id,
// and no claim, unless the View names it. Headers then stand in
// input.request.headers, as {name: [value]}, which is the policy's own form of
// them; claims in caller.claims. Names that are masked, and the carriers of every
// configured authenticator, authorization, proxy-authorization, cookie, dpop,
// x-csrf-token, x-api-key and x-checkout-secret, always, read MASKED; so does,
// under "*", each header whose name sounds like a secret's. In paths and in
// headers, values of parameters that clients put credentials in read REDACTED
// (redact.go). At most 128 headers are shown, with 4 KiB of each.
//
// The cause of a denial is logged: authenticators promise that their errors hold
// no secret. Policies promise nothing, so that what the request presented as a
// credential is taken out of causes and messages too (scrub.go). Nothing in a line
// can end it or steer a terminal.
package decisionlog
