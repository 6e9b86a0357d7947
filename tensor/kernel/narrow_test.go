package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// narrowed is a random packed B (k,16*panels) in each of its forms; wide has what the others widen to.
type narrowed struct {
	wideHalf, wideInt8 []float32
	half               []uint16
	int8               []int8
}

func newNarrowed(rng *rand.Rand, n int) narrowed {
	b := narrowed{make([]float32, n), make([]float32, n), make([]uint16, n), make([]int8, n)}
	NarrowHalf(b.half, random(rng, n))
	for i := range b.int8 {
		b.int8[i] = int8(rng.IntN(256) - 128)
	}
	WidenHalf(b.wideHalf, b.half)
	WidenInt8(b.wideInt8, b.int8)
	return b
}

// TestNarrowProducts holds that products with panels apart have the bits of Gemm, and those with a narrow B the bits of
// those with the same B in float32, for whatever number of rows and panels.
func TestNarrowProducts(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	for range 300 {
		m, panels, k := 1+rng.IntN(20), 1+rng.IntN(9), 1+rng.IntN(80)
		if rng.IntN(10) == 0 {
			m, k = 100+rng.IntN(100), 1+rng.IntN(500)
		}
		n, room := panels*panelWidth, k+rng.IntN(5)
		ldc, ars, stride := n+rng.IntN(20), k+rng.IntN(20), room*panelWidth
		b := newNarrowed(rng, (panels-1)*stride+k*panelWidth)
		a, c := newGuarded(rng, (m-1)*ars+k), newGuarded(rng, (m-1)*ldc+n)
		old := slices.Clone(c.data)
		for _, of := range []struct {
			name     string
			wide     []float32
			multiply func()
		}{
			{"float32", b.wideHalf, func() { GemmPanels(c.data, ldc, a.data, ars, b.wideHalf, stride, m, panels, k) }},
			{"half", b.wideHalf, func() { GemmHalf(c.data, ldc, a.data, ars, b.half, stride, m, panels, k) }},
			{"int8", b.wideInt8, func() { GemmInt8(c.data, ldc, a.data, ars, b.int8, stride, m, panels, k) }},
		} {
			want := make([]float32, m*panelWidth)
			of.multiply()
			c.check(t, of.name)
			for p := range panels {
				Gemm(want, panelWidth, a.data, ars, 1, of.wide[p*stride:], m, panelWidth, k, false)
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
		widenGeneric(plain, want)
		wide.check(t, "WidenHalf")
		if !sameBits(wide.data, plain) {
			t.Fatalf("%#x widens to %v, want %v", want, wide.data, plain)
		}
		bytes := make([]int8, n)
		for i := range bytes {
			bytes[i] = int8(i*37 - 128)
		}
		WidenInt8(wide.data, bytes)
		wide.check(t, "WidenInt8")
		for i, v := range wide.data {
			if v != float32(bytes[i]) {
				t.Fatalf("%d widens to %g", bytes[i], v)
			}
		}
	}
}

func TestNarrowProductsAllocateNothing(t *testing.T) {
	b := newNarrowed(rand.New(rand.NewPCG(25, 26)), 64*panelWidth*3)
	a, c := make([]float32, 20*64), make([]float32, 20*48)
	if n := testing.AllocsPerRun(20, func() {
		GemmPanels(c, 48, a, 64, b.wideHalf, 64*panelWidth, 20, 3, 64)
		GemmHalf(c, 48, a, 64, b.half, 64*panelWidth, 7, 3, 64)
		GemmInt8(c, 48, a, 64, b.int8, 64*panelWidth, 1, 3, 64)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
