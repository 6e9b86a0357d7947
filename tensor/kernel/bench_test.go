package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func BenchmarkGemm(b *testing.B) {
	for _, s := range []struct {
		m, n, k int
		transA  bool
	}{
		{512, 512, 512, false}, {1024, 1024, 1024, false}, {512, 1536, 384, false}, {64, 1536, 384, false}, {1, 1536, 576, false},
		{4096, 224, 224, false}, {4096, 608, 224, false}, {4096, 224, 608, false}, {4096, 7000, 224, false}, {224, 608, 4096, true}, {224, 608, 4096, false},
	} {
		b.Run(fmt.Sprintf("M=%d,K=%d,N=%d,%v", s.m, s.k, s.n, s.transA), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 2))
			x, w := random(rng, s.m*s.k), random(rng, s.k*s.n)
			c := make([]float32, s.m*s.n)
			bp := make([]float32, PackedSize(s.k, s.n))
			PackB(bp, w, s.k, s.n, s.n, 1)
			ars, acs := s.k, 1
			if s.transA {
				ars, acs = 1, s.m
			}
			for b.Loop() {
				Gemm(c, s.n, x, ars, acs, bp, s.m, s.n, s.k, false)
			}
			b.ReportMetric(2*float64(s.m)*float64(s.n)*float64(s.k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
