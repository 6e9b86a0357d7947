package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func random(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// TestGemm compares products of many shapes with float64 arithmetic.
func TestGemm(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	sizes := [][3]int{{1, 1, 1}, {1, 16, 7}, {1, 96, 33}, {1, 224, 608}, {2, 50, 9}, {3, 40, 400}, {4, 17, 5}, {5, 33, 64}, {6, 16, 4}, {7, 31, 700}, {13, 100, 321}, {150, 70, 330}, {64, 384, 96}}
	for _, s := range sizes {
		m, n, k := s[0], s[1], s[2]
		for _, transA := range []bool{false, true} {
			for _, transB := range []bool{false, true} {
				for _, acc := range []bool{false, true} {
					t.Run(fmt.Sprintf("%dx%dx%d,%v,%v,%v", m, n, k, transA, transB, acc), func(t *testing.T) {
						a, b := random(rng, m*k), random(rng, k*n)
						ldc := n + 3
						c := random(rng, m*ldc)
						old := append([]float32(nil), c...)
						ars, acs := k, 1
						if transA {
							ars, acs = 1, m
						}
						brs, bcs := n, 1
						if transB {
							brs, bcs = 1, k
						}
						bp := make([]float32, PackedSize(k, n))
						PackB(bp, b, k, n, brs, bcs)
						Gemm(c, ldc, a, ars, acs, bp, m, n, k, acc)
						for i := range m {
							for j := range ldc {
								if j >= n {
									if c[i*ldc+j] != old[i*ldc+j] {
										t.Fatalf("wrote beyond column %d", n)
									}
									continue
								}
								var want, size float64
								if acc {
									want = float64(old[i*ldc+j])
								}
								for kk := range k {
									p := float64(a[i*ars+kk*acs]) * float64(b[kk*brs+j*bcs])
									want += p
									size += math.Abs(p)
								}
								if got := float64(c[i*ldc+j]); math.Abs(got-want) > 1e-6*(size+1) {
									t.Fatalf("c[%d,%d] = %g, want %g", i, j, got, want)
								}
							}
						}
					})
				}
			}
		}
	}
}
