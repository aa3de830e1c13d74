//go:build !race

package verifier_test

import (
	"encoding/hex"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// samples is how many times each class is measured (T-C2).
const samples = 10_000

// welch is the t of Welch's test: how many standard errors two means lie apart.
func welch(a, b []float64) float64 {
	meanA, varA := moments(a)
	meanB, varB := moments(b)
	return (meanA - meanB) / math.Sqrt(varA/float64(len(a))+varB/float64(len(b)))
}

func moments(x []float64) (mean, variance float64) {
	for _, one := range x {
		mean += one
	}
	mean /= float64(len(x))
	for _, one := range x {
		variance += (one - mean) * (one - mean)
	}
	return mean, variance / float64(len(x)-1)
}

// cannotTell runs a threat's row: two things whose times must not tell them apart.
func cannotTell(t *testing.T, threat string, do [2]func()) {
	t.Helper()
	t.Run(threat, func(t *testing.T) {
		if got := compare(t, do); math.Abs(got) >= 4.5 {
			t.Errorf("t = %.2f, want below 4.5", got)
		}
	})
}

// compare measures two things in a random order, so that what else the machine
// does falls on both alike. What took longer than four times the median of all was
// interrupted, and is left out of both.
func compare(t *testing.T, do [2]func()) float64 {
	t.Helper()
	var took [2][]float64
	runtime.GC()
	for len(took[0]) < samples || len(took[1]) < samples {
		class := rand.IntN(2)
		start := time.Now()
		do[class]()
		took[class] = append(took[class], float64(time.Since(start)))
	}
	bound := 4 * median(append(append([]float64(nil), took[0]...), took[1]...))
	return welch(below(took[0], bound), below(took[1], bound))
}

// TestKnownNamesCannotBeTold: a known name with a wrong password takes as long as an
// unknown one (T-C2). Guard: nobody in Verifier.Verify.
func TestKnownNamesCannotBeTold(t *testing.T) {
	v := made(t, settings(t))
	known, unknown := attempt(password(t, v, "right"), "alice", "wrong"), attempt("", "ulrich", "wrong")
	cannotTell(t, "T-C2", [2]func(){func() { verify(t, v, known) }, func() { verify(t, v, unknown) }})
}

// TestNearlyRightCannotBeTold: how long a wrong token takes does not tell how much
// of its digest was right (T-C23): the texts differ from the right one in their
// first byte and in their last.
func TestNearlyRightCannotBeTold(t *testing.T) {
	v := made(t, settings(t))
	digest := raw(t, known[0].text[len("$sha256$"):])
	text := func(at int) authz.Attempt {
		changed := append([]byte(nil), digest...)
		changed[at] ^= 1
		return attempt("$sha256$"+hex.EncodeToString(changed), "a", "abc")
	}
	first, last := text(0), text(len(digest)-1)
	cannotTell(t, "T-C23", [2]func(){func() { verify(t, v, first) }, func() { verify(t, v, last) }})
}
