package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func random(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// gemmCase is one product, with A and B stored either way.
type gemmCase struct {
	m, n, k        int
	transA, transB bool
	accumulate     bool
}

// strides returns the row and column stride of a matrix (rows,cols).
func strides(rows, cols int, transposed bool) (row, col int) {
	if transposed {
		return 1, rows
	}
	return cols, 1
}

// check compares a product between guards with float64 arithmetic; the tolerance is what K roundings can add up to.
func (g gemmCase) check(t testing.TB, rng *rand.Rand) {
	t.Helper()
	ldc := g.n + rng.IntN(5)
	a, b := newGuarded(rng, g.m*g.k), newGuarded(rng, g.k*g.n)
	c, bp := newGuarded(rng, (g.m-1)*ldc+g.n), newGuarded(rng, PackedSize(g.k, g.n))
	old := slices.Clone(c.data)
	ars, acs := strides(g.m, g.k, g.transA)
	brs, bcs := strides(g.k, g.n, g.transB)
	PackB(bp.data, b.data, g.k, g.n, brs, bcs)
	Gemm(c.data, ldc, a.data, ars, acs, bp.data, g.m, g.n, g.k, g.accumulate)
	for name, s := range map[string]guarded{"a": a, "b": b, "c": c, "bp": bp} {
		s.check(t, "Gemm: "+name)
	}
	for at, got := range c.data {
		i, j := at/ldc, at%ldc
		if j >= g.n {
			if got != old[at] {
				t.Fatalf("%+v: wrote between rows of c", g)
			}
			continue
		}
		var want, size float64
		if g.accumulate {
			want = float64(old[at])
		}
		for kk := range g.k {
			p := float64(a.data[i*ars+kk*acs]) * float64(b.data[kk*brs+j*bcs])
			want += p
			size += math.Abs(p)
		}
		if math.Abs(float64(got)-want) > 1e-6*(size+1) || math.IsNaN(float64(got)) {
			t.Fatalf("%+v: c[%d,%d] = %g, want %g", g, i, j, got, want)
		}
	}
}

func TestGemm(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var cases []gemmCase
	for _, s := range [][3]int{
		{1, 1, 1}, {1, 16, 7}, {1, 96, 33}, {1, 128, 700}, {2, 50, 9}, {3, 40, 400}, {4, 17, 5}, {5, 33, 64},
		{6, 16, 4}, {7, 31, 700}, {13, 100, 321}, {150, 70, 330}, {64, 384, 96}, {3, 3, 0}, {8, 20, 0},
	} {
		for bits := range 8 {
			cases = append(cases, gemmCase{s[0], s[1], s[2], bits&1 > 0, bits&2 > 0, bits&4 > 0})
		}
	}
	for range 150 {
		cases = append(cases, gemmCase{1 + rng.IntN(40), 1 + rng.IntN(120), 1 + rng.IntN(60),
			rng.IntN(2) > 0, rng.IntN(2) > 0, rng.IntN(2) > 0})
	}
	for _, g := range cases {
		g.check(t, rng)
	}
}

func FuzzGemm(f *testing.F) {
	f.Add(uint8(7), uint8(33), uint16(9), uint8(3), uint64(1))
	f.Fuzz(func(t *testing.T, m, n uint8, k uint16, flags uint8, seed uint64) {
		g := gemmCase{1 + int(m%64), 1 + int(n), int(k % 800), flags&1 > 0, flags&2 > 0, flags&4 > 0}
		g.check(t, rand.New(rand.NewPCG(seed, 0)))
	})
}

// TestGemmStrides uses an A of which neither rows nor columns are contiguous.
func TestGemmStrides(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	for _, m := range []int{1, 4, 19} {
		const n, k = 35, 50
		dense, b := random(rng, m*k), random(rng, k*n)
		spread := make([]float32, m*k*3)
		for i, x := range dense {
			spread[3*i] = x
		}
		bp := make([]float32, PackedSize(k, n))
		PackB(bp, b, k, n, n, 1)
		got, want := make([]float32, m*n), make([]float32, m*n)
		Gemm(want, n, dense, k, 1, bp, m, n, k, false)
		Gemm(got, n, spread, 3*k, 3, bp, m, n, k, false)
		if !sameBits(got, want) {
			t.Errorf("m=%d: spread A gives other bits", m)
		}
	}
}

// TestGemmBits holds that an element's bits do not depend on the rows and columns computed with it, nor on how A is stored.
func TestGemmBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for _, s := range [][3]int{{23, 230, 700}, {160, 100, 330}, {9, 128, 64}} {
		m, n, k := s[0], s[1], s[2]
		a, b, start := random(rng, m*k), random(rng, k*n), random(rng, m*n)
		at := make([]float32, m*k)
		for i := range m {
			for kk := range k {
				at[kk*m+i] = a[i*k+kk]
			}
		}
		bp := make([]float32, PackedSize(k, n))
		PackB(bp, b, k, n, n, 1)
		for _, accumulate := range []bool{false, true} {
			whole := slices.Clone(start)
			Gemm(whole, n, a, k, 1, bp, m, n, k, accumulate)
			for rows := 1; rows <= 8; rows++ {
				part := slices.Clone(start)
				for i := 0; i < m; i += rows {
					Gemm(part[i*n:], n, a[i*k:], k, 1, bp, min(rows, m-i), n, k, accumulate)
				}
				if !sameBits(part, whole) {
					t.Errorf("%v, accumulate %v: rows %d at a time give other bits", s, accumulate, rows)
				}
				part = slices.Clone(start)
				for j := 0; j < n; j += 16 * rows {
					Gemm(part[j:], n, at, 1, m, bp[j*k:], m, min(16*rows, n-j), k, accumulate)
				}
				if !sameBits(part, whole) {
					t.Errorf("%v, accumulate %v: %d panels at a time of a transposed A give other bits", s, accumulate, rows)
				}
			}
		}
	}
}

