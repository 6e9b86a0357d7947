package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// vectorKernel is a kernel over slices of one length, in its fast and in its portable form.
type vectorKernel struct {
	name         string
	slices       int
	elementwise  bool // each element depends on its own position only
	even         bool // length must be even
	cancels      bool // sums whose terms may cancel: a difference is measured by the size of the terms
	positive     int  // 1 + index of a slice that must not be negative
	fast, simple func(v [][]float32) float32
}

const alpha = 0.37

var adamWTest = AdamWParams{LR: 0.01, Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, WeightDecay: 0.1, Correction1: 0.1, Correction2: 0.01, GradScale: 0.5}

func nothing(f func(v [][]float32)) func(v [][]float32) float32 {
	return func(v [][]float32) float32 { f(v); return 0 }
}

// halves cuts what Rope reads from slices of x's length.
func halves(v [][]float32) (x, cos, sin []float32) {
	return v[0], v[1][:len(v[1])/2], v[2][:len(v[2])/2]
}

var vectorKernels = []vectorKernel{
	{name: "Dot", slices: 2,
		fast:   func(v [][]float32) float32 { return Dot(v[0], v[1]) },
		simple: func(v [][]float32) float32 { return dotGeneric(v[0], v[1]) }},
	{name: "dot3", slices: 3,
		fast:   func(v [][]float32) float32 { return dot3(v[0], v[1], v[2]) },
		simple: func(v [][]float32) float32 { return dot3Generic(v[0], v[1], v[2]) }},
	{name: "Sum", slices: 1,
		fast:   func(v [][]float32) float32 { return Sum(v[0]) },
		simple: func(v [][]float32) float32 { return sumGeneric(v[0]) }},
	{name: "SumSquares", slices: 1,
		fast:   func(v [][]float32) float32 { return SumSquares(v[0]) },
		simple: func(v [][]float32) float32 { return dotGeneric(v[0], v[0]) }},
	{name: "Max", slices: 1,
		fast:   func(v [][]float32) float32 { return Max(v[0]) },
		simple: func(v [][]float32) float32 { return maximumGeneric(v[0]) }},
	{name: "Axpy", slices: 2, elementwise: true,
		fast:   nothing(func(v [][]float32) { Axpy(v[0], alpha, v[1]) }),
		simple: nothing(func(v [][]float32) { axpyGeneric(v[0], alpha, v[1]) })},
	{name: "Add", slices: 3, elementwise: true,
		fast:   nothing(func(v [][]float32) { Add(v[0], v[1], v[2]) }),
		simple: nothing(func(v [][]float32) { addGeneric(v[0], v[1], v[2]) })},
	{name: "Mul", slices: 3, elementwise: true,
		fast:   nothing(func(v [][]float32) { Mul(v[0], v[1], v[2]) }),
		simple: nothing(func(v [][]float32) { mulGeneric(v[0], v[1], v[2]) })},
	{name: "mulScaled", slices: 3, elementwise: true,
		fast:   nothing(func(v [][]float32) { mulScaled(v[0], v[1], v[2], alpha) }),
		simple: nothing(func(v [][]float32) { mulScaledGeneric(v[0], v[1], v[2], alpha) })},
	{name: "Scale", slices: 1, elementwise: true,
		fast:   nothing(func(v [][]float32) { Scale(v[0], alpha) }),
		simple: nothing(func(v [][]float32) { scaleGeneric(v[0], alpha) })},
	{name: "Lerp", slices: 2, elementwise: true,
		fast:   nothing(func(v [][]float32) { Lerp(v[0], v[1], alpha) }),
		simple: nothing(func(v [][]float32) { lerpGeneric(v[0], v[1], alpha) })},
	{name: "ExpSum", slices: 2, elementwise: true,
		fast:   func(v [][]float32) float32 { return ExpSum(v[0], v[1], alpha) },
		simple: func(v [][]float32) float32 { return expSumGeneric(v[0], v[1], alpha) }},
	{name: "rmsNormGrad", slices: 5, elementwise: true,
		fast:   nothing(func(v [][]float32) { rmsNormGrad(v[0], v[1], v[2], v[3], v[4], alpha, 0.7) }),
		simple: nothing(func(v [][]float32) { rmsNormGradGeneric(v[0], v[1], v[2], v[3], v[4], alpha, 0.7) })},
	{name: "SwiGLU", slices: 3, elementwise: true,
		fast:   nothing(func(v [][]float32) { SwiGLU(v[0], v[1], v[2]) }),
		simple: nothing(func(v [][]float32) { swiGLUGeneric(v[0], v[1], v[2]) })},
	{name: "SwiGLUGrad", slices: 5, elementwise: true, cancels: true, // the slope of silu near its least value
		fast:   nothing(func(v [][]float32) { SwiGLUGrad(v[0], v[1], v[2], v[3], v[4]) }),
		simple: nothing(func(v [][]float32) { swiGLUGradGeneric(v[0], v[1], v[2], v[3], v[4]) })},
	{name: "GELU", slices: 2, elementwise: true,
		fast:   nothing(func(v [][]float32) { GELU(v[0], v[1]) }),
		simple: nothing(func(v [][]float32) { geluGeneric(v[0], v[1]) })},
	{name: "GELUGrad", slices: 3, elementwise: true, cancels: true, // the slope near the least value
		fast:   nothing(func(v [][]float32) { GELUGrad(v[0], v[1], v[2]) }),
		simple: nothing(func(v [][]float32) { geluGradGeneric(v[0], v[1], v[2]) })},
	{name: "Polar", slices: 4, elementwise: true,
		fast:   nothing(func(v [][]float32) { Polar(v[0], v[1], v[2], v[3], 2) }),
		simple: nothing(func(v [][]float32) { polarGeneric(v[0], v[1], v[2], v[3], 2) })},
	{name: "Rope", slices: 3, even: true,
		fast:   nothing(func(v [][]float32) { Rope(halves(v)) }),
		simple: nothing(func(v [][]float32) { ropeGeneric(halves(v)) })},
	{name: "AdamW", slices: 4, elementwise: true, positive: 4,
		fast: nothing(func(v [][]float32) { AdamW(v[0], v[1], v[2], v[3], adamWTest) }),
		simple: nothing(func(v [][]float32) {
			adamWGeneric(v[0], v[1], v[2], v[3], adamWTest.factors())
		})},
}

