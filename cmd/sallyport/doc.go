// Command sallyport is the program: it reads the configuration, compiles it and
// answers Envoy. It is the one place that knows every part by name, reads the
// clock and the environment, and opens files and sockets.
//
// # From file to snapshot
//
//	config.go     one file to one configv1.Config; document/ knows where each field
//	              stands, and collects what is wrong there
//	secret.go     env:NAME and file:path
//	compile.go    the order of the parts; each part's file turns its piece of the
//	              configuration into the plain values that a room takes
//	remember.go   what is remembered of verdicts, and under which keys
//	standing.go   of which routes, and why not of the others
//	serve.go, validate.go, version.go   the subcommands
//	stop.go       how serve ends; lifetime.go how long everything may take then
//	decisionlog.go, recorder.go   where records go, and what they show
//	ops.go, sources.go            where operators ask, and whose numbers they see
//	tracing.go    where spans go
//	outbound.go   which servers may be asked, and how long
//	jwt.go        one issuer's tokens; keyring.go the keys that are fetched for all
//	              snapshots, holdings.go what one snapshot holds of them
//	session.go, betterauth.go     sessions that another service keeps
//	agentjwt.go   the agents of a Better Auth, whom a record source knows
//	store.go      where the embedded store is; vault.go the open one, which token.go,
//	              storedkeys.go, basic.go, hosttenant.go and membership.go ask, and
//	              uses.go tells of; control.go its control socket, with importer.go,
//	              which reads what others kept, and fresh.go; serverkeys.go the keys
//	              that come and go, renewal.go what is outdated
//	administer.go, storecommand.go, cli/   the commands that administer a store
//	logger.go     --log-level: what stderr tells; never of a single Check
//	memory.go     what the runtime may use; door.go what messages may hold of it
//
//	inventory.go  every file, folder and absence that a compilation learned of
//	reload.go     keeps what is live like its files; hints.go, settings.go,
//	              reloadstatus.go and keepup.go are its parts
//
// Every part reports all that is wrong with it and goes on, so that an operator
// sees all problems at once; whatever was reported, nothing starts.
//
// # How changes are taken over
//
// The configuration, keys_file, key sets, policies, data, certificates and file:
// secrets are looked at again whenever the system tells of a change in their
// folders, every reload.interval (5s), and at SIGHUP. What counts is their content:
// renames, links that are swapped (Kubernetes) and lost events make no difference,
// and env: secrets cannot change. When all has rested for a tenth of a second it is
// compiled beside the Checks, the policies' tests run, and one pointer is swapped.
// A plan is made of what all files held at one moment. Checks that began before
// finish on what they began with; TLS holds from the next handshake on.
//
// A file that was cut short where its text still means something cannot be told
// from one that is meant so. Write beside it and rename: then nobody reads half.
//
// A broken change leaves everything as it was: the log says once what is wrong,
// with each place and way out, the status is red, and it is green again when the
// files are mended or are what is live again. What was refused is tried again
// after a minute, as a test may have lacked time.
//
// Keys that are fetched live longer than a snapshot: a reload that leaves an
// issuer's place and intervals as they are asks it for nothing, and one that
// changes the intervals goes on with the keys that there are. A new issuer is
// waited for a second; until it answers its tokens are 503.
//
// What cannot change in a running process (settings.go: fixed) keeps its value
// from the start, and a warning names each such field; the rest of the change is
// taken over. A key that is withdrawn together with a new address is dead at once,
// not after the restart. Within fixed fields, what tls names, what
// decision_log shows and masks, cache.ttl, cache.deny_ttl and cache.off: true are
// taken over.
//
// # How it ends
//
// At SIGTERM or SIGINT health says NOT_SERVING and Checks are answered for
// server.drain more (5s), so that every proxy's next health check finds out; then
// the listeners close, connections get GOAWAY, and the Checks under way have
// server.stop_timeout (5s); then administration ends (2s at most): what is revoked
// before counts for all of them. Operators' pages end (1s), the last spans are
// exported (2s) and the decision log is written out (5s).
// The exit code is 0 when all of that came to its end, and 1 when Checks were cut.
// A second signal cuts them at once. drain belongs above the proxies' health
// check interval; Kubernetes' terminationGracePeriodSeconds above the sum of
// them, and no preStop sleep is needed.
//
// # Memory
//
// Where neither GOMEMLIMIT nor GOGC is set, the soft limit is 80% of the
// container's memory, if it has a limit, and the collector runs at 400%. A
// quarter of the limit (1 GiB without one) is what messages may hold before
// Checks are turned away at the door. The log says what was settled.
//
// # A new kind of credential
//
// One field of the oneof in the proto, one case in compiler.kind (kind.go), and
// its class in classOf (accept.go).
package main
