// Package admin administers a store while its server runs: the gRPC service
// sallyport.admin.v1 on a control socket, the client of it, and what makes a change
// act before its call returns. cmd/sallyport wires it; it imports authz, the
// generated messages, grpc and protobuf, and no other room.
//
// # The way of a change
//
//	Client -- socket, both uids --> guard --> service --> Applier -- commit, tick --> answer
//
// listen.go makes the socket, and peer.go lets nobody through the handshake whose
// user is not the server's; the client wants the same of the server, so that no
// password is told to somebody who put a socket there first. guard.go stands before
// every call: who asks, how long, and what becomes of errors and panics. token.go,
// import.go, principal.go, organization.go, serverkey.go and audit.go turn messages into mutations and
// queries, message.go the other way. applier.go orders changes, their ticks and
// their answers. client.go is the other end; its errors are authz's, in words.
//
// # What every change must keep
//
// No message has a field for what proves a secret, and a secret stands in the one
// answer to whoever asked for its making: nothing here prints a request or an
// answer. Every call has an Act, which comes from the connection and never from a
// message. An error that is none of authz's three means that nothing is known, for
// the caller and for everything that is remembered.
package admin
