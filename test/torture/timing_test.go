package main

import (
	"context"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/authn/basic"
)

// TestApart: a shift that most noise hides is found, and none where there is none. The
// samples are drawn, so that no machine has to be quiet.
func TestApart(t *testing.T) {
	for _, c := range []struct {
		name  string
		shift float64
		found bool
	}{{"none", 0, false}, {"a hundredth", 1, true}} {
		t.Run(c.name, func(t *testing.T) {
			draw := rand.New(rand.NewPCG(1, 2))
			sample := func(shift float64) (took []float64) {
				for range samples {
					one := 100 + shift + 10*draw.NormFloat64()
					if draw.IntN(20) == 0 { // somebody else's turn
						one += 1e4 * draw.ExpFloat64()
					}
					took = append(took, one)
				}
				return took
			}
			if got := apart(sample(c.shift), sample(0)); (math.Abs(got) >= mostApart) != c.found {
				t.Errorf("t is %.2f", got)
			}
			if got := welch(sample(c.shift), sample(0)); math.Abs(got) >= mostApart {
				t.Errorf("without cropping t is %.2f: the noise is too small to show that it is needed", got)
			}
		})
	}
}

// forgetful runs no hash for nobody.
type forgetful struct{ basic.Verifier }

func (f forgetful) Verify(ctx context.Context, a authz.Attempt) (authz.Proof, error) {
	if a.Verifier == "" {
		return authz.Proof{}, nil
	}
	return f.Verifier.Verify(ctx, a)
}

// A campaign that finds no planted leak proves nothing: without the hash for nobody,
// names are told apart by time, and by the count of hashes.
func TestTimingFindsNamesWithoutAHash(t *testing.T) {
	s, err := newSecrets(t.Context(), filepath.Join(t.TempDir(), "data", "sallyport.db"), random(1, 0))
	fatal(t, err)
	defer func() { fatal(t, s.close()) }()
	for i, v := range []basic.Verifier{s.quick, s.full} {
		s.passwords[i], err = basic.New(basic.Settings{Kinds: []authz.PrincipalKind{authz.Machine}, Store: s.store, Verifier: forgetful{v}})
		fatal(t, err)
	}
	took, err := namesApart(t.Context(), s.passwords[0]).measure(t.Context(), random(1, 1), 300)
	fatal(t, err)
	if got := apart(took[0], took[1]); math.Abs(got) < mostApart {
		t.Errorf("t is %.2f", got)
	}
	if err := s.count(t.Context()); err == nil {
		t.Error("no finding among the counts")
	}
}

// TestSecretsAreNear: the classes are what they are called.
func TestSecretsAreNear(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	const digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for _, shared := range sharing() {
		for range 100 {
			got := nearly(digest, shared, draw)
			if len(got) != len(digest) || got[:2*shared] != digest[:2*shared] || got[2*shared] == digest[2*shared] {
				t.Errorf("%d: got %s", shared, got)
			}
		}
	}
}
