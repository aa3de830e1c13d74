package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// connection is one HTTP/2 connection of a proxy that keeps a number of Checks
// under way. One goroutine does all of it, and writes once for everything that
// it has read, so that the client leaves the machine to the server. It speaks as
// much of RFC 9113 as a gRPC server asks for.
type connection struct {
	socket net.Conn
	input  *bufio.Reader
	output *bufio.Writer
	framer *http2.Framer

	calling []hpack.HeaderField
	encoded bytes.Buffer
	encoder *hpack.Encoder
	decoder *hpack.Decoder
	// status is the grpc-status of the header block that was read last.
	status string

	random  *rand.Rand
	scratch []byte
	next    uint32
	// window is what the server takes on this connection before it says more.
	window  int64
	taken   uint32
	waiting map[uint32]*exchange
}

// exchange is one Check under way.
type exchange struct {
	asked  *frame
	answer []byte
}

// The windows that we give: nothing waits for them.
const (
	bufferBytes    = 256 << 10
	firstWindow    = 65535
	ourWindow      = 1 << 30
	windowRenewal  = 1 << 20
	patience       = 30 * time.Second
	hpackTableSize = 4096
)

func dial(address string, seed uint64) (*connection, error) {
	socket, err := net.Dial("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	c := &connection{
		socket: socket, input: bufio.NewReaderSize(socket, bufferBytes), output: bufio.NewWriterSize(socket, bufferBytes),
		random: rand.New(rand.NewPCG(seed, 0)), next: 1, window: firstWindow, waiting: map[uint32]*exchange{}, calling: callHeaders(),
	}
	c.framer = http2.NewFramer(c.output, c.input)
	c.framer.SetReuseFrames()
	c.encoder = hpack.NewEncoder(&c.encoded)
	c.decoder = hpack.NewDecoder(hpackTableSize, c.header)
	if err := c.greet(); err != nil {
		_ = socket.Close()
		return nil, fmt.Errorf("greet %s: %w", address, err)
	}
	return c, nil
}

// greet sends the preface (RFC 9113 section 3.4).
func (c *connection) greet() error {
	if _, err := io.WriteString(c.output, http2.ClientPreface); err != nil {
		return err
	}
	if err := c.framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: ourWindow}); err != nil {
		return err
	}
	if err := c.framer.WriteWindowUpdate(0, ourWindow-firstWindow); err != nil {
		return err
	}
	return c.output.Flush()
}

func (c *connection) header(f hpack.HeaderField) {
	if f.Name == "grpc-status" {
		c.status = f.Value
	}
}

func (c *connection) close() error { return c.socket.Close() }

// send begins a Check. It reports false where the connection's window is too
// small; that of a stream is 64 KiB at least and holds every frame.
func (c *connection) send(f *frame) (bool, error) {
	if int64(len(f.bytes)) > c.window {
		return false, nil
	}
	id := c.next
	c.encoded.Reset()
	for _, h := range c.calling {
		if err := c.encoder.WriteField(h); err != nil {
			return false, err
		}
	}
	if err := c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: c.encoded.Bytes(), EndHeaders: true}); err != nil {
		return false, err
	}
	c.scratch = f.write(c.scratch, c.random)
	if err := c.framer.WriteData(id, true, c.scratch); err != nil {
		return false, err
	}
	c.next += 2
	c.window -= int64(len(f.bytes))
	c.waiting[id] = &exchange{asked: f}
	return true, nil
}

// callHeaders are those of Envoy's own gRPC client. Its timeout is longer here than
// any proxy's, so that a busy machine makes a Check slow and not wrong.
func callHeaders() []hpack.HeaderField {
	return []hpack.HeaderField{
		{Name: ":method", Value: "POST"},
		{Name: ":scheme", Value: "http"},
		{Name: ":path", Value: "/envoy.service.auth.v3.Authorization/Check"},
		{Name: ":authority", Value: "sallyport"},
		{Name: "te", Value: "trailers"},
		{Name: "content-type", Value: "application/grpc"},
		{Name: "grpc-timeout", Value: "30000m"},
	}
}
