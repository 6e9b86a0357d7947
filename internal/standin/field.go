package standin

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Field is a strategy.Flow that knows a few pictures and how likely each is, and
// gives the exact velocity of the straight paths from noise to them. Around each
// picture lies a Gaussian of the given spread, 0 for the picture itself.
//
// With x = (1-t)·noise + t·data and data Gaussian around a, x is Gaussian around
// t·a with variance s² = (1-t)² + t²·spread², so which picture x belongs to has
// the weights w·exp(-|x-t·a|²/2s²), the expected data is the mean of
// a + t·spread²/s²·(x-t·a) with these, and the velocity (data - x)/(1-t).
type Field struct {
	Pictures [][]float32
	Weights  []float64
	Spread   float64
	Channels int
	Encoded  [][]int
	Passes   []Evaluation
	Spoil    func(pass int, v []float32) // if set, called with every result
	v        []float32
}

// Evaluation is what a field was asked.
type Evaluation struct {
	X          []float32
	T, Span    float32
	Conditions [][]float32
}

// Drawings makes a field of drawings of one channel, lines ended by "/": "█" is 1,
// "·" -1.
func Drawings(pictures ...string) *Field {
	f := &Field{Channels: 1}
	for _, p := range pictures {
		var values []float32
		for _, r := range strings.ReplaceAll(p, "/", "") {
			values = append(values, map[rune]float32{'█': 1, '·': -1}[r])
		}
		f.Pictures = append(f.Pictures, values)
		f.Weights = append(f.Weights, 1)
	}
	return f
}

// Size is the number of values of a picture.
func (f *Field) Size() int { return len(f.Pictures[0]) }

// Elements is the number of its pixels.
func (f *Field) Elements() int { return f.Size() / f.Channels }

// Encode gives the weights of the pictures under a condition, whose tokens are
// their numbers.
func (f *Field) Encode(tokens []int) ([]float32, error) {
	f.Encoded = append(f.Encoded, tokens)
	w, sum := make([]float32, len(f.Weights)), 0.0
	for k, v := range f.Weights {
		if len(tokens) == 0 || slices.Contains(tokens, k) {
			w[k] = float32(v)
			sum += v
		}
	}
	for k := range w {
		w[k] /= float32(sum)
	}
	return w, nil
}

// Velocity is a strategy.Flow's.
func (f *Field) Velocity(x []float32, t, span float32, conditions [][]float32) ([]float32, error) {
	if t < 0 || t >= 1 || len(x) != f.Size() {
		return nil, fmt.Errorf("field: %d values at t %v", len(x), t)
	}
	f.Passes = append(f.Passes, Evaluation{slices.Clone(x), t, span, slices.Clone(conditions)})
	f.v = f.v[:0]
	for _, c := range conditions {
		w := make([]float64, len(c))
		for k, v := range c {
			w[k] = float64(v)
		}
		f.row(x, float64(t), w)
	}
	if f.Spoil != nil {
		f.Spoil(len(f.Passes), f.v)
	}
	return f.v, nil
}

// row appends the velocity for pictures of given weights.
func (f *Field) row(x []float32, t float64, w []float64) {
	variance := (1-t)*(1-t) + t*t*f.Spread*f.Spread
	most := math.Inf(-1)
	for k, a := range f.Pictures {
		d := 0.0
		for i := range x {
			e := float64(x[i]) - t*float64(a[i])
			d += e * e
		}
		w[k] = math.Log(w[k]) - d/(2*variance)
		most = max(most, w[k])
	}
	sum := 0.0
	for k := range w {
		w[k] = math.Exp(w[k] - most)
		sum += w[k]
	}
	for i := range x {
		data := 0.0
		for k, a := range f.Pictures {
			a := float64(a[i])
			data += w[k] / sum * (a + t*f.Spread*f.Spread/variance*(float64(x[i])-t*a))
		}
		f.v = append(f.v, float32((data-float64(x[i]))/(1-t)))
	}
}

// Distance is the root of the mean square of the difference.
func Distance(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		e := float64(a[i] - b[i])
		sum += e * e
	}
	return math.Sqrt(sum / float64(len(a)))
}

// Nearest is the distance to the nearest picture, and which one it is.
func (f *Field) Nearest(x []float32) (k int, d float64) {
	d = math.Inf(1)
	for i, p := range f.Pictures {
		if e := Distance(x, p); e < d {
			k, d = i, e
		}
	}
	return k, d
}

// Mean is the mean of pictures of equal weight.
func (f *Field) Mean(pictures ...int) []float32 {
	m := make([]float32, f.Size())
	for i := range m {
		for _, k := range pictures {
			m[i] += f.Pictures[k][i] / float32(len(pictures))
		}
	}
	return m
}
