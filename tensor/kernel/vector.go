package kernel

// Dot returns the sum of a[i]*b[i] over len(a); b must be at least as long.
func Dot(a, b []float32) float32 {
	checkLen("Dot", "b", len(b), len(a))
	if len(a) == 0 {
		return 0
	}
	return dot(a, b)
}

// Axpy adds alpha*x[i] to y[i] over len(y); x must be at least as long.
func Axpy(y []float32, alpha float32, x []float32) {
	checkLen("Axpy", "x", len(x), len(y))
	if len(y) > 0 {
		axpy(y, alpha, x)
	}
}

// Add stores a[i]+b[i] in dst over len(dst); dst may be a or b.
func Add(dst, a, b []float32) {
	checkLen("Add", "a", len(a), len(dst))
	checkLen("Add", "b", len(b), len(dst))
	if len(dst) > 0 {
		add(dst, a, b)
	}
}

// Mul stores a[i]*b[i] in dst over len(dst); dst may be a or b.
func Mul(dst, a, b []float32) {
	checkLen("Mul", "a", len(a), len(dst))
	checkLen("Mul", "b", len(b), len(dst))
	if len(dst) > 0 {
		mul(dst, a, b)
	}
}

// Scale multiplies every element of dst by alpha.
func Scale(dst []float32, alpha float32) {
	if len(dst) > 0 {
		scale(dst, alpha)
	}
}

// Lerp moves dst towards x: dst[i] += alpha*(x[i]-dst[i]) over len(dst), as an exponential moving average does.
func Lerp(dst, x []float32, alpha float32) {
	checkLen("Lerp", "x", len(x), len(dst))
	if len(dst) > 0 {
		lerp(dst, x, alpha)
	}
}

// Sum returns the sum of x. Its order of summation depends on len(x) only.
func Sum(x []float32) float32 {
	if len(x) == 0 {
		return 0
	}
	return sum(x)
}

// SumSquares returns the sum of x[i]*x[i]. Its order of summation depends on len(x) only.
func SumSquares(x []float32) float32 {
	return Dot(x, x)
}

// Max returns the largest element of x: -Inf if x is empty, NaN if any element is NaN.
func Max(x []float32) float32 {
	if len(x) == 0 {
		return negInf
	}
	return maximum(x)
}
