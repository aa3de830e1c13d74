package system_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/test/canary"
)

const (
	manager      = "../../examples/manager"
	managerHost  = "manager.test"
	machineCheck = "/api/machine/check"
	register     = "/api/machine/register-backend"
)

// The Manager's bodies.
const (
	managerUnread  = `{"error":"unauthorized","message":"This credential cannot be read. Send it as Authorization: Bearer <token>, and copy the whole token."}`
	managerBad     = `{"error":"unauthorized","message":"Invalid, expired or revoked credential"}`
	managerScope   = `{"error":"forbidden","message":"This credential is not meant for this endpoint"}`
	managerTenant  = `{"error":"forbidden","message":"This is not your tenant"}`
	managerUnknown = `{"error":"forbidden","message":"Forbidden"}`
	managerMachine = `{"error":"forbidden","message":"Machine users reach the machine API alone"}`
)

func TestManager(t *testing.T) {
	w := beginSeeded(t, manager)
	t.Run("G01", func(t *testing.T) {
		passes(t, w.graphql(t, w.bearer(t, "PAT")))
		passes(t, w.check(t, w.bearer(t, "MACHINE_TOKEN")))
		passes(t, w.check(t, basicAuth("svc1", "pw1")))
	})
	t.Run("G02", func(t *testing.T) {
		got := w.graphql(t, w.bearer(t, "PAT"))
		passes(t, got)
		onlyIdentity(t, got, map[string]string{
			"x-authz-kind": "pat", "x-authz-subject": "u1", "x-authz-user": "u1", "x-authz-tenant": "t1",
			"x-authz-scopes": "graphql", "x-authz-token-id": got.upstream("x-authz-token-id"),
		})
	})
	t.Run("G04", func(t *testing.T) {
		got := w.check(t, w.bearer(t, "MACHINE_TOKEN"))
		passes(t, got)
		if got.upstream("x-authz-kind") != "machine" || got.upstream("x-authz-tenant") != "t1" || got.upstream("x-authz-subject") != "backend" {
			t.Errorf("upstream saw %v", got.seen.Headers)
		}
	})
	t.Run("G05", w.testOneLogin)
	t.Run("G09", func(t *testing.T) { w.testDocumentedManager(t, "G09") })
	t.Run("G10", w.testHeaderCase)
	t.Run("G15", func(t *testing.T) { w.testRevocation(t, "mu_") })
	t.Run("G24", w.testMachineToken)
	t.Run("G26", w.testMachinePassword)
	t.Run("G27", w.testBasicDecoding)
	t.Run("G28", w.testTenants)
	t.Run("G30", w.testMachineAPI)
	t.Run("members", w.testMembers)
	t.Run("G37", w.testSideBySide)
	t.Run("G40", func(t *testing.T) { w.testRevocation(t, "pfy_") })
	t.Run("G47", w.testNoScheme)
	t.Run("G49", w.testDamaged)
	t.Run("G50", w.testExampleService)
	t.Run("G12", w.testLastUse)
	t.Run("G03", w.testSlowHashes)
	t.Run("no secret is left", func(t *testing.T) {
		w.leavesNoSecret(t, reference(w.secrets["PAT"])[len("pfy_"):])
	})
}

func (w seeded) graphql(t *testing.T, headers ...field) reply {
	t.Helper()
	c := post(managerHost, "/graphql", append(headers, field{"content-type", "application/json"})...)
	c.body = `{"query":"{ me { id } }"}`
	return w.asked(t, c)
}

func (w seeded) check(t *testing.T, headers ...field) reply {
	t.Helper()
	return w.asked(t, get(managerHost, machineCheck, headers...))
}

// password adds a machine user of t1 with a password.
func (w seeded) password(t *testing.T, name, password string) {
	t.Helper()
	w.done(t, password+"\n", "machine", "put", name, "--password-stdin", "--tenant", "t1", "--scope", "machine:check")
	w.done(t, "", "member", "put", "t1", name)
}

// testOneLogin: a machine user has a password or tokens. The guards are refusal in
// authn/basic, and the store's refusal of tokens for who has a password.
func (w seeded) testOneLogin(t *testing.T) {
	refused(t, w.check(t, bearer("pw1")), 401, managerUnread)
	basic := basicAuth("svc1", "pw1")
	refused(t, w.check(t, bearer(strings.TrimPrefix(basic.value, "Basic "))), 401, managerUnread)
	refused(t, w.check(t, basicAuth("backend", w.secrets["MACHINE_TOKEN"])), 401, managerBad)
	refused(t, w.check(t, basicAuth("backend", "")), 401, managerUnread)
	for _, principal := range w.principals(t) {
		if principal.Name != "svc1" {
			continue
		}
		if out, err := w.admin(t, "", "token", "mint", "--prefix", "mu_", "--owner", principal.ID, "--subject", "svc1", "--tenant", "t1"); err == nil || out != "" {
			t.Error("a token was minted for a machine user who has a password")
		}
		return
	}
	t.Error("svc1 is not there")
}

