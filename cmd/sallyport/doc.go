// Command sallyport is the program: it reads the configuration, compiles it and
// answers Envoy. It is the one place that knows every part by name, reads the
// clock and the environment, and opens files and sockets.
//
// # From file to snapshot
//
//	config.go     one file to one configv1.Config; document.go and shape.go refuse
//	              what a YAML reader would pass in silence
//	cursor.go     where in the file a field stands; problem.go what is wrong there
//	secret.go     env:NAME and file:path
//	compile.go    the order of the parts; each part's file turns its piece of the
//	              configuration into the plain values that a room takes
//	remember.go   what is remembered of verdicts, and under which keys
//	serve.go, validate.go, version.go   the subcommands
//	stop.go       how serve ends; lifetime.go how long everything may take then
//	decisionlog.go, recorder.go   where records go, and what they show
//	logger.go     --log-level: what stderr tells; never of a single Check
//	memory.go     what the runtime may use; door.go what messages may hold of it
//
// Every part reports all that is wrong with it and goes on, so that an operator
// sees all problems at once; whatever was reported, nothing starts.
//
// # How it ends
//
// At SIGTERM or SIGINT health says NOT_SERVING and Checks are answered for
// server.drain more (5s), so that every proxy's next health check finds out; then
// the listeners close, connections get GOAWAY, and the Checks under way have
// server.stop_timeout (5s); then the decision log is written out (5s at most).
// The exit code is 0 when all of that came to its end, and 1 when Checks were cut.
// A second signal cuts them at once. drain belongs above the proxies' health
// check interval; Kubernetes' terminationGracePeriodSeconds above the sum of the
// three, and no preStop sleep is needed.
//
// # Memory
//
// Where neither GOMEMLIMIT nor GOGC is set, the soft limit is 90% of the
// container's memory, if it has a limit, and the collector runs at 400%. A
// quarter of the limit (1 GiB without one) is what messages may hold before
// Checks are turned away at the door. The log says what was settled.
//
// # A new kind of credential
//
// One field of the oneof in the proto, one case in compiler.kind (kind.go), and
// its class in classOf (accept.go).
package main
