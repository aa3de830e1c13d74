package main

import (
	"math"
	"slices"
)

// welch is the t of Welch's test: how many standard errors two means lie apart.
func welch(a, b []float64) float64 {
	meanA, varA := moments(a)
	meanB, varB := moments(b)
	if squared := varA/float64(len(a)) + varB/float64(len(b)); squared > 0 {
		return (meanA - meanB) / math.Sqrt(squared)
	}
	return 0
}

func moments(x []float64) (mean, variance float64) {
	for _, one := range x {
		mean += one / float64(len(x))
	}
	for _, one := range x {
		variance += (one - mean) * (one - mean) / float64(max(1, len(x)-1))
	}
	return mean, variance
}

// apart is the largest t, over all samples and over those that are left when the
// slowest of both classes together are cropped, which are those that something else
// interrupted (Reparaz, Balasch, Verbauwhede: Dude, is my code constant time?, 2017).
func apart(a, b []float64) float64 {
	both := slices.Sorted(slices.Values(slices.Concat(a, b)))
	worst := 0.0
	for _, percent := range []int{50, 75, 90, 95, 99, 100} {
		bound := both[min(len(both)*percent/100, len(both)-1)]
		if t := welch(below(a, bound), below(b, bound)); math.Abs(t) > math.Abs(worst) {
			worst = t
		}
	}
	return worst
}

func below(x []float64, bound float64) []float64 {
	return slices.DeleteFunc(slices.Clone(x), func(one float64) bool { return one > bound })
}
