package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// peakRate measures the processor's fused multiply-adds, in floating-point operations a second: the best of several runs.
func peakRate() float64 {
	best := 0.0
	for range 20 {
		start := time.Now()
		done := PeakFMA(200_000)
		best = max(best, done/time.Since(start).Seconds())
	}
	return best
}

// BenchmarkGemm reports the mean rate of each product, and as a share of the peak, measured just before it, the rate of the
// fastest single product: on a shared machine the mean tells what the neighbours do.
func BenchmarkGemm(b *testing.B) {
	for _, s := range []struct {
		name    string
		m, k, n int
		transA  bool
	}{
		{"square", 512, 512, 512, false},
		{"square", 1024, 1024, 1024, false},
		{"prompt", 512, 384, 1536, false},
		{"prompt", 64, 384, 1536, false},
		{"token", 1, 576, 1536, false},
		{"token", 1, 224, 608, false},
		{"token", 1, 224, 7000, false},
		{"verify", 5, 224, 608, false},
		{"verify", 7, 224, 608, false},
		{"train", 4096, 224, 224, false},
		{"train", 4096, 224, 608, false},
		{"train", 4096, 608, 224, false},
		{"train", 4096, 224, 7000, false},
		{"gradient", 224, 4096, 608, true},
	} {
		b.Run(fmt.Sprintf("%s/%d,%d,%d", s.name, s.m, s.k, s.n), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 2))
			x, w := random(rng, s.m*s.k), random(rng, s.k*s.n)
			c := make([]float32, s.m*s.n)
			bp := make([]float32, PackedSize(s.k, s.n))
			PackB(bp, w, s.k, s.n, s.n, 1)
			ars, acs := strides(s.m, s.k, s.transA)
			operations := 2 * float64(s.m) * float64(s.n) * float64(s.k)
			peak, best := peakRate(), 0.0
			for b.Loop() {
				start := time.Now()
				Gemm(c, s.n, x, ars, acs, bp, s.m, s.n, s.k, false)
				best = max(best, operations/time.Since(start).Seconds())
			}
			b.ReportMetric(operations*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			b.ReportMetric(100*best/peak, "best%peak")
		})
	}
}

func BenchmarkPackB(b *testing.B) {
	const k, n = 4096, 608
	rng := rand.New(rand.NewPCG(1, 2))
	w, bp := random(rng, k*n), make([]float32, PackedSize(k, n))
	for name, transposed := range map[string]bool{"rows": false, "columns": true} {
		b.Run(name, func(b *testing.B) {
			rs, cs := strides(k, n, transposed)
			b.SetBytes(4 * k * n)
			for b.Loop() {
				PackB(bp, w, k, n, rs, cs)
			}
		})
	}
}

// BenchmarkVector reports the time of one row of 608 floats, the hidden width of a small network.
func BenchmarkVector(b *testing.B) {
	const n = 608
	for _, k := range vectorKernels {
		b.Run(k.name, func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 2))
			var v [][]float32
			for range k.slices {
				v = append(v, make([]float32, n))
			}
			for i := range n {
				v[k.slices-1][i] = rng.Float32()
			}
			for b.Loop() {
				k.fast(v)
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds()/1e9, "Gelem/s")
		})
	}
}

// BenchmarkAttention reports three query heads of 64 against 256 cached positions.
func BenchmarkAttention(b *testing.B) {
	const heads, d, n = 3, 64, 256
	keys := newHalved(rand.New(rand.NewPCG(1, 2)), d*n)
	q, w := random(rand.New(rand.NewPCG(3, 4)), heads*d), make([]float32, heads*n)
	run := func(name string, f func()) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
			b.ReportMetric(2*heads*d*n*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
	run("GemmPanels", func() { GemmPanels(w, n, q, d, keys.wide, panelWidth*d, heads, n/panelWidth, d) })
	run("GemmHalf", func() { GemmHalf(w, n, q, d, keys.half, panelWidth*d, heads, n/panelWidth, d) })
	for name, shape := range map[string]Int8Shape{"keys": {heads, n / panelWidth, d, 32}, "values": {heads, d / panelWidth, n, n}} {
		p := newInt8Case(rand.New(rand.NewPCG(5, 6)), shape)
		run("GemmInt8/"+name, func() { GemmInt8(w, n, p.a, p.b, shape) })
	}
	integers, scales := make([]int16, 2*n), make([]uint16, 2*n)
	run("ExpInt16", func() { ExpInt16(integers, n, w[:n], 1, scales, n, []float32{1, 1}) })
	run("ExpSum", func() { ExpSum(w[:n], w, 1) })
	run("Softmax", func() { Softmax(w, w) })
}
