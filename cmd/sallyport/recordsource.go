package main

import (
	"cmp"
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz/authn/introspection"
	"github.com/sallyport-authz/sallyport/authz/records"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// The questions to one endpoint at once, of each kind.
const (
	defaultRecordCalls = 32
	mostRecordCalls    = 256
)

// recordSources makes every source by its name. One that was refused is nil, so that
// whoever names it is not told that there is none.
func (c *compiler) recordSources() map[string]*records.Source {
	at, taken := c.root.Field("records"), map[string]document.Cursor{}
	sources := map[string]*records.Source{}
	for i, message := range c.message.GetRecords() {
		here := at.Index(i)
		if c.name(here.Field("name"), message.GetName()) && c.unique(here.Field("name"), message.GetName(), taken) {
			sources[message.GetName()] = c.recordSource(here, message)
		}
	}
	return sources
}

func (c *compiler) recordSource(at document.Cursor, message *configv1.Records) *records.Source {
	before, ages := len(c.Problems), records.DefaultAges()
	settings := records.Settings{
		Endpoint: message.GetEndpoint(),
		Ages: records.Ages{
			Key:     c.span(at.Field("key_max_age"), message.GetKeyMaxAge(), span{time.Second, records.MostAge, ages.Key}),
			Agent:   c.span(at.Field("agent_max_age"), message.GetAgentMaxAge(), span{time.Second, records.MostAge, ages.Agent}),
			Session: c.span(at.Field("session_max_age"), message.GetSessionMaxAge(), span{time.Second, records.MostAge, ages.Session}),
			Members: c.span(at.Field("member_max_age"), message.GetMemberMaxAge(), span{time.Second, records.MostAge, ages.Members}),
		},
		Roles:     c.roles(at.Field("roles"), message.GetRoles()),
		Timeout:   c.span(at.Field("timeout"), message.GetTimeout(), span{100 * time.Millisecond, 30 * time.Second, 2 * time.Second}),
		MostCalls: c.recordCalls(at.Field("max_calls"), message.GetMaxCalls()), Now: c.now,
	}
	if message.GetBearerToken() == "" {
		c.Refuse(at, "no credential for the endpoint", "bearer_token", "add the secret that this service and the endpoint share, as in bearer_token: file:records.token")
	} else {
		settings.Authorization = c.credential(at.Field("bearer_token"), message.GetBearerToken(), introspection.Bearer)
	}
	if client := c.askingAbout(at.Field("endpoint"), message.GetEndpoint()); client != nil {
		settings.Asker = client
	}
	if len(c.Problems) > before || c.outbound == nil { // which was refused where it stands
		return nil
	}
	source, err := records.New(settings)
	if err != nil {
		c.Refuse(at, err.Error(), "settings of one endpoint", "correct what the message names")
		return nil
	}
	return source
}

func (c *compiler) roles(at document.Cursor, messages []*configv1.RoleGrant) map[string][]string {
	grants, taken := map[string][]string{}, map[string]document.Cursor{}
	for i, message := range messages {
		here := at.Index(i)
		if message.GetRole() == "" {
			c.Refuse(here, "no role", "the role's name as the endpoint tells it", "add role:")
			continue
		}
		if c.unique(here.Field("role"), message.GetRole(), taken) {
			grants[message.GetRole()] = c.scopes(here.Field("scopes"), message.GetScopes())
		}
	}
	return grants
}

func (c *compiler) recordCalls(at document.Cursor, calls uint32) int {
	if calls > mostRecordCalls {
		c.Refuse(at, fmt.Sprintf("%d calls at once", calls), fmt.Sprintf("1 to %d", mostRecordCalls), fmt.Sprintf("write a smaller number, or leave it out for %d", defaultRecordCalls))
	}
	return cmp.Or(int(calls), defaultRecordCalls)
}

// recordsNamed gives the source of a name. It is nil where there is none, which is
// refused here, and where it was refused itself.
func (c *compiler) recordsNamed(at document.Cursor, name string) *records.Source {
	source, there := c.records[name]
	if !there {
		c.Refuse(at, fmt.Sprintf("no records are called %q", name), "the name of one of records", "add it to records, as in records: [{name: "+cmp.Or(name, "better-auth")+", endpoint: ..., bearer_token: ...}]")
	}
	return source
}
