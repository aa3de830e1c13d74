// Package ops is what an operator sees of a running process: an HTTP listener
// with /metrics, /livez, /readyz and /status, and the recorder that counts.
//
// cmd/sallyport makes it and says in Sources where the numbers of the other parts
// come from; Metrics is one of its recorders. It may import package authz,
// client_golang and one limit of golang.org/x/net.
//
//	table.go, metrics.go    which metrics there are, and the hot path that counts
//	counts.go               Checks by route and outcome, without locks or labels
//	collector.go, secrets.go   counts and sources as metrics, when somebody reads them
//	status.go, report.go    the page for a person, and what is red on it
//	guard.go, server.go     who may ask, and what asking may cost
//
// # The pages
//
// /livez is 200 while the process can answer at all: restart it where it is not.
// /readyz is 200 while a snapshot is live and the process is not draining, else
// 503. A refused change of files leaves the last good snapshot live, and both as
// they were; /status then says what is wrong with which line and since when. It
// ends with every declared route: whether its verdicts are remembered, why not, and
// what the cache had to do with its Checks.
//
// # Who may ask
//
// Nobody is asked who they are, so the listener is on loopback or a socket with
// mode 0600 unless the configuration says insecure. The pages hold the names of
// routes, authenticators and listeners and the problems of a configuration; no
// credential, caller, host, path or address of a client is ever in them. Requests
// under a Host that is not an address, localhost or a name of the configuration
// are 421 (DNS rebinding), methods other than GET and HEAD 405. There is no
// pprof: profiles show how others' requests are decided, the block profile is
// switched on for the whole process, and one caller could keep a processor busy.
//
// # The metrics
//
// Routes are those of the configuration, or unknown where none matched; a
// reason is none on an allow. Every name begins with sallyport_. Beside them
// stand those of the Go runtime (go_) and of the process (process_).
//
//	build_info{version,goversion}            Always 1; the labels tell which release runs.
//	ready                                    1 while a snapshot is live and the process is not draining.
//	checks_total{route,effect,reason,cache}  Checks by route, effect, reason and what the cache had to do with them.
//	check_duration_seconds{effect,cache}     Time from a Check's beginning to its record, for all outcomes.
//	checks_in_flight                         Checks that are being decided.
//	checks_limit                             Checks that may be decided at once.
//	checks_shed_total{where}                 Checks turned away: at the door unread, or at the decision.
//	door_checks                              Checks that are being read, decided or answered.
//	door_checks_limit                        Checks that may be in hand at once.
//	door_bytes                               Bytes set aside for messages in hand.
//	door_limit_bytes                         Bytes that messages in hand may hold.
//	snapshot_generation                      Generation of the live snapshot; 0 is none.
//	snapshot_age_seconds                     Time since the live snapshot went live.
//	cache_hits_total                         Checks answered by a remembered verdict.
//	cache_joined_total                       Checks answered by an equal one under way.
//	cache_misses_total{cause}                Checks decided although the cache was asked, by what was missing.
//	cache_stored_total{shelf}                Verdicts that the cache took.
//	cache_dropped_total{shelf}               Verdicts that the cache did not take.
//	cache_bytes{shelf}                       Bytes that remembered verdicts hold.
//	cache_capacity_bytes{shelf}              Bytes that they may hold.
//	reloads_total{result}                    Changes of files, applied or refused.
//	reload_last_failed                       1 while the last change of files is refused and the snapshot before it is live.
//	jwks_keys{source}                        Signing keys in use.
//	jwks_age_seconds{source}                 Time since the set in use was last confirmed; +Inf is never.
//	jwks_fetches_total{source}               Fetches of a key set.
//	jwks_failures_total{source}              Fetches of a key set that gave nothing to use.
//	decision_log_written_total               Decision records that were written.
//	decision_log_dropped_total               Decision records that nobody will read.
//	decision_log_errors_total                Writes of decision records that went wrong.
//	decision_log_waiting                     Decision records that are not written yet.
//	decision_log_capacity                    Decision records that may wait.
//	trace_spans_exported_total               Spans that the collector took.
//	trace_spans_failed_total                 Spans that the collector refused or that did not reach it.
//	trace_spans_dropped_total                Spans that found the queue full.
//	trace_spans_waiting                      Spans that are not exported yet.
//	trace_spans_capacity                     Spans that may wait.
//	slow_hashes_total                        Slow hashes that were begun.
//	slow_hashes_avoided_total{how}           Attempts on what is kept by a slow hash that needed none of their own.
//	slow_hashes_refused_total{why}           Attempts that got no answer: the queue was full, a limit was met, or they ended first.
//	slow_hashes_waiting                      Slow hashes that wait or run.
//	slow_hashes_remembered                   Successes that need no hash until they are forgotten.
//	token_uses_dropped_total                 Uses of tokens that were not noted.
//	token_uses_failed_total                  Times that the store did not take what was noted.
//	renewals_total{result}                   Outdated verifiers that were used, by what became of them.
//	renewals_waiting                         Outdated verifiers whose turn comes.
package ops
