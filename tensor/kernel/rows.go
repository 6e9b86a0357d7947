package kernel

// DotColumns adds to dst[j] the products a[i*d+j]*b[i*d+j] of n rows of d = len(dst), in their order: a convolution of each
// channel by itself where a is rows of time and b taps, the gradient of a tap where b is gradients. dst must not overlap a
// or b.
func DotColumns(dst, a, b []float32, n int) {
	checkRows("DotColumns", a, len(dst), n, len(dst))
	checkRows("DotColumns", b, len(dst), n, len(dst))
	if n > 0 && len(dst) > 0 {
		dotColumns(dst, a, b, n)
	}
}
