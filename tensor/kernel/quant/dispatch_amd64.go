//go:build !noasm

package quant

import "github.com/stride-ml/stride/tensor/kernel"

// tileKernel multiplies a fixed number of rows of activations by groups of weights.
type tileKernel func(c *float32, ldc int, x *byte, stride int, w *byte, blocks, groups int)

// tiles are the kernels of a format by the number of rows.
type tiles [maxRows + 1]tileKernel

var kernels = map[string]tiles{
	"Q4_0": {1: multiplyQ4x1, 2: multiplyQ4x2, 3: multiplyQ4x3, 4: multiplyQ4x4, 5: multiplyQ4x5, 6: multiplyQ4x6, 7: multiplyQ4x7, 8: multiplyQ4x8},
	"Q4_1": {1: multiplyQ4Leastx1, 2: multiplyQ4Leastx2, 3: multiplyQ4Leastx3, 4: multiplyQ4Leastx4, 5: multiplyQ4Leastx5, 6: multiplyQ4Leastx6, 7: multiplyQ4Leastx7, 8: multiplyQ4Leastx8},
	"Q5_0": {1: multiplyQ5x1, 2: multiplyQ5x2, 3: multiplyQ5x3, 4: multiplyQ5x4, 5: multiplyQ5x5, 6: multiplyQ5x6, 7: multiplyQ5x7, 8: multiplyQ5x8},
	"Q5_1": {1: multiplyQ5Leastx1, 2: multiplyQ5Leastx2, 3: multiplyQ5Leastx3, 4: multiplyQ5Leastx4, 5: multiplyQ5Leastx5, 6: multiplyQ5Leastx6, 7: multiplyQ5Leastx7, 8: multiplyQ5Leastx8},
	"Q8_0": {1: multiplyQ8x1, 2: multiplyQ8x2, 3: multiplyQ8x3, 4: multiplyQ8x4, 5: multiplyQ8x5, 6: multiplyQ8x6, 7: multiplyQ8x7, 8: multiplyQ8x8},
	"Q4_K": {1: multiplyQ4Superx1, 2: multiplyQ4Superx2, 3: multiplyQ4Superx3, 4: multiplyQ4Superx4, 5: multiplyQ4Superx5, 6: multiplyQ4Superx6, 7: multiplyQ4Superx7, 8: multiplyQ4Superx8},
	"Q5_K": {1: multiplyQ5Superx1, 2: multiplyQ5Superx2, 3: multiplyQ5Superx3, 4: multiplyQ5Superx4, 5: multiplyQ5Superx5, 6: multiplyQ5Superx6, 7: multiplyQ5Superx7, 8: multiplyQ5Superx8},
	"Q6_K": {1: multiplyQ6Superx1, 2: multiplyQ6Superx2, 3: multiplyQ6Superx3, 4: multiplyQ6Superx4, 5: multiplyQ6Superx5, 6: multiplyQ6Superx6, 7: multiplyQ6Superx7, 8: multiplyQ6Superx8},
}

func multiplierOf(f *Format) multiplier {
	if !kernel.Accelerated() {
		return multiplyGeneric
	}
	t := kernels[f.Name]
	return t.multiply
}

// multiply cuts n rows into tiles of about as many rows each. With 4 bits, whose products are the fastest, many rows are taken
// as many at a time as registers have room for results.
func (t *tiles) multiply(m *Matrix, c []float32, ldc int, x []byte, n int, w []byte, groups int) {
	stride, most := m.blocks*recordSize, maxRows
	if n > maxRows && m.format.bits == 4 {
		most = 6
	}
	count := (n + most - 1) / most
	for tile := range count {
		i, to := tile*n/count, (tile+1)*n/count
		t[to-i](&c[i*ldc], ldc, &x[i*stride], stride, &w[0], m.blocks, groups)
	}
}

func quantise(dst []byte, x []float32) {
	if !kernel.Accelerated() {
		quantiseGeneric(dst, x)
		return
	}
	quantiseAVX2(&dst[0], &x[0], len(x)/blockValues)
}

func widenBrain(dst []float32, src []uint16) {
	if !kernel.Accelerated() {
		widenBrainGeneric(dst, src)
		return
	}
	widenBrainAVX2(&dst[0], &src[0], len(dst))
}
