package decider

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
)

// Try asks the program about what draw makes; later, when it may be remembered, again;
// and then about a neighbour of it, which must not be taken for it. Each answer is
// compared with the reference: the error is the first difference, of this case or of one
// before it.
func (w *World) Try(ctx context.Context, seed, number uint64, draw func(*rand.Rand) (Request, error)) error {
	again := false
	return w.again.twice(ctx, func(ctx context.Context) error {
		r := rand.New(rand.NewPCG(seed, number))
		q, err := draw(r)
		if err != nil {
			return err
		}
		err = w.compare(ctx, q, number)
		if err != nil || !again {
			again = true
			return err
		}
		if q, err = w.neighbour(q, r); err != nil {
			return err
		}
		return w.compare(ctx, q, number)
	})
}

// compare asks once.
func (w *World) compare(ctx context.Context, q Request, number uint64) error {
	want := w.Expect(q)
	got, err := w.Ask(ctx, q, q.address(number))
	if err != nil || got != want {
		return errors.Join(err, fmt.Errorf("case %d: %s:\n  the program says %+v, the reference %+v", number, q, got, want))
	}
	w.seen.count(got)
	if got.Status == http.StatusOK && q.usedUp(got.Word) {
		return w.compare(ctx, q, number) // the very same again
	}
	return nil
}

// usedUp tells of a token that is good once that it was used, and is revoked from now on.
func (q Request) usedUp(word string) bool {
	if a := q.Block.of(KindAgent); a == nil || a.Name != word {
		return false
	}
	for text, credential := range q.Credentials.made {
		if text.kind == KindAgent && credential.State == Valid {
			q.Credentials.made[text] = Credential{State: Revoked}
		}
	}
	return true
}

// Expect is what the reference says.
func (w *World) Expect(q Request) Outcome {
	return q.Route.Decide(q.Block.Read(w.carriers, q))
}

// address is one for all, so that keys of remembered answers meet, but for guesses at
// passwords, which one address may make few of.
func (q Request) address(number uint64) string {
	for _, h := range q.Headers {
		if h.Name == Authorization.Name && strings.HasPrefix(strings.ToLower(h.Value), "basic") {
			return Address(number)
		}
	}
	return Address(0)
}

// Address is another one for each number.
func Address(number uint64) string {
	return fmt.Sprintf("10.%d.%d.%d", byte(number>>16), byte(number>>8), byte(number))
}

// String tells of a request without its texts.
func (q Request) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s%s%.20s at %s, joined: %t", q.Block.Name, q.Route.Path, q.Query, q.Host, q.Joined)
	for _, h := range q.Headers {
		fmt.Fprintf(&text, "\n  %s: %.60q", h.Name, h.Value)
	}
	for of, credential := range q.Credentials.made {
		fmt.Fprintf(&text, "\n  %s %.30q is %s", of.kind, of.text, credential.State)
	}
	return text.String()
}
