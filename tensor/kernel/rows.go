package kernel

// DotRows stores in dst[i], i < n, the product of q with row i: rows[i*stride:][:len(q)]. Attention scores are such
// products of a query with cached keys. The bits of dst[i] do not depend on n.
func DotRows(dst, q, rows []float32, stride, n int) {
	checkLen("DotRows", "dst", len(dst), n)
	checkRows("DotRows", rows, stride, n, len(q))
	if n <= 0 {
		return
	}
	if len(q) == 0 {
		clear(dst[:n])
		return
	}
	dotRows(dst, q, rows, stride, n)
}

// AxpyRows adds w[i] * rows[i*stride:][:len(dst)] to dst for i = 0..n-1, in that order for each element: the weighted
// sum of cached values in attention.
func AxpyRows(dst, w, rows []float32, stride, n int) {
	checkLen("AxpyRows", "w", len(w), n)
	checkRows("AxpyRows", rows, stride, n, len(dst))
	if n > 0 && len(dst) > 0 {
		axpyRows(dst, w, rows, stride, n)
	}
}

// AddOuter adds w[i]*x to row i, rows[i*stride:][:len(x)], for i < n. Rows must not overlap x.
func AddOuter(rows []float32, stride, n int, w, x []float32) {
	checkLen("AddOuter", "w", len(w), n)
	checkRows("AddOuter", rows, stride, n, len(x))
	if n > 0 && len(x) > 0 {
		addOuter(rows, stride, n, w, x)
	}
}

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
