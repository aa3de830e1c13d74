package agentjwt_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/agentjwt"
	"github.com/sallyport-authz/sallyport/authz/authn/authntest"
)

const (
	origin     = "https://api.prood.test"
	hostID     = "host-1"
	thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
	anns       = "agent-of-ann"
)

func noon() time.Time { return time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC) }

func after(seconds int) int64 { return noon().Add(time.Duration(seconds) * time.Second).Unix() }

type object = map[string]any

func encode(bytes []byte) string { return base64.RawURLEncoding.EncodeToString(bytes) }

func asJSON(t testing.TB, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func with(from object, name string, value any) object {
	changed := maps.Clone(from)
	if value == nil {
		delete(changed, name)
	} else {
		changed[name] = value
	}
	return changed
}

// agent is who holds a key and signs with it.
type agent struct{ key ed25519.PrivateKey }

func newAgent(t testing.TB) agent {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return agent{key}
}

func (a agent) jwk() object {
	public, _ := a.key.Public().(ed25519.PublicKey)
	return object{"kty": "OKP", "crv": "Ed25519", "x": encode(public)}
}

// record is ann's agent, who may list products and keep carts.
func (a agent) record() agentjwt.Record {
	return agentjwt.Record{
		ID: anns, User: "ann", Status: "active", Tenant: "A", HostID: hostID, HostThumbprint: thumbprint, Key: a.jwk(),
		Grants: []agentjwt.Grant{{Capability: "listProducts", Status: "active"}, {Capability: "createCart", Status: "active"}},
	}
}

// head and good are what the SDK writes.
func head() object { return object{"alg": "EdDSA", "typ": "agent+jwt"} }

func good() object {
	return object{"sub": anns, "aud": origin, "iat": after(0), "exp": after(60), "jti": "j-1"}
}

func (a agent) sign(t testing.TB, head, claims object) string {
	t.Helper()
	return a.signRaw(asJSON(t, head), asJSON(t, claims))
}

func (a agent) signRaw(head, claims []byte) string {
	signed := encode(head) + "." + encode(claims)
	return signed + "." + encode(ed25519.Sign(a.key, []byte(signed)))
}

// claiming signs a good token but for one claim; nil takes it out.
func (a agent) claiming(t testing.TB, name string, value any) string {
	t.Helper()
	return a.sign(t, head(), with(good(), name, value))
}

// registry knows these records; of the agent "down" nobody can tell.
type registry map[string]agentjwt.Record

var errDown = errors.New("the registry is down")

func (r registry) Agent(ctx context.Context, id string) (agentjwt.Record, authz.Basis, error) {
	record, known := r[id]
	switch {
	case id == "down" || ctx.Err() != nil:
		return agentjwt.Record{}, authz.Basis{}, errDown
	case !known:
		return agentjwt.Record{}, authz.Lasting(), authz.ErrNotFound
	default:
		return record, authz.Lasting(), nil
	}
}

// register knows one record under its own id.
func register(r agentjwt.Record) registry { return registry{r.ID: r} }

// members are standings by user, the earliest first; of the user "down" nobody can
// tell, and of "liar" it tells of another tenant than was asked about.
type members map[string][]authz.Standing

func (m members) Standing(_ context.Context, user, claimed string) (authz.Standing, authz.Basis, error) {
	switch user {
	case "", "down":
		return authz.Standing{}, authz.Basis{}, errDown
	case "liar": // whatever is claimed
		return authz.Standing{Tenant: "B", Role: "owner"}, authz.Lasting(), nil
	}
	for _, s := range m[user] {
		if claimed == "" || s.Tenant == claimed {
			return s, authz.Lasting(), nil
		}
	}
	return authz.Standing{}, authz.Lasting(), authz.ErrNotMember
}

// shops: ann works in A, later in B too; bob in B.
func shops() members {
	both := []string{"storefront", "admin"}
	return members{
		"ann": {{Tenant: "A", Role: "owner", Scopes: both}, {Tenant: "B", Role: "member", Scopes: []string{"storefront"}}},
		"bob": {{Tenant: "B", Role: "owner", Scopes: both}},
	}
}

// settings are those of Prood.
func settings(agents agentjwt.Agents, changes ...func(*agentjwt.Settings)) agentjwt.Settings {
	s := agentjwt.Settings{
		Agents: agents, Standings: shops(), Memory: newMemory(1 << 16),
		Audiences: []string{"https://auth.prood.test", origin}, Skew: 10 * time.Second, Now: noon,
		Scopes: []agentjwt.Mapping{{Capability: "admin*", Scope: "admin"}, {Capability: "*", Scope: "storefront"}},
	}
	for _, change := range changes {
		change(&s)
	}
	return s
}

// newMemory has been asked for an hour.
func newMemory(most int) *agentjwt.Memory {
	m := agentjwt.NewMemory(most)
	agentjwt.Begin(m, noon().Add(-time.Hour))
	return m
}

func authenticator(t testing.TB, s agentjwt.Settings) *agentjwt.Authenticator {
	t.Helper()
	a, err := agentjwt.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func present(a *authz.Attributes, token string) {
	authntest.ByHeader("authorization", "Bearer")(a, token)
}

func ask(ctx context.Context, a *agentjwt.Authenticator, token string) (authz.Caller, error) {
	attributes := authntest.Full()
	present(attributes, token)
	credential, err := a.Extract(attributes)
	if err != nil {
		return authz.Caller{}, err
	}
	caller, _, err := a.Authenticate(ctx, credential)
	return caller, err
}

// unknown reports an error by which nobody can tell.
func unknown(err error) bool {
	return err != nil && !errors.Is(err, authz.ErrRejected) && !errors.Is(err, authz.ErrMalformed) &&
		!errors.Is(err, authz.ErrAbsent) && !errors.Is(err, authz.ErrThrottled) && !errors.Is(err, authz.ErrBarred)
}