// compare runs both forms of a kernel on the same guarded input.
func (k vectorKernel) compare(t testing.TB, rng *rand.Rand, n int, specials bool) {
	t.Helper()
	if n == 0 {
		k.fast(make([][]float32, k.slices))
		return
	}
	var in []guarded
	var fast, simple, sizes [][]float32
	for i := range k.slices {
		g := newGuarded(rng, n)
		if specials {
			sprinkle(rng, g.data)
		}
		if i+1 == k.positive {
			copy(g.data, absolute(g.data))
		}
		in, fast, simple = append(in, g), append(fast, g.data), append(simple, slices.Clone(g.data))
		sizes = append(sizes, absolute(g.data))
	}
	total, want, size := k.fast(fast), k.simple(simple), k.simple(sizes)
	if !nearSum(total, want, 1e-6*float64(n+10), size) {
		t.Fatalf("%s, n=%d: returned %g, want %g", k.name, n, total, want)
	}
	for i, g := range in {
		g.check(t, k.name)
		for j := range simple[i] {
			size := simple[i][j]
			if k.cancels {
				size = sizes[i][j]
			}
			if !nearSum(fast[i][j], simple[i][j], 4e-6, size) {
				t.Fatalf("%s, n=%d: slice %d at %d is %g, want %g", k.name, n, i, j, fast[i][j], simple[i][j])
			}
		}
	}
}

