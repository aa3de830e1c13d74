package system_test

import (
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/issuer"
)

// A token's end is the end of what is remembered of it: the verdict is asked for
// again and again, and would otherwise live for a minute. The guard is the Until
// of the token's Basis.
func TestJWTEnds(t *testing.T) {
	t.Parallel()
	i := provider(t)
	w := beginShop(t, i)
	s := w.shop(t, "/orders")
	token := issue(t, i, issuer.Order{Life: 5 * time.Second})
	_, claims := decoded(t, token)
	end := time.Unix(int64(claims["exp"].(float64)), 0)
	remembered(t, w, s, token)
	refusal, before := s.until(t, token, 401, time.Until(end)+slack)
	onlyBefore(t, "before the end", before, 200)
	if refusal.told.Before(end) {
		t.Errorf("refused %v before the end", end.Sub(refusal.told))
	}
	for _, a := range before {
		if !a.asked.Before(end) {
			t.Errorf("let in %v after the end", a.asked.Sub(end))
		}
	}
}
