// Package betterauth runs a real Better Auth, the one of examples/prood with its
// door to records, as a program of its own on loopback ports, and does what people
// and agents do there, through its own HTTP API alone.
//
// server.go starts it, and asks what Better Auth itself makes of a key or an agent's
// JWT; person.go is somebody with a session, organization.go what they do with
// organizations, key.go with API keys, agent.go with agents; jwt.go signs as an agent
// or a host does. betterauth.mjs starts the example's own service. It is got by
// `make tools`.
package betterauth
