package records

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/claimset"
	"github.com/sallyport-authz/sallyport/authz/facts"
)

// Asker posts a JSON text with an Authorization header. It bounds time and bytes,
// follows no redirect, and gives what a 200 of application/json carries or an error,
// which holds nothing of what was sent.
type Asker interface {
	PostJSON(ctx context.Context, url, authorization, text string) ([]byte, error)
}

// Ages bound how long a fact counts. None may be zero.
type Ages struct{ Key, Agent, Session, Members time.Duration }

// DefaultAges are those where nothing else is asked for.
func DefaultAges() Ages {
	return Ages{Key: 30 * time.Second, Agent: 30 * time.Second, Session: 5 * time.Second, Members: 30 * time.Second}
}

// MostAge is the longest that any fact may count.
const MostAge = 5 * time.Minute

// Settings are one endpoint.
type Settings struct {
	// Endpoint is the URL that is asked, by Asker, with Authorization.
	Endpoint      string
	Authorization authz.Secret
	Asker         Asker
	Ages          Ages
	// Roles are the scopes that members of each role may be granted. A role that is
	// not among them may be granted nothing.
	Roles map[string][]string
	// Timeout bounds one question, the wait for its turn included; MostCalls how many
	// there are at once, of each kind.
	Timeout   time.Duration
	MostCalls int
	Now       func() time.Time
}

// Source is one endpoint. It is safe for parallel use.
type Source struct {
	settings Settings
	keys     *facts.Desk[Key]
	agents   *facts.Desk[Agent]
	sessions *facts.Desk[Session]
	members  *facts.Desk[[]Member]
}

// New makes a Source, or says what is wrong with the settings. Nobody is asked yet.
func New(s Settings) (*Source, error) {
	if s.Endpoint == "" || s.Authorization.Reveal() == "" || s.Asker == nil {
		return nil, errors.New("records: an endpoint, a credential for it and what asks are needed")
	}
	for _, age := range []time.Duration{s.Ages.Key, s.Ages.Agent, s.Ages.Session, s.Ages.Members} {
		if age <= 0 || age > MostAge {
			return nil, fmt.Errorf("records: an age of %s is not above 0 and at most %s", age, MostAge)
		}
	}
	source := &Source{settings: s}
	var errs [4]error
	source.keys, errs[0] = desk(s, s.Ages.Key, "key", readKey)
	source.agents, errs[1] = desk(s, s.Ages.Agent, "agent", readAgent)
	source.sessions, errs[2] = desk(s, s.Ages.Session, "session", readSession)
	source.members, errs[3] = desk(s, s.Ages.Members, "members", readMembers)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("records: %w", err)
	}
	return source, nil
}

// reading makes something of a record about an id, and says when that turns by itself.
type reading[T any] func(record claimset.Set, id string) (T, turns, error)

// turns are times, of which zero is never.
type turns []time.Time

// after gives the first that is still to come; zero is none.
func (t turns) after(now time.Time) (first time.Time) {
	for _, at := range t {
		if at.After(now) && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

func desk[T any](s Settings, age time.Duration, kind string, read reading[T]) (*facts.Desk[T], error) {
	return facts.New(facts.Settings[T]{
		Ask: func(ctx context.Context, id string) (facts.Fact[T], error) {
			fact, err := ask(ctx, s, question{kind, id}, read)
			if err != nil {
				return facts.Fact[T]{}, fmt.Errorf("record of %s: %w", kind, err)
			}
			return fact, nil
		},
		MaxAge: age, Timeout: s.Timeout, MostCalls: s.MostCalls, Now: s.Now,
	})
}

type question struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// longestAnswer bounds what is read of an endpoint.
const longestAnswer = 256 << 10

func ask[T any](ctx context.Context, s Settings, q question, read reading[T]) (facts.Fact[T], error) {
	text, err := json.Marshal(q)
	if err != nil {
		return facts.Fact[T]{}, errors.New("an id that is no text")
	}
	asked := s.Now()
	answer, err := s.Asker.PostJSON(ctx, s.Endpoint, s.Authorization.Reveal(), string(text))
	if err != nil {
		return facts.Fact[T]{}, err //nolint:wrapcheck // the caller says what was asked for
	}
	if len(answer) > longestAnswer {
		return facts.Fact[T]{}, fmt.Errorf("the answer has more than %d bytes", longestAnswer)
	}
	set, err := claimset.Read(answer)
	if err != nil {
		return facts.Fact[T]{}, fmt.Errorf("the answer: %w", err)
	}
	found, isBool := set["found"].(bool)
	record, isObject := set["record"].(map[string]any)
	switch {
	case !isBool:
		return facts.Fact[T]{}, errors.New("the answer: found is neither true nor false")
	case !found && set["record"] == nil:
		return facts.Fact[T]{Nothing: true}, nil
	case !found || !isObject:
		return facts.Fact[T]{}, errors.New("the answer: found, and a record, or neither")
	}
	value, ends, err := read(record, q.ID)
	if err != nil {
		return facts.Fact[T]{}, fmt.Errorf("the answer: %w", err)
	}
	return facts.Fact[T]{Value: value, Until: ends.after(asked), Size: len(answer)}, nil
}

// told gives what a desk knows: authz.ErrNotFound where it knows that there is nothing.
func told[T any](ctx context.Context, desk *facts.Desk[T], id string) (T, authz.Basis, error) {
	var none T
	fact, err := desk.Ask(ctx, id)
	if err != nil {
		return none, authz.Basis{}, err //nolint:wrapcheck // it says what was asked for
	}
	basis := authz.Basis{Lasting: true, Until: fact.Until}
	if fact.Nothing {
		return none, basis, authz.ErrNotFound
	}
	return fact.Value, basis, nil
}

// Key gives the API key of a digest: the SHA-256 of all of it, in base64url without
// padding. The error is authz.ErrNotFound, beside the Basis of that, or "could not tell".
func (s *Source) Key(ctx context.Context, digest string) (Key, authz.Basis, error) {
	return told(ctx, s.keys, digest)
}

// Agent gives an agent by its id; errors are as Key's.
func (s *Source) Agent(ctx context.Context, id string) (Agent, authz.Basis, error) {
	return told(ctx, s.agents, id)
}

// Session gives a session by its token; errors are as Key's.
func (s *Source) Session(ctx context.Context, token string) (Session, authz.Basis, error) {
	return told(ctx, s.sessions, token)
}
