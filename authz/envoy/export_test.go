package envoy

import (
	"context"

	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	"github.com/sallyport-authz/sallyport/authz"
)

// What the tests see of the inside. The clients have their tests' names.
const (
	ClientHTTP       = clientHTTP
	ClientConnection = clientConnection
)

func Read(s Settings, message []byte) (*authz.Attributes, error) {
	return reader{trustScheme: s.TrustScheme, trustedHops: s.TrustedHops, maxRequestBytes: s.MaxRequestBytes}.read(message)
}

// Views reads a message by walking and with protobuf. The first is nil where the
// message is not usual, the second where it does not decode.
func Views(message []byte) (walked, read any) {
	var request authv3.CheckRequest
	if proto.Unmarshal(message, &request) == nil {
		v := decoded(request.GetAttributes())
		v.sorted()
		read = v
	}
	if v, usual := walk(message); usual {
		walked = v
	}
	return walked, read
}

// ViewTypes are those that a comparison looks into.
func ViewTypes() []any { return []any{view{}, end{}, asked{}, rawHeader{}} }

func Encode(e *authz.Event) ([]byte, error) { return encode(e) }

func Sound(r *authv3.CheckResponse, effect authz.Effect, to client) error {
	return sound(r, effect, to)
}

// Answer runs the handler without a connection, under a context of the test's.
func Answer(ctx context.Context, s Settings, message []byte) ([]byte, error) {
	c, err := s.checks()
	if err != nil {
		return nil, err
	}
	return c.answer(ctx, func(v any) error {
		return newCodec().Unmarshal(mem.BufferSlice{mem.SliceBuffer(message)}, v)
	}), nil
}