// TestGemmChain holds the exact order of summation. The factors are integers whose products are exact, so that a fused
// multiply-add rounds as an ordinary one does, and only the order decides what is rounded away.
func TestGemmChain(t *testing.T) {
	const k = 400
	rng := rand.New(rand.NewPCG(11, 12))
	a, b := make([]float32, k), make([]float32, k)
	want := float32(0)
	for i := range k {
		a[i], b[i] = float32(rng.IntN(64)-32), float32(rng.IntN(1<<18))
		want += a[i] * b[i]
	}
	bp, c := make([]float32, PackedSize(k, 1)), make([]float32, 1)
	PackB(bp, b, k, 1, 1, 1)
	Gemm(c, 1, a, k, 1, bp, 1, 1, k, false)
	if c[0] != want {
		t.Errorf("chain gives %g, want %g", c[0], want)
	}
}

func TestGemmSpecial(t *testing.T) {
	nan := float32(math.NaN())
	bp := make([]float32, PackedSize(2, 17))
	b := make([]float32, 2*17)
	b[16] = nan
	PackB(bp, b, 2, 17, 17, 1)
	for _, m := range []int{1, 6} {
		a, c := make([]float32, 2*m), make([]float32, 17*m)
		Gemm(c, 17, a, 2, 1, bp, m, 17, 2, false)
		for i, x := range c {
			if (x != x) != (i%17 == 16) {
				t.Fatalf("m=%d: c[%d,%d] = %g", m, i/17, i%17, x)
			}
		}
	}
}

func TestGemmAllocatesNothing(t *testing.T) {
	const m, n, k = 40, 50, 60
	a, c, bp := make([]float32, m*k), make([]float32, m*n), make([]float32, PackedSize(k, n))
	if got := testing.AllocsPerRun(20, func() {
		Gemm(c, n, a, 1, m, bp, m, n, k, false)
		Gemm(c, n, a, k, 1, bp, 3, n, k, true)
	}); got != 0 {
		t.Errorf("%v allocations", got)
	}
}

func TestProgrammerErrors(t *testing.T) {
	x, odd := make([]float32, 10), 3
	for name, f := range map[string]func(){
		"short c":         func() { Gemm(x[:5], 3, x, 2, 1, x, 3, 3, 2, false) },
		"short a":         func() { Gemm(x, 3, x[:5], 2, 1, make([]float32, 32), 3, 3, 2, false) },
		"short packed b":  func() { Gemm(x, 3, x, 2, 1, x, 3, 3, 2, false) },
		"ldc under n":     func() { Gemm(x, 2, x, 2, 1, make([]float32, 32), 3, 3, 2, false) },
		"negative stride": func() { GemmPanels(x, 16, x, -1, x, 16, 1, 1, 1) },
		"short b":         func() { PackB(make([]float32, 64), x, 4, 4, 4, 1) },
		"short rows":      func() { DotColumns(x[:4], x, x, 3) },
		"odd panels":      func() { GemmHalf(make([]float32, 32), 32, x, 1, make([]uint16, 64), 20, 1, 2, 1) },
		"short panels":    func() { GemmHalf(make([]float32, 16), 16, x, 2, make([]uint16, 31), 16, 1, 1, 2) },
		"odd k":           func() { GemmInt8(make([]float32, 16), 16, Int16s{}, Int8s{}, Int8Shape{1, 1, 3, 32}) },
		"no scales": func() {
			GemmInt8(make([]float32, 16), 16, Int16s{Data: make([]int16, 2)}, Int8s{Data: make([]int8, 32)}, Int8Shape{1, 1, 2, 32})
		},
		"odd exponentials": func() { ExpInt16(make([]int16, 20), 0, x[:20], 0, make([]uint16, 20), 0, x[:1]) },
		"short add":        func() { Add(x, x, x[:9]) },
		"odd rope":         func() { Rope(x[:odd], x, x) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

func ExampleGemm() {
	a := []float32{1, 2, 3, 4} // (2,2)
	b := []float32{5, 6, 7, 8} // (2,2)
	bp := make([]float32, PackedSize(2, 2))
	PackB(bp, b, 2, 2, 2, 1)
	c := make([]float32, 4)
	Gemm(c, 2, a, 2, 1, bp, 2, 2, 2, false)
	fmt.Println(c)
	// Output: [19 22 43 50]
}
