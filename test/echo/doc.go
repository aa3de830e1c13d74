// Package echo is the upstream of the tours and of the whole-system tests: it
// answers with what reached it, so that a test sees which headers came through
// the proxy. It speaks HTTP/1.1 and HTTP/2 without TLS, upgrades WebSockets,
// serves gRPC's health service and echoes bytes over plain TCP.
//
// test/mesh, test/tour and test/system use it. It imports gRPC and nothing of
// ours.
package echo
