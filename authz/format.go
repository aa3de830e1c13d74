package authz

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/template"
)

// DenialFormat is how a denial looks to the client: the first rule that fits
// gives headers and body. It is immutable.
type DenialFormat struct{ rules []DenialRule }

// DenialRule is one look. Empty lists fit everything.
type DenialRule struct {
	Reasons        []Reason
	Statuses       []int
	Authenticators []string
	// Status replaces the denial's status; 0 keeps it.
	Status  int
	Headers []Header
	// Body is a text/template over DenialFields, with the function json.
	Body string

	body *template.Template
}

// DenialFields is what a body template may show. Message is the policy's own
// text for the client; nothing here but Detail tells how a credential failed.
type DenialFields struct {
	// Code is the reason: stable, and one of a closed set.
	Code    string
	Status  int
	Message string
	// Scopes are those that the route asks for, separated by spaces.
	Scopes string
	// Detail is the word of Detailed, or "".
	Detail string
}

// NewDenialFormat compiles the bodies and tries each with every reason, so that
// no denial can fail later on.
func NewDenialFormat(rules []DenialRule) (*DenialFormat, error) {
	f := &DenialFormat{}
	for i, rule := range rules {
		if err := rule.compile(); err != nil {
			return nil, fmt.Errorf("rule %d: %w", i+1, err)
		}
		f.rules = append(f.rules, rule)
	}
	return f, nil
}

func (r *DenialRule) compile() error {
	parsed, err := template.New("body").Option("missingkey=error").
		Funcs(template.FuncMap{"json": encodeJSON}).Parse(r.Body)
	if err != nil {
		return fmt.Errorf("parse body: %w", err)
	}
	r.body = parsed
	for _, h := range r.Headers {
		if err := Sendable(h); err != nil {
			return err
		}
	}
	for _, reason := range Reasons() {
		fields := DenialFields{Code: string(reason), Status: r.status(reason.Status()), Message: `a "b"`, Scopes: "a b"}
		if err := r.try(fields); err != nil {
			return err
		}
		fields.Detail = "a_word"
		if err := r.try(fields); err != nil {
			return err
		}
	}
	return nil
}

func (r *DenialRule) try(fields DenialFields) error {
	body, err := r.render(fields)
	if err != nil {
		return err
	}
	return SendableStatus(fields.Status, body)
}

func encodeJSON(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}

func (r *DenialRule) status(status int) int {
	if r.Status != 0 {
		return r.Status
	}
	return status
}

func (r *DenialRule) render(fields DenialFields) (string, error) {
	var body strings.Builder
	if err := r.body.Execute(&body, fields); err != nil {
		return "", fmt.Errorf("render body: %w", err)
	}
	return strings.ToValidUTF8(body.String(), "\uFFFD"), nil
}

func (r *DenialRule) fits(reason Reason, status int, authenticator string) bool {
	return (len(r.Reasons) == 0 || slices.Contains(r.Reasons, reason)) &&
		(len(r.Statuses) == 0 || slices.Contains(r.Statuses, status)) &&
		(len(r.Authenticators) == 0 || slices.Contains(r.Authenticators, authenticator))
}

// reply gives status, headers and body. Where no rule fits, and for a nil
// format, the body is the code alone.
func (f *DenialFormat) reply(reason Reason, status int, fields DenialFields, authenticator string) (int, []Header, string) {
	if f != nil {
		for i := range f.rules {
			rule := &f.rules[i]
			if !rule.fits(reason, status, authenticator) {
				continue
			}
			fields.Status = rule.status(status)
			if body, err := rule.render(fields); err == nil && SendableStatus(fields.Status, body) == nil {
				return fields.Status, rule.Headers, body
			}
		}
	}
	return status, []Header{{"content-type", "application/json"}}, fmt.Sprintf(`{"code":%q}`, reason)
}
