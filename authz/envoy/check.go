package envoy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/sallyport-authz/sallyport/authz"
)

// service is the name that Envoy calls, and asks the health service about.
const (
	service     = "envoy.service.auth.v3.Authorization"
	checkMethod = "/" + service + "/Check"
)

// checks answers Checks. It is safe for parallel use.
type checks struct {
	checker     Checker
	recorder    authz.Recorder
	now         func() time.Time
	newID       func() string
	reader      reader
	door        *Door
	unavailable unavailable
	logger      *slog.Logger
}

// description registers Check by hand: a generated handler decodes before any of
// our code runs, and makes a gRPC error of what does not decode.
func (c *checks) description() *grpc.ServiceDesc {
	return &grpc.ServiceDesc{
		ServiceName: service,
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{
			MethodName: "Check",
			Handler: func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
				return c.answer(ctx, decode), nil
			},
		}},
	}
}

// answer answers one Check and records it. Whatever goes wrong is a denial, and
// so is an answer that could not be recorded.
func (c *checks) answer(ctx context.Context, decode func(any) error) reply {
	held := place{door: c.door}
	if err := held.enter(ctx, c.reader.longest()); err != nil {
		return c.turnAway(ctx, err)
	}
	defer held.leave()
	var event authz.Event
	sent, err := c.decide(ctx, decode, &held, &event)
	switch {
	case errors.Is(err, errFull):
		return c.turnAway(ctx, err)
	case err != nil:
		sent = c.replace(&event, err)
	}
	if err := c.record(event); err != nil {
		sent = c.replace(&event, err)
	}
	return sent
}

// turnAway answers a Check that was not read. Nobody knows who will read the
// answer, which therefore fits all of them.
func (c *checks) turnAway(ctx context.Context, full error) reply {
	event := authz.Event{Verdict: unreadVerdict(full)}
	trace(ctx, &event)
	err := c.begin(&event)
	if err == nil {
		err = c.record(event)
	}
	if err != nil {
		c.logger.Error("a Check that was turned away has no record", "error", err)
	}
	return c.unavailable.reply(clientUnread)
}

func (c *checks) begin(event *authz.Event) (err error) {
	defer recovered(&err)
	event.Start, event.DecisionID = c.now(), c.newID()
	return nil
}

// decide fills in the event and gives the bytes of its verdict.
func (c *checks) decide(ctx context.Context, decode func(any) error, held *place, event *authz.Event) (sent reply, err error) {
	defer recovered(&err)
	if err := c.begin(event); err != nil {
		return nil, err
	}
	attributes, unread := c.read(decode, held)
	if errors.Is(unread, errFull) {
		return nil, unread
	}
	event.Attributes = attributes
	trace(ctx, event)
	if unread != nil {
		event.Verdict = c.checker.Refuse(unread)
		if event.Verdict.Effect != authz.Deny {
			return nil, errors.New("an allow of what could not be read")
		}
		return encode(event)
	}
	event.Verdict = c.checker.Check(ctx, attributes)
	if event.Verdict.Effect == authz.Deny {
		return encode(event)
	}
	if err := authz.Ended(ctx); err != nil {
		return nil, fmt.Errorf("an allow after the call ended: %w", err)
	}
	return encode(event)
}

func (c *checks) read(decode func(any) error, held *place) (*authz.Attributes, error) {
	var message frame
	defer message.free()
	if err := decode(&message); err != nil {
		return nil, fmt.Errorf("take over message: %w", err)
	}
	if err := held.weigh(int64(len(message.bytes()))); err != nil {
		return nil, err
	}
	return c.reader.read(message.bytes())
}

// record is called once the answer is there; its panic must not end the process.
func (c *checks) record(event authz.Event) (err error) {
	defer recovered(&err)
	event.Duration = c.now().Sub(event.Start)
	c.recorder.Record(event)
	return nil
}

// replace puts the prepared denial in the place of an answer, in the event too,
// so that the decision log tells what was sent.
func (c *checks) replace(event *authz.Event, cause error) reply {
	trail := event.Verdict.Trail
	trail.Cause = cause
	event.Verdict = unavailableVerdict(trail)
	c.logger.Error("answer replaced by a denial", "decision_id", event.DecisionID, "error", cause)
	return c.unavailable.reply(clientOf(event.Attributes))
}

// recovered turns a panic into an error. It must be deferred itself.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = authz.Panicked(r)
	}
}

const traceParentHeader = "traceparent"

// trace fills in the trace that a Check belongs to. What the proxy sent with its
// call comes before the client's header, also where it cannot be read; two of it
// are none (W3C Trace Context section 4.3).
func trace(ctx context.Context, event *authz.Event) {
	if values := metadata.ValueFromIncomingContext(ctx, traceParentHeader); len(values) > 0 {
		if len(values) == 1 {
			event.TraceParent = authz.ParseTraceParent(values[0])
		}
		event.TracedByProxy = event.TraceParent != ""
		return
	}
	if a := event.Attributes; a != nil && a.Request != nil {
		value, _ := a.Request.Headers.Get(traceParentHeader)
		event.TraceParent = authz.ParseTraceParent(value)
	}
}
