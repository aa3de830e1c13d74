package main

import (
	"cmp"
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz/authn/session"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// session compiles an authenticator of sessions that another service keeps.
func (c *compiler) session(at document.Cursor, message *configv1.Session) (kind, bool) {
	switch from := message.GetFrom().(type) {
	case *configv1.Session_BetterAuth:
		return c.betterAuthSession(at, message.GetCookies(), from.BetterAuth)
	case *configv1.Session_Asked:
		return c.askedSession(at, message.GetCookies(), from.Asked)
	default:
		c.Refuse(at, "nobody knows the sessions", "better_auth or asked", "add one, as in asked: {endpoint: https://id.example.com/whoami}")
		return kind{}, false
	}
}

// askedSession compiles one that shows the cookie to an endpoint.
func (c *compiler) askedSession(at document.Cursor, cookies []string, message *configv1.AskedSessions) (kind, bool) {
	before := len(c.Problems)
	if len(cookies) == 0 {
		c.Refuse(at, "no cookies: nobody could present a session", "the names of the session's cookie", "add them, as in cookies: [sid]")
	}
	here := at.Field("asked")
	names := message.GetClaims()
	settings := session.Asked{
		Cookies: cookies, Endpoint: message.GetEndpoint(), Method: message.GetMethod(), Gone: gone(message.GetGone()), Live: message.GetLive(),
		Claims: session.Claims{
			Subject: names.GetSubject(), Tenant: names.GetTenant(), Role: names.GetRole(), Scopes: names.GetScopes(),
			User: names.GetUser(), TokenID: names.GetTokenId(), Expires: names.GetExpires(), Pass: names.GetPass(),
		},
		Subject: message.GetSubject(), Scopes: c.scopes(here.Field("scopes"), message.GetScopes()), CSRF: c.sessionCSRF(here, message),
		MaxAge:    c.span(here.Field("max_age"), message.GetMaxAge(), span{100 * time.Millisecond, session.MostMaxAge, session.DefaultMaxAge}),
		Timeout:   c.span(here.Field("timeout"), message.GetTimeout(), span{100 * time.Millisecond, 30 * time.Second, 5 * time.Second}),
		MostCalls: int(message.GetMaxCalls()), Now: c.now,
	}
	if client := c.askingAbout(here.Field("endpoint"), message.GetEndpoint()); client != nil {
		settings.Asker = client
	}
	if len(c.Problems) > before || c.outbound == nil { // which was refused where it stands
		return kind{}, false
	}
	a, err := session.NewAsked(settings)
	if err != nil {
		c.Refuse(here, err.Error(), "settings of one endpoint", "correct what the message names")
		return kind{}, false
	}
	return kind{"session", a.Traits(), a}, true
}

func gone(message *configv1.GoneSession) session.Gone {
	says := session.Gone{Members: message.GetMembers()}
	for _, status := range message.GetStatuses() {
		says.Statuses = append(says.Statuses, int(status))
	}
	return says
}

// sessionCSRF is the rule by the session's own token, where its member is named.
func (c *compiler) sessionCSRF(at document.Cursor, message *configv1.AskedSessions) session.CSRF {
	switch {
	case message.GetCsrfClaim() != "":
		return session.CSRF{Header: cmp.Or(message.GetCsrfHeader(), session.DefaultCSRFHeader), Claim: message.GetCsrfClaim()}
	case at.Field("csrf_claim").Written() || at.Field("csrf_header").Written():
		c.Refuse(at.Field("csrf_claim"), "half of a csrf rule", "csrf_claim: the member that holds the session's token", fmt.Sprintf("add it, or take %s out", "csrf_header"))
		return session.CSRF{}
	default:
		return session.CSRF{}
	}
}
