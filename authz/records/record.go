package records

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sallyport-authz/sallyport/authz/claimset"
)

// Key is an API key.
type Key struct {
	// ID names the key where it must not stand itself; User is its owner.
	ID, User string
	Enabled  bool
	// Expires is the zero time where it does not end.
	Expires time.Time
	// Tenant is what the key says that it is for, or "". It is a claim.
	Tenant string
	// Scopes count where Scoped; otherwise nobody ever gave the key any.
	Scopes []string
	Scoped bool
}

// Agent is a program that acts for somebody.
type Agent struct {
	ID, User, Status string
	// Expires is the zero time where it does not end.
	Expires time.Time
	// Tenant is what the agent says that it is for, or "". It is a claim.
	Tenant string
	// HostID and HostThumbprint (RFC 7638, SHA-256) are of who runs it; "" is none.
	HostID, HostThumbprint string
	// PublicKey is a JSON Web Key, as claimset.Read gives it; nil where the agent has
	// none any more.
	PublicKey map[string]any
	Grants    []Grant
}

// Grant is one capability of an agent.
type Grant struct {
	Capability, Status string
	// Expires is the zero time where it does not end.
	Expires time.Time
	// Constrained tells of limits on the arguments, which nobody here knows.
	Constrained bool
}

// Session is somebody's who has signed in.
type Session struct {
	ID, User string
	Expires  time.Time
	// Tenant is the organization that the session says it is in, or "". It is a claim.
	Tenant string
}

// Member is one membership of a user.
type Member struct {
	ID, Organization, Role string
	Created                time.Time
}

var errOther = errors.New("a record of something else than was asked for")

func readKey(record claimset.Set, digest string) (Key, turns, error) {
	r := reader{record: record}
	k := Key{ID: r.name("id"), User: r.name("user"), Enabled: r.flag("enabled"), Expires: r.time("expires"), Tenant: r.text("tenant")}
	if record["scopes"] != nil {
		scopes, err := claimset.Texts(record["scopes"])
		if _, isText := record["scopes"].(string); isText || err != nil {
			r.fail("scopes", "a list of texts, or null")
		}
		k.Scopes, k.Scoped = scopes, true
	}
	if r.name("digest") != digest {
		r.err = errors.Join(r.err, errOther)
	}
	return k, turns{k.Expires}, r.err
}

func readAgent(record claimset.Set, id string) (Agent, turns, error) {
	r := reader{record: record}
	a := Agent{
		ID: r.name("id"), User: r.text("user"), Status: r.name("status"), Expires: r.time("expires"), Tenant: r.text("tenant"),
		HostID: r.text("host_id"), HostThumbprint: r.text("host_thumbprint"),
	}
	value, there := record["public_key"]
	key, isObject := value.(map[string]any)
	if !there || value != nil && !isObject {
		r.fail("public_key", "a JSON Web Key, or null")
	}
	a.PublicKey = key
	ends := turns{a.Expires}
	for _, one := range r.list("grants") {
		g := reader{record: one}
		grant := Grant{Capability: g.name("capability"), Status: g.name("status"), Expires: g.time("expires"), Constrained: one["constrained"] != nil && g.flag("constrained")}
		a.Grants = append(a.Grants, grant)
		r.err = errors.Join(r.err, g.err)
		ends = append(ends, grant.Expires)
	}
	if a.ID != id {
		r.err = errors.Join(r.err, errOther)
	}
	return a, ends, r.err
}

func readSession(record claimset.Set, _ string) (Session, turns, error) {
	r := reader{record: record}
	s := Session{ID: r.name("id"), User: r.name("user"), Expires: r.time("expires"), Tenant: r.text("tenant")}
	if r.err == nil && s.Expires.IsZero() {
		r.fail("expires", "a time: there is no session without an end")
	}
	return s, turns{s.Expires}, r.err
}

func readMembers(record claimset.Set, user string) ([]Member, turns, error) {
	r := reader{record: record}
	all := []Member{}
	for _, one := range r.list("members") {
		m := reader{record: one}
		member := Member{ID: m.name("id"), Organization: m.name("organization"), Role: m.text("role"), Created: m.time("created")}
		if m.err == nil && member.Created.IsZero() {
			m.fail("created", "a time")
		}
		all = append(all, member)
		r.err = errors.Join(r.err, m.err)
	}
	slices.SortFunc(all, earlier)
	if r.name("user") != user {
		r.err = errors.Join(r.err, errOther)
	}
	return all, nil, r.err
}

// reader reads members of one object, and keeps what is wrong with them.
type reader struct {
	record claimset.Set
	err    error
}

func (r *reader) fail(name, want string) {
	r.err = errors.Join(r.err, fmt.Errorf("member %q is not %s", name, want))
}

// text reads a text that may be missing or null, which is "".
func (r *reader) text(name string) string {
	if r.record[name] == nil {
		return ""
	}
	text, err := claimset.Set{name: r.record[name]}.Text(name)
	if err != nil {
		r.fail(name, "a text that a header can hold")
	}
	return text
}

// name reads a text that is needed.
func (r *reader) name(name string) string {
	text := r.text(name)
	if text == "" {
		r.fail(name, "there")
	}
	return text
}

func (r *reader) flag(name string) bool {
	flag, isBool := r.record[name].(bool)
	if !isBool {
		r.fail(name, "true or false")
	}
	return flag
}

// time reads RFC 3339; missing or null is the zero time, which means never. A record
// that says the zero time itself means the past.
func (r *reader) time(name string) time.Time {
	if r.record[name] == nil {
		return time.Time{}
	}
	text, _ := r.record[name].(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.IsZero() {
		r.fail(name, "a time (RFC 3339), or null")
	}
	return at
}

// list reads a list of objects that is needed.
func (r *reader) list(name string) []claimset.Set {
	values, isList := r.record[name].([]any)
	if !isList {
		r.fail(name, "a list")
	}
	sets := make([]claimset.Set, 0, len(values))
	for _, value := range values {
		object, isObject := value.(map[string]any)
		if !isObject {
			r.fail(name, "a list of objects")
		}
		sets = append(sets, object)
	}
	return sets
}
