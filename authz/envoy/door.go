package envoy

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// Door bounds what all listeners of a process hold at once. The Checker bounds
// what it decides, and denies the rest in the host's own format, but only when a
// message has been read; whom the Door turns away has cost nothing yet. It is
// safe for parallel use.
type Door struct {
	most          Bounds
	checks, bytes atomic.Int64
	shed          atomic.Uint64
}

// Bounds of a Door.
type Bounds struct {
	// Checks are those being read, decided or answered. It stands above what
	// the Checker decides at once.
	Checks int
	// Bytes are what their messages hold, or may come to hold while they are
	// being read.
	Bytes int64
}

const (
	defaultChecks = 1024
	defaultBytes  = 1 << 30
)

// errFull and errLate: the Check was turned away at the door.
var (
	errFull = errors.New("too many checks or bytes in hand")
	errLate = errors.New("too late to read")
)

// shortest is what an answer takes on its way at the least. A Check that has less
// left waited for a processor for nearly all of its time; to read it now would
// only make the next one as late.
const shortest = 2 * time.Millisecond

// NewDoor makes a Door; bounds of 0 are 1,024 Checks and 1 GiB.
func NewDoor(most Bounds) (*Door, error) {
	if most.Checks < 0 || most.Bytes < 0 {
		return nil, errors.New("a bound below zero")
	}
	if most.Checks == 0 {
		most.Checks = defaultChecks
	}
	if most.Bytes == 0 {
		most.Bytes = defaultBytes
	}
	return &Door{most: most}, nil
}

// Shed is how many Checks were turned away since the start.
func (d *Door) Shed() uint64 { return d.shed.Load() }

// Held are the Checks in hand and the bytes that are set aside for them.
func (d *Door) Held() (checks int, bytes int64) {
	return int(d.checks.Load()), d.bytes.Load()
}

// place is what one Check takes up at a door.
type place struct {
	door  *Door
	bytes int64
}

// enter lets in a Check whose message may come to hold so many bytes, or says
// that there is no room, or no time. On an error the Check holds nothing.
func (p *place) enter(ctx context.Context, bytes int64) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < shortest { //nolint:forbidigo // a context's deadline is on the process's own clock
		p.door.shed.Add(1)
		return errLate
	}
	if p.door.checks.Add(1) > int64(p.door.most.Checks) {
		p.door.checks.Add(-1)
		p.door.shed.Add(1)
		return errFull
	}
	if err := p.weigh(bytes); err != nil {
		p.door.checks.Add(-1)
		return err
	}
	return nil
}

// weigh puts what the message does hold in the place of what it might have. On
// an error the Check holds what it held before. A message that is longer than
// all bytes together is let in when nobody else holds any.
func (p *place) weigh(bytes int64) error {
	more := bytes - p.bytes
	if now := p.door.bytes.Add(more); more > 0 && now > p.door.most.Bytes && now > bytes {
		p.door.bytes.Add(-more)
		p.door.shed.Add(1)
		return errFull
	}
	p.bytes = bytes
	return nil
}

func (p *place) leave() {
	p.door.bytes.Add(-p.bytes)
	p.door.checks.Add(-1)
}
