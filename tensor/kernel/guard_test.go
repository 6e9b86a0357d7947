package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// guardBits is a NaN of its own: reading it by mistake poisons a result, writing over it shows.
const guardBits = 0x7fc0beef

const guardWidth = 24

// guarded is a slice with guards before and after it, at any alignment.
type guarded struct {
	whole []float32
	data  []float32
}

func newGuarded(rng *rand.Rand, n int) guarded {
	before := guardWidth + rng.IntN(8)
	whole := make([]float32, before+n+guardWidth)
	for i := range whole {
		whole[i] = math.Float32frombits(guardBits)
	}
	g := guarded{whole, whole[before : before+n : before+n]}
	for i := range g.data {
		g.data[i] = float32(rng.NormFloat64())
	}
	return g
}

func (g guarded) check(t testing.TB, name string) {
	t.Helper()
	before := cap(g.whole) - guardWidth - len(g.data)
	for i, x := range g.whole {
		if (i < before || i >= before+len(g.data)) && math.Float32bits(x) != guardBits {
			t.Fatalf("%s: wrote at %d of a slice of %d floats", name, i-before, len(g.data))
		}
	}
}

// special are values that arithmetic treats in ways of its own.
var special = []float32{
	float32(math.NaN()), float32(math.Inf(1)), negInf, 0, float32(math.Copysign(0, -1)), 1e-42, -1e-42, 100, -100,
}

func sprinkle(rng *rand.Rand, x []float32) {
	for range 1 + len(x)/16 {
		if len(x) > 0 {
			x[rng.IntN(len(x))] = special[rng.IntN(len(special))]
		}
	}
}

// near reports whether two results agree: to rounding, or in being the same infinity or NaN.
func near(got, want float32, tolerance float64) bool {
	return nearSum(got, want, tolerance, want)
}

// nearSum is near for sums whose terms may cancel: size is the sum of their absolute values.
func nearSum(got, want float32, tolerance float64, size float32) bool {
	g, w, s := float64(got), float64(want), float64(size)
	switch {
	case math.IsNaN(w):
		return math.IsNaN(g)
	case math.IsInf(w, 0):
		return g == w
	case math.IsInf(s, 0) || math.IsNaN(s):
		s = w
	}
	return math.Abs(g-w) <= tolerance*(1+math.Abs(s))
}

func absolute(x []float32) []float32 {
	y := make([]float32, len(x))
	for i := range x {
		y[i] = max(x[i], -x[i])
	}
	return y
}

func sameBits(a, b []float32) bool {
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}
