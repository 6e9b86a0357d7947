package kernel

import "math"

var negInf = float32(math.Inf(-1))

// ExpSum stores exp(x[i]-shift) in dst over len(dst) and returns their sum; dst may be x.
//
// The relative error of an element is below 2e-7. An exponent under -87.3, where the result would not be a normal
// float32, gives 0, as -Inf does; one above 88.7 gives +Inf; NaN stays NaN.
func ExpSum(dst, x []float32, shift float32) float32 {
	checkLen("ExpSum", "x", len(x), len(dst))
	if len(dst) == 0 {
		return 0
	}
	return expSum(dst, x, shift)
}

// Softmax stores exp(x[i]) / sum exp(x) in dst over len(dst); dst may be x. The largest element is subtracted first, so
// finite input never overflows. If every element is -Inf (everything masked) the result is all zeros. NaN or +Inf
// anywhere makes the result NaN.
func Softmax(dst, x []float32) {
	checkLen("Softmax", "x", len(x), len(dst))
	x = x[:len(dst)]
	largest := Max(x)
	if largest == negInf {
		clear(dst)
		return
	}
	Scale(dst, 1/ExpSum(dst, x, largest))
}

// SoftCap replaces each x by cap·tanh(x/cap), cap > 0: small values stay, none gets beyond cap. The error is below
// 3e-7·cap.
func SoftCap(x []float32, cap float32) {
	Scale(x, 2/cap)
	ExpSum(x, x, 0)
	for i, e := range x {
		x[i] = cap * (1 - 2/(e+1))
	}
}

// RMSNorm stores x[i]*w[i]/rms in dst over len(dst), where rms = sqrt(mean(x*x) + eps), and returns 1/rms, which
// RMSNormGrad needs; dst may be x. Source: Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.
func RMSNorm(dst, x, w []float32, eps float32) float32 {
	checkLen("RMSNorm", "x", len(x), len(dst))
	checkLen("RMSNorm", "w", len(w), len(dst))
	if len(dst) == 0 {
		return 0
	}
	mean := float64(SumSquares(x[:len(dst)])) / float64(len(dst))
	inv := float32(1 / math.Sqrt(mean+float64(eps)))
	mulScaled(dst, x, w, inv)
	return inv
}

// RMSNormGrad adds to dx and dw the gradients of RMSNorm over len(dx), given the gradient dy of its output, its input x,
// its weight w and the inverse root mean square it returned.
func RMSNormGrad(dx, dw, dy, x, w []float32, inv float32) {
	n := len(dx)
	checkLen("RMSNormGrad", "dw", len(dw), n)
	checkLen("RMSNormGrad", "dy", len(dy), n)
	checkLen("RMSNormGrad", "x", len(x), n)
	checkLen("RMSNormGrad", "w", len(w), n)
	if n == 0 {
		return
	}
	// y = x*inv*w and d inv/dx = -inv^3 x/n, hence dx = inv*(dy*w) - x * inv^3/n * sum(dy*w*x).
	coefficient := inv * inv * inv / float32(n) * dot3(dy[:n], w, x)
	rmsNormGrad(dx, dw, dy, x, w, inv, coefficient)
}

// SwiGLU stores silu(gate[i])*up[i] in dst over len(dst), with silu(g) = g/(1+exp(-g)); dst may be gate or up.
// Source: Shazeer, "GLU Variants Improve Transformer", 2020.
func SwiGLU(dst, gate, up []float32) {
	checkLen("SwiGLU", "gate", len(gate), len(dst))
	checkLen("SwiGLU", "up", len(up), len(dst))
	if len(dst) > 0 {
		swiGLU(dst, gate, up)
	}
}

// SwiGLUGrad overwrites dgate and dup with the gradients of SwiGLU over len(dgate), given the gradient dy of its output.
// Any of the outputs may be any of the inputs.
func SwiGLUGrad(dgate, dup, dy, gate, up []float32) {
	n := len(dgate)
	checkLen("SwiGLUGrad", "dup", len(dup), n)
	checkLen("SwiGLUGrad", "dy", len(dy), n)
	checkLen("SwiGLUGrad", "gate", len(gate), n)
	checkLen("SwiGLUGrad", "up", len(up), n)
	if n > 0 {
		swiGLUGrad(dgate, dup, dy, gate, up)
	}
}

// GELU is x*sigmoid(u) with u = geluK*x + geluCubic*x^3, as (1+tanh(u/2))/2 is sigmoid(u).
const (
	geluK     = 1.5957691216057308 // 2*sqrt(2/pi)
	geluCubic = geluK * 0.044715
)

// GELU stores x/2*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3))) in dst over len(dst); dst may be x. Source: Hendrycks and
// Gimpel, "Gaussian Error Linear Units", 2016, the first approximation.
func GELU(dst, x []float32) {
	checkLen("GELU", "x", len(x), len(dst))
	if len(dst) > 0 {
		gelu(dst, x)
	}
}

// GELUGrad overwrites dx with the gradient of GELU over len(dx), given the gradient dy of its output; dx may be dy or x.
func GELUGrad(dx, dy, x []float32) {
	checkLen("GELUGrad", "dy", len(dy), len(dx))
	checkLen("GELUGrad", "x", len(x), len(dx))
	if len(dx) > 0 {
		geluGrad(dx, dy, x)
	}
}

// Rope rotates each pair (x[2i], x[2i+1]) of one head in place by the angle whose cosine and sine are cos[i], sin[i].
// len(x) must be even. With -sin it undoes itself, which is also its gradient.
// Source: Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021.
func Rope(x, cos, sin []float32) {
	if len(x)%2 != 0 {
		panicf("Rope: x holds %d floats, want whole pairs", len(x))
	}
	checkLen("Rope", "cos", len(cos), len(x)/2)
	checkLen("Rope", "sin", len(sin), len(x)/2)
	if len(x) > 0 {
		rope(x, cos, sin)
	}
}

// RopeHalves is [Rope] for pairs (x[i], x[len(x)/2+i]): the halves of a head against each other, as GPT-NeoX has them.
func RopeHalves(x, cos, sin []float32) {
	if len(x)%2 != 0 {
		panicf("RopeHalves: x holds %d floats, want whole pairs", len(x))
	}
	n := len(x) / 2
	checkLen("RopeHalves", "cos", len(cos), n)
	checkLen("RopeHalves", "sin", len(sin), n)
	first, second, cos, sin := x[:n], x[n:], cos[:n], sin[:n]
	for i, a := range first {
		b := second[i]
		first[i] = a*cos[i] - b*sin[i]
		second[i] = b*cos[i] + a*sin[i]
	}
}
