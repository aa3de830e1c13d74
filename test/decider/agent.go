package decider

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	random "math/rand/v2"
	"net/http"
	"time"
)

const (
	agentType     = "agent+jwt"
	agentAudience = "https://agents.test"
	// recordsName is the source that knows the agents.
	recordsName = "elsewhere"
)

// agents sign a token for each request (Better Auth's Agent Auth), and another system
// has them on record. Some that were revoked it knows no more; of others it says so:
// whoever shows that they are such a one is known, and may do nothing.
type agents struct {
	at string
	// known are by state. Two of those that were revoked are on record.
	known map[State][]agent
}

type agent struct {
	id     string
	key    ed25519.PrivateKey
	barred bool
}

// newAgents puts them on record.
func newAgents(e *endpoint) (*agents, error) {
	a := &agents{at: e.server.URL + "/records", known: map[State][]agent{}}
	for _, state := range storable() {
		for _, name := range []string{"agent-ann", "agent-bob", "agent-cy", "agent-di"} {
			public, key, err := ed25519.GenerateKey(rand.Reader)
			if err != nil {
				return nil, fmt.Errorf("make a key: %w", err)
			}
			one := agent{id: fmt.Sprintf("%s-%s", name, state), key: key, barred: state == Revoked && name > "agent-c"}
			a.known[state] = append(a.known[state], one)
			if state == Revoked && !one.barred {
				continue
			}
			e.said[shown{KindAgent, one.id}] = one.record(state, public)
		}
	}
	return a, nil
}

// record is "" where the system cannot be asked.
func (a agent) record(state State, public ed25519.PublicKey) string {
	if state == Unavailable {
		return ""
	}
	status := "active"
	if a.barred {
		status = "revoked"
	}
	return fmt.Sprintf(`{"found":true,"record":{"id":%q,"user":"ann","status":%q,"expires":null,"tenant":"","host_id":"host","host_thumbprint":"",`+
		`"public_key":{"kty":"OKP","crv":"Ed25519","x":%q},"grants":[{"capability":"read","status":"active","expires":null,"constrained":false}]}}`,
		a.id, status, base64.RawURLEncoding.EncodeToString(public))
}

// records answers what it has on record. Nobody is a member of anything.
func (e *endpoint) records(w http.ResponseWriter, q *http.Request) {
	var question struct{ Kind, ID string }
	if json.NewDecoder(q.Body).Decode(&question) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	said, known := e.said[shown{question.Kind, question.ID}]
	switch {
	case known && said == "":
		w.WriteHeader(http.StatusInternalServerError)
		return
	case question.Kind == "members":
		said = fmt.Sprintf(`{"found":true,"record":{"user":%q,"members":[]}}`, question.ID)
	case !known:
		said = `{"found":false}`
	default:
	}
	w.Header().Set("content-type", "application/json")
	_, _ = w.Write([]byte(said))
}

// kind is what others see of them.
func (a *agents) kind() Kind { return Kind{a.settings, a.make, noJWT} }

// source is the top of the configuration that names the system.
func (a *agents) source() string {
	return fmt.Sprintf("records: [{name: %s, endpoint: '%s', bearer_token: 'file:client.token'}]\n", recordsName, a.at)
}

func (*agents) settings(a *Authenticator) string {
	return fmt.Sprintf("agentjwt: {records: %s, audiences: [%q], header: %s}", recordsName, agentAudience, a.Carrier.Name)
}

// make signs a new token each time: it is good once.
func (a *agents) make(state State, r *random.Rand) (text string, c Credential, err error) {
	now := time.Now()
	if state == Expired {
		now = now.Add(-time.Hour)
	}
	if state == Malformed {
		return encoded(map[string]any{"alg": "EdDSA", "typ": agentType}) + one(r, []string{".e30.", ".e~30.e30"}), Credential{State: Malformed}, nil
	}
	by := one(r, a.known[state])
	signed := encoded(map[string]any{"alg": "EdDSA", "typ": agentType}) + "." + encoded(map[string]any{
		"sub": by.id, "aud": agentAudience, "iat": now.Unix(), "exp": now.Unix() + 60, "jti": rand.Text(),
	})
	text = signed + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(by.key, []byte(signed)))
	return text, Credential{State: state, Subject: by.id, Barred: by.barred}, nil
}

func encoded(said map[string]any) string {
	text, _ := json.Marshal(said) //nolint:errchkjson // texts and numbers only
	return base64.RawURLEncoding.EncodeToString(text)
}
