package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// halved is a random packed B (k,16*panels) in half precision, and what that widens to.
type halved struct {
	wide []float32
	half []uint16
}

func newHalved(rng *rand.Rand, n int) halved {
	b := halved{make([]float32, n), make([]uint16, n)}
	NarrowHalf(b.half, random(rng, n))
	WidenHalf(b.wide, b.half)
	return b
}

// TestHalfProducts holds that products with panels apart have the bits of Gemm, and those with a narrow B the bits of
// those with the same B in float32, for whatever number of rows and panels.
func TestHalfProducts(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	for range 300 {
		m, panels, k := 1+rng.IntN(20), 1+rng.IntN(9), 1+rng.IntN(80)
		if rng.IntN(10) == 0 {
			m, k = 100+rng.IntN(100), 1+rng.IntN(500)
		}
		n, room := panels*panelWidth, k+rng.IntN(5)
		ldc, ars, stride := n+rng.IntN(20), k+rng.IntN(20), room*panelWidth
		b := newHalved(rng, (panels-1)*stride+k*panelWidth)
		a, c := newGuarded(rng, (m-1)*ars+k), newGuarded(rng, (m-1)*ldc+n)
		old := slices.Clone(c.data)
		for _, of := range []struct {
			name     string
			multiply func()
		}{
			{"float32", func() { GemmPanels(c.data, ldc, a.data, ars, b.wide, stride, m, panels, k) }},
			{"half", func() { GemmHalf(c.data, ldc, a.data, ars, b.half, stride, m, panels, k) }},
		} {
			want := make([]float32, m*panelWidth)
			of.multiply()
			c.check(t, of.name)
			for p := range panels {
				Gemm(want, panelWidth, a.data, ars, 1, b.wide[p*stride:], m, panelWidth, k, false)
				for i := range m {
					if got := c.data[i*ldc+p*panelWidth:][:panelWidth]; !sameBits(got, want[i*panelWidth:][:panelWidth]) {
						t.Fatalf("%s: (%d,%d) by %d panels, row %d of panel %d: %v, want %v", of.name, m, k, panels, i, p, got, want[i*panelWidth:][:panelWidth])
					}
				}
			}
			for i := range m - 1 {
				if between := c.data[i*ldc+n : (i+1)*ldc]; !sameBits(between, old[i*ldc+n:(i+1)*ldc]) {
					t.Fatalf("%s: wrote between rows of c", of.name)
				}
			}
		}
	}
}

// TestNarrowing compares with the portable conversions, at every length.
func TestNarrowing(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	for n := range 70 {
		x := newGuarded(rng, n)
		sprinkle(rng, x.data)
		for i := range x.data {
			x.data[i] *= float32(math.Exp2(float64(rng.IntN(50) - 25)))
		}
		got, want := make([]uint16, n+1), make([]uint16, n)
		got[n] = 12345
		NarrowHalf(got[:n], x.data)
		narrowHalfGeneric(want, x.data)
		if !slices.Equal(got[:n], want) || got[n] != 12345 {
			t.Fatalf("%v becomes %#x, want %#x", x.data, got, want)
		}
		wide, plain := newGuarded(rng, n), make([]float32, n)
		WidenHalf(wide.data, got[:n])
		widenHalfGeneric(plain, want)
		wide.check(t, "WidenHalf")
		if !sameBits(wide.data, plain) {
			t.Fatalf("%#x widens to %v, want %v", want, wide.data, plain)
		}
	}
}

func TestHalfProductsAllocateNothing(t *testing.T) {
	b := newHalved(rand.New(rand.NewPCG(25, 26)), 64*panelWidth*3)
	a, c := make([]float32, 20*64), make([]float32, 20*48)
	if n := testing.AllocsPerRun(20, func() {
		GemmPanels(c, 48, a, 64, b.wide, 64*panelWidth, 20, 3, 64)
		GemmHalf(c, 48, a, 64, b.half, 64*panelWidth, 7, 3, 64)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
