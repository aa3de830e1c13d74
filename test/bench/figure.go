package main

import (
	"fmt"
	"slices"
)

// figure is one line of the result: what came out of all rounds.
type figure struct {
	name             string
	median, min, max float64
	rounds           int
}

func newFigure(name string, values []float64) figure {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return figure{name: name}
	}
	return figure{name, median(sorted), sorted[0], sorted[len(sorted)-1], len(sorted)}
}

// median is that of values in order.
func median(sorted []float64) float64 {
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// ratios divides round by round: the two windows of a round lie side by side, so
// that what slows the machine down slows both.
func ratios(over, under []float64) []float64 {
	divided := make([]float64, 0, len(over))
	for i := range min(len(over), len(under)) {
		if under[i] > 0 {
			divided = append(divided, over[i]/under[i])
		}
	}
	return divided
}

// nameWidth is the column of the names.
const nameWidth = 28

// String is the line.
func (f figure) String() string {
	digits := 3
	if f.median >= 100 {
		digits = 0
	}
	return fmt.Sprintf("%-*s %10.*f %10.*f %10.*f", nameWidth, f.name, digits, f.median, digits, f.min, digits, f.max)
}
