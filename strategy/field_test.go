package strategy

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// A field stands in for a network of continuous elements: it knows a few
// pictures and how likely each is, and gives the exact velocity of the straight
// paths from noise to them, so that whatever goes wrong is the strategy's doing.
// Around each picture lies a Gaussian of the given spread, 0 for the picture
// itself.
//
// With x = (1-t)·noise + t·data and data Gaussian around a, x is Gaussian around
// t·a with variance s² = (1-t)² + t²·spread², so which picture x belongs to has
// the weights w·exp(-|x-t·a|²/2s²), the expected data is the mean of
// a + t·spread²/s²·(x-t·a) with these, and the velocity (data - x)/(1-t).
type field struct {
	pictures [][]float32
	weights  []float64
	spread   float64
	channels int
	encoded  [][]int
	passes   []evaluation
	spoil    func(pass int, v []float32) // if set, called with every result
	v        []float32
}

// evaluation is what a field was asked.
type evaluation struct {
	x          []float32
	t, span    float32
	conditions [][]float32
}

func (f *field) Size() int     { return len(f.pictures[0]) }
func (f *field) Elements() int { return f.Size() / f.channels }

// Encode gives the weights of the pictures under a condition, whose tokens are
// their numbers.
func (f *field) Encode(tokens []int) ([]float32, error) {
	f.encoded = append(f.encoded, tokens)
	w, sum := make([]float32, len(f.weights)), 0.0
	for k, v := range f.weights {
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

func (f *field) Velocity(x []float32, t, span float32, conditions [][]float32) ([]float32, error) {
	if t < 0 || t >= 1 || len(x) != f.Size() {
		return nil, fmt.Errorf("field: %d values at t %v", len(x), t)
	}
	f.passes = append(f.passes, evaluation{slices.Clone(x), t, span, slices.Clone(conditions)})
	f.v = f.v[:0]
	for _, c := range conditions {
		w := make([]float64, len(c))
		for k, v := range c {
			w[k] = float64(v)
		}
		f.row(x, float64(t), w)
	}
	if f.spoil != nil {
		f.spoil(len(f.passes), f.v)
	}
	return f.v, nil
}

// row appends the velocity for pictures of given weights.
func (f *field) row(x []float32, t float64, w []float64) {
	variance := (1-t)*(1-t) + t*t*f.spread*f.spread
	most := math.Inf(-1)
	for k, a := range f.pictures {
		d := 0.0
		for i := range x {
			d += math.Pow(float64(x[i])-t*float64(a[i]), 2)
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
		for k, a := range f.pictures {
			a := float64(a[i])
			data += w[k] / sum * (a + t*f.spread*f.spread/variance*(float64(x[i])-t*a))
		}
		f.v = append(f.v, float32((data-float64(x[i]))/(1-t)))
	}
}

// drawings makes a field of drawings of one channel: "█" is 1, "·" -1.
func drawings(pictures ...string) *field {
	f := &field{channels: 1}
	for _, p := range pictures {
		var values []float32
		for _, r := range strings.ReplaceAll(p, "/", "") {
			values = append(values, map[rune]float32{'█': 1, '·': -1}[r])
		}
		f.pictures = append(f.pictures, values)
		f.weights = append(f.weights, 1)
	}
	return f
}

const (
	ring  = "·███·/█···█/█···█/█···█/·███·"
	cross = "█···█/·█·█·/··█··/·█·█·/█···█"
)

// twins are two pictures of two channels that differ little, so that it takes
// long to tell them apart.
func twins() *field {
	f := &field{channels: 2, weights: []float64{1, 1}}
	for k := range 2 {
		p := make([]float32, 16)
		for i := range p {
			p[i] = float32(i%5)/4 - 0.5
			if (i+k)%4 == 0 {
				p[i] += 0.1
			}
		}
		f.pictures = append(f.pictures, p)
	}
	return f
}

// draw writes square values of one channel in five shades.
func draw(values []float32) string {
	shades := []rune("·░▒▓█")
	side := int(math.Sqrt(float64(len(values))))
	var b strings.Builder
	for i, v := range values {
		if i > 0 && i%side == 0 {
			b.WriteByte('/')
		}
		b.WriteRune(shades[max(0, min(4, int(math.Round(float64(v+1)*2))))])
	}
	return b.String()
}

// flowOptions are plain options.
func flowOptions(seed uint64, passes int) FlowOptions {
	return FlowOptions{Seed: seed, Passes: passes, Guidance: 1}
}

func openFlow(t testing.TB, name string, net Flow, o FlowOptions) Machine {
	t.Helper()
	m, err := NewFlow(name, net, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// values are those that a refine ends with.
func values(t testing.TB, net Flow, o FlowOptions) []float32 {
	t.Helper()
	steps := finish(t, openFlow(t, "refine", net, o))
	return steps[len(steps)-1].Values
}

// distance is the root of the mean square of the difference.
func distance(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		sum += math.Pow(float64(a[i]-b[i]), 2)
	}
	return math.Sqrt(sum / float64(len(a)))
}

// nearest is the distance to the nearest picture, and which one it is.
func (f *field) nearest(x []float32) (k int, d float64) {
	d = math.Inf(1)
	for i, p := range f.pictures {
		if e := distance(x, p); e < d {
			k, d = i, e
		}
	}
	return k, d
}

// mean is the mean of pictures of equal weight.
func (f *field) mean(pictures ...int) []float32 {
	m := make([]float32, f.Size())
	for i := range m {
		for _, k := range pictures {
			m[i] += f.pictures[k][i] / float32(len(pictures))
		}
	}
	return m
}
