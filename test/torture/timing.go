package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// timing measures what answers give away by how long they take.
func timing() Case {
	return Case{
		Name:  "timing",
		About: "a known name can be told from an unknown one by time, or a nearly right token from a wrong one, or one of them costs another number of slow hashes (threats.md, T-C2 and T-C23)",
		Steps: 20,
		Open:  openTiming,
	}
}

const (
	// samples is how many of each class are measured, in random order.
	samples = 10_000
	// mostApart is the t from which on two classes are told apart.
	mostApart = 4.5
)

// comparison is two classes that nobody may tell apart.
type comparison struct {
	name    string
	classes [2]class
}

// class draws what is asked next. Only the asking is measured.
type class func(*rand.Rand) (ask func() error)

// measuring is the campaign.
type measuring struct {
	Setting
	secrets     *secrets
	comparisons []comparison
	// seen are the largest t of each comparison, and means the last mean of its classes.
	seen  []float64
	means [][2]float64
}

func openTiming(ctx context.Context, setting Setting) (Campaign, error) {
	s, err := newSecrets(ctx, filepath.Join(setting.Dir, "data", "sallyport.db"), random(setting.Seed, 0))
	if err != nil {
		return nil, err
	}
	m := &measuring{Setting: setting, secrets: s, comparisons: s.comparisons(ctx)}
	m.seen, m.means = make([]float64, len(m.comparisons)), make([][2]float64, len(m.comparisons))
	return m, nil
}

// Run implements Campaign.
func (m *measuring) Run(ctx context.Context, from, to uint64) error {
	return inTurn(ctx, from, to, m.step)
}

// step does every comparison. What is real is found twice.
func (m *measuring) step(ctx context.Context, number uint64) error {
	if err := m.secrets.count(ctx); err != nil {
		return err
	}
	draw := random(m.Seed, number+1)
	many := samples
	if m.Untimed {
		many = 50
	}
	for i, c := range m.comparisons {
		for try := 1; ; try++ {
			took, err := c.measure(ctx, draw, many)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			t := apart(took[0], took[1])
			m.means[i][0], _ = moments(took[0])
			m.means[i][1], _ = moments(took[1])
			if math.Abs(t) < mostApart || m.Untimed {
				if math.Abs(t) > math.Abs(m.seen[i]) {
					m.seen[i] = t
				}
				break
			}
			if try == 2 {
				return fmt.Errorf("%s: t is %.1f, the means are %.0f and %.0f ns", c.name, t, m.means[i][0], m.means[i][1])
			}
		}
	}
	return nil
}

// measure takes both classes in a random order, so that what else the machine does
// falls on both alike.
func (c comparison) measure(ctx context.Context, draw *rand.Rand, many int) (took [2][]float64, err error) {
	runtime.GC()
	for len(took[0]) < many || len(took[1]) < many {
		class := draw.IntN(2)
		ask := c.classes[class](draw)
		start := time.Now()
		err := ask()
		took[class] = append(took[class], float64(time.Since(start)))
		if err = errors.Join(err, context.Cause(ctx)); err != nil {
			return took, err
		}
	}
	return took, nil
}

// String tells what was seen.
func (m *measuring) String() string {
	told := []string{fmt.Sprintf("%d samples a class, the largest t and the last means", samples)}
	for i, c := range m.comparisons {
		told = append(told, fmt.Sprintf("%s %.2f (%.0f and %.0f ns)", c.name, m.seen[i], m.means[i][0], m.means[i][1]))
	}
	return strings.Join(told, "; ")
}

// Close implements Campaign.
func (m *measuring) Close() error { return m.secrets.close() }