// known is what a list tells of a principal.
type known struct{ ID, Name string }

func (w storeWorld) principals(t *testing.T) []known {
	t.Helper()
	var answer struct{ Principals []known }
	must(t, json.Unmarshal([]byte(w.done(t, "", "principal", "list", "--json")), &answer))
	return answer.Principals
}

// testHeaderCase: a GraphQL client writes the header in lower case, which HTTP/2 does
// anyway.
func (w seeded) testHeaderCase(t *testing.T) {
	for _, name := range []string{"authorization", "Authorization", "AUTHORIZATION"} {
		passes(t, w.graphql(t, field{name, "Bearer " + w.secrets["PAT"]}))
	}
	for _, scheme := range []string{"Bearer ", "bearer ", "BEARER "} {
		passes(t, w.graphql(t, field{"authorization", scheme + w.secrets["PAT"]}))
	}
	passes(t, sendHTTP2(t, w.envoy.Address(api), post(managerHost, "/graphql", w.bearer(t, "PAT"))))
}

// testRevocation: no call that begins after a revocation returned is allowed, whether
// the token was remembered or not. The guard is that the admin applier sets its stripes
// before it answers; the thousand races are campaigns of their own.
func (w seeded) testRevocation(t *testing.T, prefix string) {
	t.Helper()
	path, scope := machineCheck, "machine:check"
	if prefix == "pfy_" {
		path, scope = "/graphql", "graphql"
	}
	for _, warm := range []bool{true, false, true} {
		token := w.mint(t, "REVOKED_"+prefix, "--prefix", prefix, "--subject", "u1", "--tenant", "t1", "--scope", scope)
		c := get(managerHost, path, bearer(token))
		if warm {
			passes(t, w.asked(t, c))
			passes(t, w.asked(t, c))
		}
		w.done(t, "", "token", "revoke", reference(token), "--reason", "deleted")
		refused(t, w.ask(t, api, c), 401, managerBad)
		refused(t, w.ask(t, api, c), 401, managerBad)
	}
}

// testTenants: who belongs to t1 gets nowhere in t2. The guard is sallyport.tenant.
func (w seeded) testTenants(t *testing.T) {
	machine, person := w.bearer(t, "MACHINE_TOKEN"), w.bearer(t, "PAT")
	passes(t, w.asked(t, get(managerHost, "/api/tenants/t1/machine/check", machine)))
	passes(t, w.asked(t, get(managerHost, "/api/tenants/t1/applications", person)))
	for _, tenant := range []string{"t2", "T1", "t1x", "nowhere"} {
		refused(t, w.asked(t, get(managerHost, "/api/tenants/"+tenant+"/machine/check", machine)), 403, managerTenant)
		refused(t, w.asked(t, get(managerHost, "/api/tenants/"+tenant+"/applications", person)), 403, managerTenant)
	}
}

// testMembers: whoever leaves a tenant takes no credential along, and no remembered
// verdict. The guard is the example's membership: require.
func (w seeded) testMembers(t *testing.T) {
	for subject, ask := range map[string]func() reply{
		"u1":      func() reply { return w.graphql(t, w.bearer(t, "PAT")) },
		"backend": func() reply { return w.check(t, w.bearer(t, "MACHINE_TOKEN")) },
		"svc1":    func() reply { return w.check(t, basicAuth("svc1", "pw1")) },
	} {
		passes(t, ask())
		w.done(t, "", "member", "remove", "t1", subject)
		refused(t, ask(), 403, managerTenant)
		w.done(t, "", "member", "put", "t1", subject)
		passes(t, ask())
	}
}

// testMachineAPI: the two endpoints, each with its method. The guards are the routes'
// scopes, and the example's own rule for a token with too many.
func (w seeded) testMachineAPI(t *testing.T) {
	machine := w.bearer(t, "MACHINE_TOKEN")
	refused(t, w.graphql(t, machine), 403, managerScope)
	refused(t, w.graphql(t, w.bearer(t, "MACHINE_WIDE")), 403, managerMachine)
	refused(t, w.asked(t, post(managerHost, register, w.bearer(t, "MACHINE_WIDE"))), 403, managerScope)
	for _, c := range []call{get(managerHost, register, machine), post(managerHost, machineCheck, machine), get(managerHost, "/api/machine", machine)} {
		refused(t, w.asked(t, c), 403, managerUnknown)
	}
	refused(t, w.check(t, w.bearer(t, "PAT")), 403, managerScope)
}

