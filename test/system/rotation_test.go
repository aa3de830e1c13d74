package system_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/test/issuer"
)

// The times that tokens/sallyport.yaml says, and what a busy machine may add.
const (
	leastInterval = time.Second
	slack         = 5 * time.Second
)

// Keys come, go and are asked for that never were, while requests flow.
func TestKeys(t *testing.T) {
	t.Parallel()
	t.Run("C11", func(t *testing.T) {
		t.Run("added", testKeyAdded)
		t.Run("withdrawn", testKeyWithdrawn)
		t.Run("unknown", testKeysUnknown)
		t.Run("unknown to a slow issuer", testKeysUnknownSlowIssuer)
		t.Run("issuer gone", testIssuerGone)
	})
}

// A key that the issuer has just begun to use is fetched by the first token that
// names it, once, while requests flow: nobody is refused, with an old token or a
// new one. The next regular fetch is half a minute away.
func testKeyAdded(t *testing.T) {
	t.Parallel()
	i := provider(t)
	w := beginShop(t, i)
	s := w.shop(t, "/orders")
	old := issue(t, i, issuer.Order{})
	remembered(t, w, s, old)
	flow := s.keep(t, 2, func() string { return old })
	for range 3 {
		time.Sleep(leastInterval + 100*time.Millisecond) // the fetch before this is over an interval ago
		before := fetched(t, i)
		if _, err := i.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		fresh := issue(t, i, issuer.Order{})
		first := s.keep(t, 4, func() string { return fresh })
		time.Sleep(200 * time.Millisecond)
		only(t, "new key", first.end(), 200)
		if got := fetched(t, i) - before; got != 1 {
			t.Errorf("one new key was fetched %d times", got)
		}
	}
	only(t, "old key", flow.end(), 200)
}

// A key that is withdrawn dies with the next fetch, and with it every verdict
// that rests on it, though the cache would keep it for ten minutes. The token of
// the new key is never refused. The guard is the stripe of the key in the
// token's Basis.
func testKeyWithdrawn(t *testing.T) {
	t.Parallel()
	const refresh = time.Second
	i := provider(t)
	w := beginShop(t, i, "refresh: 30s", "refresh: 1s")
	s := w.shop(t, "/orders")
	old := issue(t, i, issuer.Order{})
	if _, err := i.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	fresh := issue(t, i, issuer.Order{})
	s.until(t, fresh, 200, slack)
	remembered(t, w, s, old)
	remembered(t, w, s, fresh)
	flow := s.keep(t, 2, func() string { return fresh })
	withdrawn := time.Now()
	if _, err := i.Retire(t.Context()); err != nil {
		t.Fatal(err)
	}
	refusal, before := s.until(t, old, 401, refresh+slack)
	t.Logf("withdrawn for %v when the token was refused", refusal.asked.Sub(withdrawn))
	onlyBefore(t, "withdrawn key, before the fetch", before, 200)
	record, err := w.sallyport.Record(t.Context(), refusal.requestID)
	if err != nil {
		t.Fatal(err)
	}
	if record.Cache != "revoked" || record.Reason != "rejected" {
		t.Errorf("the refusal's record says cache %q, reason %q; want revoked, rejected", record.Cache, record.Reason)
	}
	after := s.keep(t, 2, func() string { return old })
	time.Sleep(2 * refresh)
	only(t, "withdrawn key, after the fetch", after.end(), 401)
	only(t, "new key", flow.end(), 200)
}

// Tokens that name keys which nobody has are all refused, and lead to one fetch
// an interval and no more, however many there are. Who has a known key is let in
// meanwhile.
func testKeysUnknown(t *testing.T) {
	t.Parallel()
	const unknown = 1000
	i := provider(t)
	w := beginShop(t, i)
	plain := issue(t, i, issuer.Order{})
	hit, miss := w.shop(t, "/orders"), w.shop(t, "/fresh")
	hit.until(t, plain, 200, slack)
	before, began := fetched(t, i), time.Now()
	var number atomic.Int64
	flood := hit.keep(t, 8, func() string { return named(t, plain, fmt.Sprintf("nobody-%d", number.Add(1))) })
	hits, misses := hit.keep(t, 1, func() string { return plain }), miss.keep(t, 1, func() string { return plain })
	for number.Load() < unknown {
		time.Sleep(20 * time.Millisecond)
	}
	only(t, "unknown keys", flood.end(), 401)
	only(t, "known key, remembered", hits.end(), 200)
	only(t, "known key, computed", misses.end(), 200)
	got, most := fetched(t, i)-before, int(time.Since(began)/leastInterval)+1
	t.Logf("%d unknown keys led to %d fetches in %v", number.Load(), got, time.Since(began))
	if got == 0 || got > most {
		t.Errorf("%d unknown keys led to %d fetches, want at least one and at most %d", number.Load(), got, most)
	}
}

// Who has a known key waits for no fetch that an unknown one led to: that one
// takes as long as a Check may, so its own answer is the last to come.
func testKeysUnknownSlowIssuer(t *testing.T) {
	t.Parallel()
	i := provider(t)
	w := beginShop(t, i)
	plain := issue(t, i, issuer.Order{})
	hit, miss := w.shop(t, "/orders"), w.shop(t, "/fresh")
	remembered(t, w, hit, plain)
	time.Sleep(leastInterval)
	if err := i.Fail(t.Context(), issuer.Fault{Path: issuer.JWKS, Hang: true}); err != nil {
		t.Fatal(err)
	}
	before := fetched(t, i)
	waiting := hit.keep(t, 1, func() string { return named(t, plain, "nobody") })
	for fetched(t, i) == before {
		time.Sleep(10 * time.Millisecond)
	}
	known := []answer{hit.send(t.Context(), plain), miss.send(t.Context(), plain)}
	only(t, "known key", known, 200)
	for _, a := range waiting.end()[:1] {
		if a.status == 200 || !a.told.After(known[1].told) {
			t.Errorf("unknown key: got %d, %v before the known one", a.status, known[1].told.Sub(a.told))
		}
	}
}
