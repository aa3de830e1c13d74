package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	configv1 "github.com/sallyport-authz/sallyport/gen/sallyport/config/v1"
)

// denials compiles the named formats.
func (c *compiler) denials() map[string]*authz.DenialFormat {
	formats := map[string]*authz.DenialFormat{}
	taken := map[string]document.Cursor{}
	for i, message := range c.message.GetDenials() {
		at := c.root.Field("denials").Index(i)
		if !c.name(at.Field("name"), message.GetName()) || !c.unique(at.Field("name"), message.GetName(), taken) {
			continue
		}
		var rules []authz.DenialRule
		for j, rule := range message.GetRules() {
			rules = append(rules, c.denialRule(at.Field("rules").Index(j), rule))
		}
		// A rule that does not compile was reported where it stands.
		format, err := authz.NewDenialFormat(rules)
		if err != nil {
			format = &authz.DenialFormat{}
		}
		formats[message.GetName()] = format
	}
	return formats
}

func (c *compiler) denialRule(at document.Cursor, message *configv1.DenialRule) authz.DenialRule {
	rule := authz.DenialRule{
		Reasons:        c.reasons(at.Field("reasons"), message.GetReasons()),
		Statuses:       c.statuses(at.Field("statuses"), message.GetStatuses()),
		Authenticators: message.GetAuthenticators(),
		Headers:        c.denialHeaders(at, message),
		Body:           message.GetBody(),
	}
	for i, name := range message.GetAuthenticators() {
		c.find(at.Field("authenticators").Index(i), name, c.known)
	}
	if at.Field("status").Written() {
		rule.Status = c.status(at.Field("status"), message.GetStatus())
	}
	if _, err := authz.NewDenialFormat([]authz.DenialRule{rule}); err != nil {
		c.Refuse(at, innermost(err), "a template over .Code .Status .Message .Scopes .Detail, and headers and a status that can be sent", "correct what the message names")
	}
	return rule
}

func (c *compiler) reasons(at document.Cursor, words []string) []authz.Reason {
	var reasons []authz.Reason
	for i, word := range words {
		if !authz.Reason(word).Known() {
			c.Refuse(at.Index(i), fmt.Sprintf("unknown reason %q", word), fmt.Sprintf("one of %v", authz.Reasons()), "write one of these")
		}
		reasons = append(reasons, authz.Reason(word))
	}
	return reasons
}

func (c *compiler) statuses(at document.Cursor, statuses []uint32) []int {
	var list []int
	for i, status := range statuses {
		list = append(list, c.status(at.Index(i), status))
	}
	return list
}

// status refuses what is no final HTTP status.
func (c *compiler) status(at document.Cursor, status uint32) int {
	if status < 200 || status > 599 {
		c.Refuse(at, fmt.Sprintf("status %d", status), "200 to 599", "write a final HTTP status, as in 403")
		return 0
	}
	return int(status)
}

// denialHeaders lowers names and adds the content type, which is JSON unless
// something else is said.
func (c *compiler) denialHeaders(at document.Cursor, message *configv1.DenialRule) []authz.Header {
	var headers []authz.Header
	for _, h := range message.GetHeaders() {
		headers = append(headers, authz.Header{Name: strings.ToLower(h.GetName()), Value: h.GetValue()})
	}
	typed := slices.ContainsFunc(headers, func(h authz.Header) bool { return h.Name == "content-type" })
	switch {
	case typed && message.GetContentType() != "":
		c.Refuse(at.Field("content_type"), "content_type beside a header content-type", "one of the two", "take the header out")
	case typed:
		return headers
	case message.GetContentType() != "":
		headers = append(headers, authz.Header{Name: "content-type", Value: message.GetContentType()})
	case message.GetBody() != "":
		headers = append(headers, authz.Header{Name: "content-type", Value: "application/json"})
	default:
		return headers
	}
	return headers
}

// format finds a named format; an empty name falls back to another one, which
// was checked where it is written.
func (c *compiler) format(at document.Cursor, name, fallback string) *authz.DenialFormat {
	if name == "" {
		return c.formats[fallback]
	}
	format, known := c.formats[name]
	if !known {
		c.Refuse(at, fmt.Sprintf("unknown denial %q", name), "one of the names in denials", "add it to denials, or correct the name")
	}
	return format
}

// innermost drops the number that NewDenialFormat gives the only rule it got.
func innermost(err error) string {
	if inner := errors.Unwrap(err); inner != nil {
		return inner.Error()
	}
	return err.Error()
}
