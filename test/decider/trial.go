package decider

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
)

// asks is how often one case is asked about: what is remembered answers from the second
// time on.
const asks = 2

// Try asks the program about what draw makes, several times, and compares each answer
// with the reference. The error is the first difference.
func (w *World) Try(ctx context.Context, seed, number uint64, draw func(*rand.Rand) (Request, error)) error {
	for i := range asks {
		q, err := draw(rand.New(rand.NewPCG(seed, number)))
		if err != nil {
			return err
		}
		want := w.Expect(q)
		got, err := w.Ask(ctx, q, Address(number))
		if err != nil {
			return fmt.Errorf("%s: asked for the %d. time: %w", q, i+1, err)
		}
		if got != want {
			return fmt.Errorf("%s: asked for the %d. time: the program says %+v, the reference %+v", q, i+1, got, want)
		}
		w.seen.count(got)
	}
	return nil
}

// Expect is what the reference says.
func (w *World) Expect(q Request) Outcome {
	return q.Route.Decide(q.Block.Read(w.carriers, q))
}

// Address is another one for each case, so that none meets the limit of guesses.
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
