package tensor

import (
	"fmt"
	"testing"
	"time"

	"github.com/stride-ml/stride/tensor/kernel"
)

// peak measures the processor's peak of float32 multiply-adds with the given
// number of workers, in GFLOP/s: the best of several short runs.
func peak(pool *Pool) float64 {
	var best float64
	for range 10 {
		const iterations = 1 << 21
		counts := make([]float64, pool.Size())
		start := time.Now()
		pool.Each(pool.Size(), func(i int) { counts[i] = kernel.PeakFMA(iterations) })
		var sum float64
		for _, c := range counts {
			sum += c
		}
		best = max(best, sum/time.Since(start).Seconds()/1e9)
	}
	return best
}

// BenchmarkMatMul is the product with B packed beforehand, on one worker and on
// two, beside the peak measured in the same run.
func BenchmarkMatMul(b *testing.B) {
	for _, s := range [][3]int{{512, 512, 512}, {1024, 1024, 1024}, {512, 384, 1536}, {64, 384, 1536}, {1, 576, 1536}} {
		m, k, n := s[0], s[1], s[2]
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("M=%d/K=%d/N=%d/workers=%d", m, k, n, workers), func(b *testing.B) {
				pool := NewPool(workers)
				defer pool.Close()
				r := NewRun(pool)
				a, c := make([]float32, m*k), make([]float32, m*n)
				weights := make([]float32, k*n)
				for i := range a {
					a[i] = float32(i%7) - 3
				}
				for i := range weights {
					weights[i] = float32(i%5) - 2
				}
				packed := r.Pack(weights, k, n)
				most := peak(pool)
				for b.Loop() {
					r.MatMul(c, a, packed, m, n, k)
				}
				rate := 2 * float64(m) * float64(k) * float64(n) * float64(b.N) / b.Elapsed().Seconds() / 1e9
				b.ReportMetric(rate, "GFLOP/s")
				b.ReportMetric(100*rate/most, "%peak")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// BenchmarkPool is a fork and join of two workers that do nothing.
func BenchmarkPool(b *testing.B) {
	pool := NewPool(2)
	defer pool.Close()
	nothing := func(int) {}
	for b.Loop() {
		pool.Each(2, nothing)
	}
}