// testSideBySide is the documentation's rotation: a new one, both, and the old one ends.
func (w seeded) testSideBySide(t *testing.T) {
	first := w.secrets["PAT_CI"]
	second := w.mint(t, "PAT_SECOND", "--prefix", "pfy_", "--subject", "u1", "--user", "u1", "--tenant", "t1", "--scope", "graphql")
	passes(t, w.graphql(t, bearer(first)))
	passes(t, w.graphql(t, bearer(second)))
	w.done(t, "", "token", "revoke", reference(first), "--reason", "rotated")
	refused(t, w.graphql(t, bearer(first)), 401, managerBad)
	passes(t, w.graphql(t, bearer(second)))
	w.secrets["PAT_THIRD"] = w.done(t, "", "token", "rotate", reference(second), "--overlap", "1h")
	passes(t, w.graphql(t, bearer(second)))
	got := w.graphql(t, bearer(w.secrets["PAT_THIRD"]))
	passes(t, got)
	if got.upstream("x-authz-user") != "u1" || got.upstream("x-authz-tenant") != "t1" {
		t.Errorf("the successor is user %q of %q", got.upstream("x-authz-user"), got.upstream("x-authz-tenant"))
	}
}

// testBasicDecoding is RFC 7617 section 2: standard base64 with its padding, the first
// colon splits, UTF-8.
func (w seeded) testBasicDecoding(t *testing.T) {
	for name, word := range map[string]string{"colons": "a:b::c", "umlaut-ä": "pä ß wörd"} {
		w.secrets[name] = word + canary.New(name).Value
		w.password(t, name, w.secrets[name])
		got := w.check(t, basicAuth(name, w.secrets[name]))
		passes(t, got)
		if got.upstream("x-authz-subject") == "" {
			t.Errorf("%s: upstream saw nobody", name)
		}
	}
	good := strings.TrimPrefix(basicAuth("svc1", "pw1").value, "Basic ")
	for what, value := range map[string]string{
		"not base64": "!!!", "no padding": strings.TrimRight(basicAuth("svc1", "pw12").value, "=")[len("Basic "):], "space inside": good[:4] + " " + good[4:],
		"URL's alphabet": "c3ZjMTo-Pz8_", "no colon": "c3ZjMQ==", "no name": "OnB3MQ==", "not UTF-8": "c3ZjMTr/",
	} {
		got := w.check(t, field{"authorization", "Basic " + value})
		if got.status != 401 || got.seen != nil {
			t.Errorf("%s: got %d %s, want 401", what, got.status, got.body)
		}
	}
}

// testNoScheme: whoever forgets the scheme is told how the header looks.
func (w seeded) testNoScheme(t *testing.T) {
	for _, value := range []string{w.secrets["PAT"], "Token " + w.secrets["PAT"], "Bearer"} {
		got := w.graphql(t, field{"authorization", value})
		refused(t, got, 401, managerUnread)
		if challenge := got.header.Get("WWW-Authenticate"); challenge != `Bearer error="invalid_request"` || !strings.Contains(got.body, "Authorization: Bearer <token>") {
			t.Errorf("challenge %q", challenge)
		}
	}
}

// testDamaged: a damaged token is never guessed at, and the record tells how it is
// damaged. White space around a header's value is no part of it (RFC 9110 section 5.5).
func (w seeded) testDamaged(t *testing.T) {
	token := w.secrets["PAT"]
	middle := len(token) / 2
	for what, c := range map[string]struct{ value, cause string }{
		"space inside":   {token[:middle] + " " + token[middle:], ""},
		"tab inside":     {token[:middle] + "\t" + token[middle:], ""},
		"of the row":     {"pfy_abc def", ""},
		"truncated":      {token[:len(token)-1], "cut short"},
		"half":           {token[:middle], "cut short"},
		"one too many":   {token + "0", "form"},
		"mistyped":       {mistyped(token), "copied"},
		"twice":          {token + token, "form"},
		"prefix alone":   {"pfy_", "cut short"},
		"quoted":         {`"` + token + `"`, ""},
		"in upper case":  {"pfy_" + strings.ToUpper(token[4:]), "form"},
		"another prefix": {"muser_" + token[4:], ""},
	} {
		got := w.graphql(t, bearer(c.value))
		refused(t, got, 401, managerUnread)
		record, err := w.sallyport.Record(t.Context(), got.header.Get("X-Request-Id"))
		if must(t, err); record.Reason != "malformed" || !strings.Contains(record.Cause, c.cause) {
			t.Errorf("%s: %s for %q, want malformed for %q", what, record.Reason, record.Cause, c.cause)
		}
	}
	for _, around := range []string{token + " ", token + " \t"} {
		passes(t, w.graphql(t, field{"authorization", "Bearer " + around}))
	}
}

// mistyped changes the last character of a token's secret.
func mistyped(token string) string {
	at := len(token) - 8
	other := "x"
	if token[at] == 'x' {
		other = "y"
	}
	return token[:at] + other + token[at+1:]
}
