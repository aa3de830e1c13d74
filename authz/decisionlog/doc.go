// Package decisionlog writes one JSON line for each Check, in the form of OPA's
// decision logs, so that collectors of those read it.
//
// The flow's last step (authz/envoy) records events through authz.Recorder;
// cmd/sallyport makes the log and closes it after the last Check. It may import
// the standard library and package authz, nothing else.
//
// log.go holds the queue and its one goroutine, record.go the form of a line,
// redact.go what is taken out of the request's path, line.go the encoding, which
// leaves nothing in a line that could end it or steer a terminal. A record holds
// no value of a header but x-request-id, no cookie, no claim and no body. The
// cause of a denial is logged as it is: authenticators promise that their errors
// hold no secret.
package decisionlog
