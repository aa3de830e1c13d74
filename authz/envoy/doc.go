// Package envoy is the room that speaks ext_authz: the only one with Envoy
// types and gRPC codes. cmd/sallyport makes one Server for each listener and
// hands it a Checker (authz.Authorizer) and a Recorder (the decision log). It
// may import authz, grpc, protobuf and Envoy's generated types, and no other
// room.
//
// # The way of a Check
//
//	frame -- look --> view -- reader --> Attributes -- Checker --> Verdict -- newResponse, sound --> bytes -- Recorder
//
// codec.go keeps grpc from decoding, so that a frame that does not decode is
// answered too. view.go takes what the frame says, from walk.go and walkhttp.go
// where it has the usual shape and from protobuf otherwise; attributes.go,
// headers.go and body.go say what that means. response.go, header_option.go and
// metadata.go write the answer; sound.go looks at it once more; prepared.go tells
// a remembered verdict again in the bytes of its first telling; unavailable.go
// holds what is sent when anything went wrong.
// check.go strings them together. server.go, options.go, identity.go and
// listen.go are the listener: its bounds, who may ask, where; stopping.go lets it
// end although somebody watches its health.
//
// # What every change must keep
//
// The handler gives no gRPC error, whatever is done to it: an Envoy with
// failure_mode_allow takes any error for an allow. An answer has status code 0
// only where sound has seen an allow. What walk reads is what protobuf reads, or
// it leaves the frame to protobuf: FuzzWalk holds the two together. Only a frame
// over MaxReceiveBytes is beyond us: grpc refuses it before any of our code runs,
// which is why that limit stands above what Envoy may send, and a call whose
// deadline has passed, which grpc resets and nobody waits for.
package envoy
