package main

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/net/http2"
)

// plan is what a connection sends, and what it takes for a right answer.
type plan struct {
	frames  []*frame
	streams int
	right   func(answer []byte, asked *frame) error
}

// drive keeps p.streams Checks under way until the time has come, waits for
// those that are, and gives their number. One wrong answer ends it.
func (c *connection) drive(p plan, until time.Time) (checks int, err error) {
	if err := c.socket.SetDeadline(until.Add(patience)); err != nil {
		return 0, err
	}
	for {
		if err := c.fill(p, until); err != nil {
			return checks, fmt.Errorf("ask: %w", err)
		}
		if len(c.waiting) == 0 {
			return checks, nil
		}
		answered, err := c.readAll(p)
		checks += answered
		if err != nil {
			return checks, err
		}
	}
}

// fill begins as many Checks as there is room for, and writes all at once.
func (c *connection) fill(p plan, until time.Time) error {
	for len(c.waiting) < p.streams && time.Now().Before(until) {
		sent, err := c.send(p.frames[c.random.IntN(len(p.frames))])
		if err != nil {
			return err
		}
		if !sent {
			break
		}
	}
	return c.output.Flush()
}

// readAll reads one frame, and all others that came with it.
func (c *connection) readAll(p plan) (answered int, err error) {
	for {
		got, err := c.framer.ReadFrame()
		if err != nil {
			return answered, fmt.Errorf("read: %w", err)
		}
		done, err := c.take(got)
		if err != nil {
			return answered, err
		}
		if done != nil {
			answered++
			if err := c.judge(p, done); err != nil {
				return answered, err
			}
		}
		if c.input.Buffered() == 0 {
			return answered, nil
		}
	}
}

func (c *connection) judge(p plan, done *exchange) error {
	if c.status != "0" {
		return fmt.Errorf("grpc-status %q, which an Envoy may take for an allow", c.status)
	}
	if len(done.answer) < prefixBytes {
		return errors.New("an answer without a message")
	}
	return p.right(done.answer[prefixBytes:], done.asked)
}

// take does what a frame asks for, and gives the exchange that it ends.
func (c *connection) take(got http2.Frame) (*exchange, error) {
	switch f := got.(type) {
	case *http2.HeadersFrame:
		return c.takeHeaders(f)
	case *http2.DataFrame:
		return nil, c.takeData(f)
	case *http2.SettingsFrame:
		if f.IsAck() {
			return nil, nil //nolint:nilnil // nothing ended, and nothing is wrong
		}
		return nil, c.framer.WriteSettingsAck()
	case *http2.PingFrame:
		if f.IsAck() {
			return nil, nil //nolint:nilnil // as above
		}
		return nil, c.framer.WritePing(true, f.Data)
	case *http2.WindowUpdateFrame:
		if f.StreamID == 0 {
			c.window += int64(f.Increment)
		}
		return nil, nil //nolint:nilnil // as above
	default:
		return nil, fmt.Errorf("unexpected %v", got.Header())
	}
}

func (c *connection) takeHeaders(f *http2.HeadersFrame) (*exchange, error) {
	if !f.HeadersEnded() {
		return nil, errors.New("headers in several frames")
	}
	c.status = ""
	if _, err := c.decoder.Write(f.HeaderBlockFragment()); err != nil {
		return nil, fmt.Errorf("read headers: %w", err)
	}
	if !f.StreamEnded() {
		return nil, nil //nolint:nilnil // the message comes next
	}
	done, ok := c.waiting[f.StreamID]
	if !ok {
		return nil, fmt.Errorf("answer on stream %d, which is not open", f.StreamID)
	}
	delete(c.waiting, f.StreamID)
	return done, nil
}

func (c *connection) takeData(f *http2.DataFrame) error {
	under, ok := c.waiting[f.StreamID]
	if !ok {
		return fmt.Errorf("data on stream %d, which is not open", f.StreamID)
	}
	under.answer = append(under.answer, f.Data()...)
	c.taken += f.Length
	if c.taken < windowRenewal {
		return nil
	}
	renewed := c.taken
	c.taken = 0
	return c.framer.WriteWindowUpdate(0, renewed)
}
