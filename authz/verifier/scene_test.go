package verifier_test

import (
	"encoding/base64"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/verifier"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	firstKey  = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	secondKey = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
)

func key(t testing.TB, id, text string) verifier.Key {
	t.Helper()
	k, err := verifier.NewKey(id, text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// budget is a limit that counts down and never fills. Below zero it has no end.
type budget struct {
	mu   sync.Mutex
	left int
	keys []string
}

func (b *budget) Allow(key string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keys = append(b.keys, key)
	if b.left == 0 {
		return false
	}
	b.left--
	return true
}

func endless() *budget { return &budget{left: -1} }

// settings are those of a Verifier whose slow hashes are quick.
func settings(t testing.TB) verifier.Settings {
	t.Helper()
	return verifier.Settings{
		Keys:      []verifier.Key{key(t, "k1", firstKey)},
		ByAddress: endless(), ByAccount: endless(), Rounds: 1000, Workers: 1,
	}
}

func made(t testing.TB, s verifier.Settings) *verifier.Verifier {
	t.Helper()
	v, err := verifier.New(s, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func password(t testing.TB, v *verifier.Verifier, secret string) string {
	t.Helper()
	text, err := v.Password(t.Context(), authz.NewSecret(secret))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func attempt(text, account, secret string) authz.Attempt {
	return authz.Attempt{Verifier: text, Account: account, Secret: authz.NewSecret(secret), Address: "192.0.2.1"}
}

// verify is one attempt of which it can be told how it ends.
func verify(t testing.TB, v *verifier.Verifier, a authz.Attempt) bool {
	t.Helper()
	proof, err := v.Verify(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return proof.OK
}

// holdsNone reports a text that repeats a part of a secret.
func holdsNone(t testing.TB, text string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if secret != "" && strings.Contains(text, secret) {
			t.Errorf("%q holds %q", text, secret)
		}
	}
}

func noon() time.Time { return time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC) }

func halfOfProcessors() int { return max(1, runtime.GOMAXPROCS(0)/2) }

func base64Of(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

func median(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

func below(x []float64, bound float64) []float64 {
	return slices.DeleteFunc(x, func(one float64) bool { return one > bound })
}
