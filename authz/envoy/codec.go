package envoy

import (
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
)

// frame is one message as it came. Its memory is grpc's own: it is read, copied
// from and given back with free before the handler ends.
type frame struct{ buffer mem.Buffer }

func (f *frame) bytes() []byte {
	if f.buffer == nil {
		return nil
	}
	return f.buffer.ReadOnlyData()
}

func (f *frame) free() {
	if f.buffer != nil {
		f.buffer.Free()
		f.buffer = nil
	}
}

// reply is one message as it goes out. grpc reads it and never writes to it, so
// that one reply may answer many Checks.
type reply []byte

// codec hands our handler the bytes of a message and never fails on them: an
// error here would leave the server as a gRPC error, before any of our code ran.
// Other messages, those of the health service, go to protobuf's codec.
type codec struct{ others encoding.CodecV2 }

func newCodec() codec { return codec{others: encoding.GetCodecV2(proto.Name)} }

// Unmarshal implements encoding.CodecV2.
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	if f, ok := v.(*frame); ok {
		f.buffer = data.MaterializeToBuffer(mem.DefaultBufferPool())
		return nil
	}
	return c.others.Unmarshal(data, v)
}

// Marshal implements encoding.CodecV2.
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	if r, ok := v.(reply); ok {
		return mem.BufferSlice{mem.SliceBuffer(r)}, nil
	}
	return c.others.Marshal(v)
}

// Name implements encoding.CodecV2.
func (codec) Name() string { return proto.Name }
