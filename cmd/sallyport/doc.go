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
//	serve.go, validate.go, version.go   the subcommands
//
// Every part reports all that is wrong with it and goes on, so that an operator
// sees all problems at once; whatever was reported, nothing starts.
//
// # A new kind of credential
//
// One field of the oneof in the proto, one case in compiler.kind (kind.go), and
// its class in classOf (accept.go).
package main
