package staticbearer_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz"
)

// BenchmarkNearTokens (C05) tells by Welch's t whether a guess that has all of a token
// but its last digit takes as long as one that has nothing of it. The classes are mixed
// at random, and what took longer than twice the median of all was interrupted. With
// -benchtime 200000x there are about 100,000 of each; below 4.5 nobody can tell them.
func BenchmarkNearTokens(b *testing.B) {
	a := newAuthenticator(b)
	guesses := [2]string{first[:63] + "f", strings.Repeat("a", 64)}
	var took [2][]float64
	for b.Loop() {
		class := rand.IntN(2)
		credential := authz.Credential{Value: authz.NewSecret(guesses[class])}
		begun := time.Now()
		_, _, err := a.Authenticate(b.Context(), credential)
		took[class] = append(took[class], float64(time.Since(begun)))
		if err == nil {
			b.Fatal("a guess passed")
		}
	}
	all := slices.Sorted(slices.Values(slices.Concat(took[0], took[1])))
	bound := 2 * all[len(all)/2]
	near, far := moments(took[0], bound), moments(took[1], bound)
	b.ReportMetric(math.Abs(near.mean-far.mean)/math.Sqrt(near.error+far.error), "t")
}

// sample is a mean and the square of its standard error.
type sample struct{ mean, error float64 }

func moments(took []float64, bound float64) sample {
	took = slices.DeleteFunc(slices.Clone(took), func(one float64) bool { return one > bound })
	mean, squares := 0.0, 0.0
	for _, one := range took {
		mean += one / float64(len(took))
	}
	for _, one := range took {
		squares += (one - mean) * (one - mean)
	}
	count := float64(max(2, len(took)))
	return sample{mean, squares / (count - 1) / count}
}