func TestVectorKernels(t *testing.T) {
	for _, k := range vectorKernels {
		t.Run(k.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(3, 4))
			lengths := []int{100, 255, 1000, 3*maxTestCall + 7}
			for n := range 70 {
				lengths = append(lengths, n)
			}
			for _, n := range lengths {
				if k.even {
					n &^= 1
				}
				k.compare(t, rng, n, false)
				k.compare(t, rng, n, true)
			}
		})
	}
}

// maxTestCall is the length at which the fast forms split their work into several calls.
const maxTestCall = 1 << 14

// TestElementwiseBits holds that an element gets the same bits wherever work is split.
func TestElementwiseBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, k := range vectorKernels {
		if !k.elementwise {
			continue
		}
		for range 30 {
			n := 2 + rng.IntN(200)
			cut := 1 + rng.IntN(n-1)
			var whole, first, second [][]float32
			var split [][]float32
			for range k.slices {
				x := absolute(random(rng, n)) // AdamW takes a root
				y := slices.Clone(x)
				whole, split = append(whole, x), append(split, y)
				first, second = append(first, y[:cut]), append(second, y[cut:])
			}
			k.fast(whole)
			k.fast(first)
			k.fast(second)
			for i := range whole {
				if !sameBits(whole[i], split[i]) {
					t.Fatalf("%s: splitting %d at %d changes bits of slice %d", k.name, n, cut, i)
				}
			}
		}
	}
}

func FuzzVectorKernels(f *testing.F) {
	f.Add(uint16(9), uint64(1), true)
	f.Add(uint16(120), uint64(221), true) // terms that cancel
	f.Add(uint16(354), uint64(270), true) // products that overflow in one order and vanish in another
	f.Fuzz(func(t *testing.T, n uint16, seed uint64, specials bool) {
		rng := rand.New(rand.NewPCG(seed, 0))
		for _, k := range vectorKernels {
			length := int(n % 600)
			if k.even {
				length &^= 1
			}
			k.compare(t, rng, length, specials)
		}
	})
}

func TestDotColumns(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 8))
	for range 600 {
		compareColumns(t, rng, 1+rng.IntN(140), rng.IntN(20), rng.IntN(2) == 0)
	}
	compareColumns(t, rng, 64, 3*maxTestCall/64, false)
}

func FuzzDotColumns(f *testing.F) {
	f.Add(uint8(101), uint8(7), uint64(1), true)
	f.Fuzz(func(t *testing.T, d, n uint8, seed uint64, specials bool) {
		compareColumns(t, rand.New(rand.NewPCG(seed, 0)), 1+int(d), int(n), specials)
	})
}

// compareColumns runs DotColumns over n rows of d floats against its portable form, and in two calls.
func compareColumns(t testing.TB, rng *rand.Rand, d, n int, specials bool) {
	t.Helper()
	dst, a, b := newGuarded(rng, d), newGuarded(rng, n*d), newGuarded(rng, n*d)
	if specials {
		sprinkle(rng, a.data)
		sprinkle(rng, b.data)
	}
	want, size, split := slices.Clone(dst.data), absolute(dst.data), slices.Clone(dst.data)
	dotColumnsGeneric(want, a.data, b.data, n)
	dotColumnsGeneric(size, absolute(a.data), absolute(b.data), n)
	DotColumns(dst.data, a.data, b.data, n)
	for i := range want {
		if !nearSum(dst.data[i], want[i], 1e-6*float64(n+10), size[i]) {
			t.Fatalf("DotColumns(d=%d, n=%d): %g at %d, want %g", d, n, dst.data[i], i, want[i])
		}
	}
	for _, g := range []guarded{dst, a, b} {
		g.check(t, "DotColumns")
	}
	cut := n / 3
	DotColumns(split, a.data, b.data, cut)
	DotColumns(split, a.data[cut*d:], b.data[cut*d:], n-cut)
	for i := range split {
		if !sameBits(split[i:i+1], dst.data[i:i+1]) && split[i] == split[i] {
			t.Fatalf("DotColumns(d=%d, n=%d): split at row %d gives %g at %d, in one call %g", d, n, cut, split[i], i, dst.data[i])
		}
	}
}
