package main

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// settings are a configuration as it was written, for telling what a process
// that runs cannot take over. Such a change does not hold up the rest: a key that
// is withdrawn together with a new address must be dead now, not after the
// restart that the address needs. The old value stays in force and is warned of.
type settings struct {
	message *configv1.Config
	root    document.Cursor
	// authorities tells what is behind outbound.ca, which needs a restart too.
	authorities string
}

// fixed are the fields that serve takes at its start.
func fixed() []protoreflect.Name {
	return []protoreflect.Name{"server", "decision_log", "cache", "ops", "tracing", "outbound", "reload", "store"}
}

// fixed keeps what later settings are held against, and lets go of the rest.
func (s settings) fixed() *configv1.Config {
	kept := &configv1.Config{}
	from, to := s.message.ProtoReflect(), kept.ProtoReflect()
	for _, name := range fixed() {
		if field := from.Descriptor().Fields().ByName(name); from.Has(field) {
			to.Set(field, from.Get(field))
		}
	}
	kept = changeless(kept)
	if kept.GetOutbound().GetCa() != "" {
		kept.Outbound.Ca = s.authorities
	}
	return kept
}

// changeless leaves out what is taken over although it stands in a fixed field:
// what is behind tls, how long verdicts live, that none is remembered any more, and
// what records show.
func changeless(message *configv1.Config) *configv1.Config {
	kept := proto.CloneOf(message)
	for _, one := range kept.GetServer().GetListeners() {
		if one.GetTls() != nil {
			one.Tls = &configv1.ServerTls{}
		}
	}
	if cache := kept.GetCache(); cache != nil {
		kept.Cache = &configv1.Cache{Off: cache.GetOff(), MaxBytes: cache.GetMaxBytes()}
	}
	if log := kept.GetDecisionLog(); log != nil {
		log.Headers, log.Claims, log.MaskHeaders, log.MaskClaims = nil, nil, nil, nil
	}
	return kept
}

// restarts tells each field whose value differs from what the process began with.
func (s settings) restarts(began *configv1.Config) []document.Problem {
	now := s.fixed()
	if cache := now.GetCache(); cache.GetOff() && !began.GetCache().GetOff() {
		cache.Off = false
	}
	r := &document.Report{}
	for _, name := range fixed() {
		field := now.ProtoReflect().Descriptor().Fields().ByName(name)
		differ(s.root.Field(string(name)), began.ProtoReflect().Get(field).Message(), now.ProtoReflect().Get(field).Message(), r)
	}
	return r.Problems
}

func differ(at document.Cursor, began, now protoreflect.Message, r *document.Report) {
	fields := now.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		if now.Has(field) != began.Has(field) || !now.Get(field).Equal(began.Get(field)) { // 0s is not what is unset
			r.Refuse(at.Field(string(field.Name())), "needs a restart: the value from the start stays in force", "the value from the start", "restart to take it over, or change it back")
		}
	}
}
