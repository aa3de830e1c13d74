package sqlite

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// row is one row, of one or of many.
type row interface{ Scan(into ...any) error }

// query is a question in SQL's words and how an answer's rows are read.
type query[T any] struct {
	text string
	scan func(row) (T, error)
}

func tokens(rest string) query[authz.Token] { return query[authz.Token]{tokenRows + rest, scanToken} }

func principals(rest string) query[authz.Principal] {
	return query[authz.Principal]{principalRows + rest, scanPrincipal}
}

func organizations(rest string) query[authz.Organization] {
	return query[authz.Organization]{`SELECT o.id, o.name FROM organization o` + rest, scanOrganization}
}

func members(rest string) query[authz.Membership] {
	return query[authz.Membership]{`SELECT m.organization, m.subject, m.role, m.scopes FROM member m` + rest, scanMember}
}

func domains(rest string) query[authz.Domain] {
	return query[authz.Domain]{`SELECT d.name, d.organization, d.verified FROM domain d` + rest, scanDomain}
}

func serverKeys(rest string) query[authz.ServerKey] {
	return query[authz.ServerKey]{`SELECT k.id, k.checked FROM server_key k` + rest, scanServerKey}
}

// What is selected, in the order in which it is scanned.
const (
	tokenRows = /* #nosec G101 -- no secret stands in it */ `SELECT t.id, t.prefix, t.lookup, t.verifier, t.name, t.owner,
		t.subject, t.tenant, t.role, t.user, t.scopes, t.claims, t.networks,
		t.created, t.expires, u.at, t.revoked, t.reason,
		t.owner <> '' AND coalesce(o.disabled, 1), coalesce(o.networks, '')
		FROM token t LEFT JOIN principal o ON o.id = t.owner LEFT JOIN token_use u ON u.token = t.key`
	principalRows = `SELECT p.id, p.kind, p.name, p.login, p.verifier,
		p.subject, p.tenant, p.role, p.user, p.scopes, p.claims, p.networks, p.disabled FROM principal p`
)

// scan is a row's Scan with the one answer that is certain.
func scan(r row, into ...any) error {
	err := r.Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return authz.ErrNotFound
	}
	return err
}

func scanToken(r row) (authz.Token, error) {
	var t authz.Token
	var created, expires, used, revoked moment
	var scopes scopeList
	var claims claimMap
	err := scan(r, &t.ID, &t.Ref.Prefix, &t.Ref.Lookup, &t.Verifier, &t.Name, &t.Owner,
		&t.Subject, &t.Tenant, &t.Role, &t.User, &scopes, &claims, (*networkList)(&t.Networks),
		&created, &expires, &used, &revoked, &t.Reason, &t.Disabled, (*networkList)(&t.OwnerNetworks))
	if err != nil {
		return authz.Token{}, err
	}
	t.Scopes, t.Claims = scopes, claims
	t.Created, t.Expires, t.LastUsed, t.Revoked = created.Time, expires.Time, used.Time, revoked.Time
	return t, nil
}

func scanPrincipal(r row) (authz.Principal, error) {
	var p authz.Principal
	var scopes scopeList
	var claims claimMap
	err := scan(r, &p.ID, &p.Kind, &p.Name, &p.Login, &p.Verifier,
		&p.Subject, &p.Tenant, &p.Role, &p.User, &scopes, &claims, (*networkList)(&p.Networks), &p.Disabled)
	if err != nil {
		return authz.Principal{}, err
	}
	p.Scopes, p.Claims = scopes, claims
	return p, nil
}

func scanOrganization(r row) (o authz.Organization, err error) {
	err = scan(r, &o.ID, &o.Name)
	return o, err
}

func scanMember(r row) (m authz.Membership, err error) {
	err = scan(r, &m.Organization, &m.Subject, &m.Role, (*scopeList)(&m.Scopes))
	return m, err
}

func scanDomain(r row) (d authz.Domain, err error) {
	err = scan(r, &d.Name, &d.Organization, &d.Verified)
	return d, err
}

func scanServerKey(r row) (k authz.ServerKey, err error) {
	err = scan(r, &k.ID, &k.Check)
	return k, err
}

// moment is a time as a column has it. It is exact to the microsecond, and cut, so
// that an expiry is never later than it was asked for.
type moment struct{ time.Time }

// Scan implements sql.Scanner.
func (m *moment) Scan(column any) error {
	switch c := column.(type) {
	case nil:
		m.Time = time.Time{}
	case int64:
		m.Time = time.UnixMicro(c).UTC()
	default:
		return fmt.Errorf("a time is %T", column)
	}
	return nil
}

// column is what is kept of a time.
func column(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// scopeList, networkList and claimMap are JSON, and "" where there is none.
type scopeList []string

// Scan implements sql.Scanner.
func (l *scopeList) Scan(column any) error { return scanJSON(column, (*[]string)(l)) }

type networkList authz.Networks

// Scan implements sql.Scanner.
func (l *networkList) Scan(column any) error { return scanJSON(column, (*authz.Networks)(l)) }

type claimMap map[string]any

// Scan implements sql.Scanner.
func (m *claimMap) Scan(column any) error { return scanJSON(column, (*map[string]any)(m)) }

func scanJSON(column, into any) error {
	text, ok := column.(string)
	switch {
	case !ok:
		return fmt.Errorf("JSON is %T", column)
	case text == "":
		return nil
	default:
		return json.Unmarshal([]byte(text), into)
	}
}

// encoded is what Scan reads. CheckMutation has seen to it that it is JSON.
func encoded(value any, size int) (string, error) {
	if size == 0 {
		return "", nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("%w: %w", authz.ErrInvalid, err)
	}
	return string(text), nil
}

// grantTexts are a grant's lists and claims.
type grantTexts struct{ scopes, claims, networks string }

func textsOf(g authz.Grant) (t grantTexts, err error) {
	if t.scopes, err = encoded(g.Scopes, len(g.Scopes)); err != nil {
		return t, err
	}
	if t.claims, err = encoded(g.Claims, len(g.Claims)); err != nil {
		return t, err
	}
	t.networks, err = encoded(g.Networks, len(g.Networks))
	return t, err
}
