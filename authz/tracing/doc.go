// Package tracing makes a span of each Check that is traced and exports it by
// OTLP over HTTP (OpenTelemetry). It is off unless the configuration has tracing.
//
// A span is made when the Check is over, from its authz.Event, so that nothing of
// a Check waits for it. cmd/sallyport makes the Recorder, hands it an HTTP client
// and closes it after the last Check. It may import package authz and the
// OpenTelemetry SDK; nothing of that is global, so that no library in the process
// finds a tracer by accident.
//
//	recorder.go   which Checks are traced, and what their spans say
//	gate.go       the bound on what waits, and the count of what did not fit
//	exporter.go   the count of what was not taken, told rarely
//
// The SDK reads the environment too: OTEL_EXPORTER_OTLP_HEADERS are sent with
// every batch, which is where a collector's token belongs, and
// OTEL_RESOURCE_ATTRIBUTES name the replica. The endpoint, the sampling and all
// bounds are the configuration's.
//
// # Whose trace
//
// The parent is the span of the proxy's own call (the traceparent in its gRPC
// metadata). A traceparent among the request's headers is the client's word: whoever
// writes it could have every request recorded and put spans into the traces of
// others. Such a Check begins a trace of its own, with a link to what the client
// named. Checks whose proxy samples are traced; of the others the share ratio is,
// by the trace's id. tracestate is not read: it is for those who come after us, and
// nobody does.
//
// # What a span says
//
//	sallyport.effect         allow, deny
//	sallyport.reason         why a denial was one
//	sallyport.route          the id of the configured route
//	sallyport.cache          what the cache had to do with it
//	sallyport.authenticator  the name of the one that knew the caller
//	sallyport.status         the status of a denial
//	sallyport.generation     the snapshot's
//	sallyport.decision_id    finds the record in the decision log
//
// A span holds no path, host, header, caller, tenant or cause: those stand in the
// decision log, which has masks, and collectors of traces are read by more people.
// Only a Check that could not be decided (unavailable) is an error.
package tracing
