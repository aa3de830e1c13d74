package main

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
)

// The defaults of how connections and the process end.
const (
	defaultAge   = 10 * time.Minute
	defaultGrace = 10 * time.Second
	defaultDrain = 5 * time.Second
	defaultStop  = 5 * time.Second
)

// lifetime says how connections and the process end.
type lifetime struct {
	// age is when a connection is asked to end, grace what its Checks then have.
	age, grace time.Duration
	// drain is how long Checks are answered after health is off, stop what those
	// under way have after that.
	drain, stop time.Duration
}

// longestCheck is how long a Check may take from its first byte on, where its caller
// set no nearer deadline.
func longestCheck(l authz.Limits) time.Duration { return l.Timeout + l.Margin }

// lifetime refuses what would cut a Check of the longest kind.
func (c *compiler) lifetime(longest time.Duration) lifetime {
	at, message := c.root.Field("server"), c.message.GetServer()
	l := lifetime{
		age:   c.span(at.Field("max_connection_age"), message.GetMaxConnectionAge(), span{time.Second, 24 * time.Hour, defaultAge}),
		grace: c.duration(at.Field("max_connection_age_grace"), message.GetMaxConnectionAgeGrace(), defaultGrace),
		drain: c.span(at.Field("drain"), message.GetDrain(), span{0, 10 * time.Minute, defaultDrain}),
		stop:  c.duration(at.Field("stop_timeout"), message.GetStopTimeout(), defaultStop),
	}
	if l.grace <= longest {
		c.Refuse(at.Field("max_connection_age_grace"), fmt.Sprintf("a grace of %s cuts Checks that take %s", l.grace, longest), "more than check_timeout and deadline_margin", "make it longer, as in 10s, or check_timeout shorter")
	}
	if l.stop < longest {
		c.Refuse(at.Field("stop_timeout"), fmt.Sprintf("%s to stop cut Checks that take %s", l.stop, longest), "at least check_timeout and deadline_margin", "make it longer, as in 5s, or check_timeout shorter")
	}
	return l
}

// span bounds a time that has a default. A least of zero allows 0s.
type span struct{ least, most, fallback time.Duration }

func (c *compiler) span(at document.Cursor, d *durationpb.Duration, s span) time.Duration {
	if d == nil {
		return s.fallback
	}
	if d.AsDuration() < s.least || d.AsDuration() > s.most {
		c.Refuse(at, fmt.Sprintf("duration %s", d.AsDuration()), fmt.Sprintf("%s to %s", s.least, s.most), fmt.Sprintf("write it as in %s, the default", s.fallback))
		return s.fallback
	}
	return d.AsDuration()
}
