package main

import (
	"github.com/sallyport-authz/sallyport/authz/ops"
	"github.com/sallyport-authz/sallyport/cache"
)

// sources say where operators' numbers come from. They are asked when all parts
// have been made.
func (s *service) sources() ops.Sources {
	from := ops.Sources{Load: s.authorizer.Load, Draining: s.draining.Load, Listeners: s.listening, Door: s.held}
	from.Keys = func() []ops.Keys { return s.keys.Load().told() }
	if s.shelves != nil {
		from.Cache = s.shelves.stats
	}
	if s.reload != nil {
		from.Routes = func() []ops.Route { return routes(s.reload.status.Load().Standings, s.shelves != nil) }
	}
	if s.reload != nil && !s.reload.plan.off {
		from.Reload = s.reload.told
	}
	if s.records != nil {
		from.Records = func() ops.Records { return ops.Records(s.records.Stats()) }
	}
	if s.tracer != nil {
		from.Spans = func() ops.Spans { return ops.Spans(s.tracer.Stats()) }
	}
	if s.plan.store.configured() {
		from.Secrets, from.Renewals, from.Uses = s.vault.secrets, s.vault.renewals, s.noted
	}
	return from
}

// noted is asked while the process begins, too.
func (s *service) noted() ops.Uses {
	if s.uses == nil {
		return ops.Uses{}
	}
	return ops.Uses{Dropped: s.uses.Dropped(), Failed: s.uses.Failed()}
}

func (v *vault) secrets() ops.Secrets {
	if o := v.opened.Load(); o != nil {
		return ops.Secrets(o.verifier.Counters())
	}
	return ops.Secrets{}
}

func (v *vault) renewals() ops.Renewals {
	if o := v.opened.Load(); o != nil {
		return ops.Renewals(o.renewer.Stats())
	}
	return ops.Renewals{}
}

// routes puts the methods of one route together. A process that began with its
// cache off remembers nothing, whatever its files say now.
func routes(standings []standing, remembers bool) []ops.Route {
	var all []ops.Route
	for _, one := range standings {
		if last := len(all) - 1; last >= 0 && all[last].ID == one.id {
			all[last].Operations = append(all[last].Operations, one.operation)
			continue
		}
		if !remembers && one.why == "" {
			one.why = "the cache was off when the process began: restart it"
		}
		all = append(all, ops.Route{ID: one.id, Operations: []string{one.operation}, Forgotten: one.why, Never: one.never})
	}
	return all
}

func (s *service) listening() []ops.Listener {
	var all []ops.Listener
	for i, server := range s.servers {
		all = append(all, ops.Listener{Address: address(s.sockets[i]), TLS: s.plan.listeners[i].tls != nil, Serving: server.Serving()})
	}
	return all
}

func (s *service) held() ops.Door {
	most := s.bounds()
	door := ops.Door{MostChecks: most.Checks, MostBytes: most.Bytes, Shed: s.door.Shed()}
	door.Checks, door.Bytes = s.door.Held()
	return door
}

func (r *reloader) told() ops.Reload {
	s := r.status.Load()
	return ops.Reload{
		Looked: s.Looked, Last: s.Attempted, FailingSince: s.FailingSince,
		Problems: s.Problems, Restart: s.Restart, Applied: s.Successes, Refused: s.Failures,
	}
}

func (s *shelves) stats() []ops.Shelf {
	return []ops.Shelf{shelf("allows", s.allows.Stats()), shelf("denials", s.denials.Stats())}
}

func shelf(name string, from cache.Stats) ops.Shelf {
	return ops.Shelf{Name: name, Stored: from.Stored, Dropped: from.Dropped, Bytes: from.Bytes, Capacity: from.Capacity}
}
