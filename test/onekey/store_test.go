package onekey_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/keyplan"
	"github.com/sallyport-authz/sallyport/authz/store/storetest"
	"github.com/sallyport-authz/sallyport/test/onekey"
)

// storedTrial asks while a store changes, and gives the first difference. What is
// remembered looks at changes, which may not be where they are announced.
type storedTrial struct {
	engine            storetest.Engine
	announced, looked *authz.Changes
	planned           onekey.Planner
	seed              uint64
}

func (s storedTrial) difference(t *testing.T, draws int) error {
	t.Helper()
	stored, err := onekey.NewStored(s.engine, s.announced)
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := onekey.World{Dir: t.TempDir(), Rule: onekey.Rules()[0], Planned: s.planned, Stored: stored}.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := onekey.NewPair(snapshot, &onekey.Shelf{}, s.looked)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(s.seed, 9))
	for i := range draws {
		if i%12 == 0 {
			if err := stored.Turn(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		if err := pair.Ask(t.Context(), stored.Draw(r)); err != nil {
			return err
		}
	}
	if pair.Hits == 0 || pair.Allowed == 0 || stored.Turned == 0 {
		t.Errorf("%d hits, %d allowed, %d changes: the test shows nothing", pair.Hits, pair.Allowed, stored.Turned)
	}
	t.Logf("%d requests, %d hits, %d of them allowed, %d changes", draws, pair.Hits, pair.Allowed, stored.Turned)
	return nil
}

func newStoredTrial() storedTrial {
	changes := &authz.Changes{}
	return storedTrial{storetest.NewMemory(time.Now), changes, changes, onekey.Plans(keyplan.NewKeys()), 11}
}

// TestStoredNoDifference: whatever changes in a store between two requests, what is
// remembered is what would be computed: tokens, their owners, members, domains,
// organizations.
func TestStoredNoDifference(t *testing.T) {
	for seed := range uint64(4) {
		trial := newStoredTrial()
		trial.seed = seed
		if err := trial.difference(t, 2000); err != nil {
			t.Error(err)
		}
	}
}

// mute is an engine that does not say that things of these topics changed.
type mute struct {
	storetest.Engine
	topics []authz.Topic
}

func (m mute) Apply(ctx context.Context, act authz.Act, change authz.Mutation) (authz.Applied, error) {
	applied, err := m.Engine.Apply(ctx, act, change)
	applied.Touched = slices.DeleteFunc(applied.Touched, func(t authz.Touch) bool { return slices.Contains(m.topics, t.Topic) })
	return applied, err
}

// TestStoredFindsDefects plants one a row: a change that is not announced, and a field
// that no key holds although a stage that asks the store rests on it.
func TestStoredFindsDefects(t *testing.T) {
	unannounced := func(topics ...authz.Topic) storedTrial {
		trial := newStoredTrial()
		trial.engine = mute{trial.engine, topics}
		return trial
	}
	lacking := func(field authz.Field) storedTrial {
		trial := newStoredTrial()
		trial.planned = without(keyplan.NewKeys(), field)
		return trial
	}
	lost := newStoredTrial()
	lost.looked = &authz.Changes{}
	for name, trial := range map[string]storedTrial{
		"nothing is announced": lost,
		"tokens":               unannounced(authz.TopicToken, authz.TopicTokenRef),
		"members":              unannounced(authz.TopicMember),
		"domains":              unannounced(authz.TopicDomain),
		"people":               unannounced(authz.TopicPrincipal, authz.TopicOwner),
		"lacks the host":       lacking(authz.FieldHost),
		"lacks the path":       lacking(authz.FieldPath),
		"lacks the query":      lacking(authz.FieldQuery),
		"lacks the key":        lacking("header:x-api-key"),
		"lacks the token":      lacking("header:authorization"),
	} {
		t.Run(name, func(t *testing.T) {
			if trial.difference(t, within) == nil {
				t.Error("it found nothing")
			}
		})
	}
}
