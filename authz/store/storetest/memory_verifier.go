package storetest

import (
	"context"
	"fmt"

	"github.com/sallyport-authz/sallyport/authz"
)

func (m *Memory) renewVerifier(c authz.RenewVerifier) (effect, error) {
	t, isToken := m.tokens[c.Holder.Token]
	key := principalKey{c.Holder.Kind, c.Holder.Name}
	p, isPrincipal := m.principals[key]
	held, object := p.Verifier, objectOf(key)
	if isToken {
		held, object = t.Verifier, t.ID
	}
	switch {
	case !isToken && !isPrincipal, held != c.Old && held != c.New:
		return effect{}, authz.ErrNotFound
	case held == c.New:
		return effect{}, nil
	case isToken:
		t.Verifier = c.New
		m.tokens[t.ID] = t
	default:
		p.Verifier = c.New
		m.principals[key] = p
	}
	return effect{object: object}, nil
}

// Verifiers implements authz.VerifierStore.
func (m *Memory) Verifiers(ctx context.Context, each func(verifier string) error) error {
	for _, verifier := range m.verifiers() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("list verifiers: %w", err)
		}
		if err := each(verifier); err != nil {
			return err
		}
	}
	return ctx.Err() //nolint:wrapcheck // none of the sentinels
}

func (m *Memory) verifiers() []string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var all []string
	for _, t := range m.tokens {
		if lives(t, kept(m.now())) {
			all = append(all, t.Verifier)
		}
	}
	for _, p := range m.principals {
		if p.Verifier != "" {
			all = append(all, p.Verifier)
		}
	}
	return all
}
