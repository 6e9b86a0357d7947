//go:build !noasm

package kernel

// maxCall bounds the floats that one call into assembly works on, some microseconds: assembly cannot be preempted, and the
// garbage collector would wait for it.
const maxCall = 1 << 14

// maxRows returns how many rows of d floats one call may take.
func maxRows(d int) int { return max(4, maxCall/d) }

func dot(a, b []float32) (total float32) {
	if !accelerated {
		return dotGeneric(a, b)
	}
	for i := 0; i < len(a); i += maxCall {
		total += dotAVX2(&a[i], &b[i], min(maxCall, len(a)-i))
	}
	return total
}

func dot3(a, b, c []float32) (total float32) {
	if !accelerated {
		return dot3Generic(a, b, c)
	}
	for i := 0; i < len(a); i += maxCall {
		total += dot3AVX2(&a[i], &b[i], &c[i], min(maxCall, len(a)-i))
	}
	return total
}

func sum(x []float32) (total float32) {
	if !accelerated {
		return sumGeneric(x)
	}
	for i := 0; i < len(x); i += maxCall {
		total += sumAVX2(&x[i], min(maxCall, len(x)-i))
	}
	return total
}

func expSum(dst, x []float32, shift float32) (total float32) {
	if !accelerated {
		return expSumGeneric(dst, x, shift)
	}
	for i := 0; i < len(dst); i += maxCall {
		total += expSumAVX2(&dst[i], &x[i], shift, min(maxCall, len(dst)-i))
	}
	return total
}

func maximum(x []float32) float32 {
	if !accelerated {
		return maximumGeneric(x)
	}
	largest := negInf
	for i := 0; i < len(x); i += maxCall {
		// The built-in max keeps NaN.
		largest = max(largest, maximumAVX2(&x[i], min(maxCall, len(x)-i)))
	}
	return largest
}

func axpy(y []float32, alpha float32, x []float32) {
	if !accelerated {
		axpyGeneric(y, alpha, x)
		return
	}
	for i := 0; i < len(y); i += maxCall {
		axpyAVX2(&y[i], alpha, &x[i], min(maxCall, len(y)-i))
	}
}

func add(dst, a, b []float32) {
	if !accelerated {
		addGeneric(dst, a, b)
		return
	}
	for i := 0; i < len(dst); i += maxCall {
		addAVX2(&dst[i], &a[i], &b[i], min(maxCall, len(dst)-i))
	}
}

func mul(dst, a, b []float32) {
	if !accelerated {
		mulGeneric(dst, a, b)
		return
	}
	for i := 0; i < len(dst); i += maxCall {
		mulAVX2(&dst[i], &a[i], &b[i], min(maxCall, len(dst)-i))
	}
}

func mulScaled(dst, a, b []float32, alpha float32) {
	if !accelerated {
		mulScaledGeneric(dst, a, b, alpha)
		return
	}
	for i := 0; i < len(dst); i += maxCall {
		mulScaledAVX2(&dst[i], &a[i], &b[i], alpha, min(maxCall, len(dst)-i))
	}
}

func scale(dst []float32, alpha float32) {
	if !accelerated {
		scaleGeneric(dst, alpha)
		return
	}
	for i := 0; i < len(dst); i += maxCall {
		scaleAVX2(&dst[i], alpha, min(maxCall, len(dst)-i))
	}
}

func lerp(dst, x []float32, alpha float32) {
	if !accelerated {
		lerpGeneric(dst, x, alpha)
		return
	}
	for i := 0; i < len(dst); i += maxCall {
		lerpAVX2(&dst[i], &x[i], alpha, min(maxCall, len(dst)-i))
	}
}

func rmsNormGrad(dx, dw, dy, x, w []float32, inv, coefficient float32) {
	if !accelerated {
		rmsNormGradGeneric(dx, dw, dy, x, w, inv, coefficient)
		return
	}
	for i := 0; i < len(dx); i += maxCall {
		rmsNormGradAVX2(&dx[i], &dw[i], &dy[i], &x[i], &w[i], inv, coefficient, min(maxCall, len(dx)-i))
	}
}

func swiGLU(dst, gate, up []float32) {
	if !accelerated {
		swiGLUGeneric(dst, gate, up)
		return
	}
	for i := 0; i < len(dst); i += maxCall {
		swiGLUAVX2(&dst[i], &gate[i], &up[i], min(maxCall, len(dst)-i))
	}
}

func swiGLUGrad(dgate, dup, dy, gate, up []float32) {
	if !accelerated {
		swiGLUGradGeneric(dgate, dup, dy, gate, up)
		return
	}
	for i := 0; i < len(dgate); i += maxCall {
		swiGLUGradAVX2(&dgate[i], &dup[i], &dy[i], &gate[i], &up[i], min(maxCall, len(dgate)-i))
	}
}

func gelu(dst, x []float32) {
	if !accelerated {
		geluGeneric(dst, x)
		return
	}
	for i := 0; i < len(dst); i += maxCall {
		geluAVX2(&dst[i], &x[i], min(maxCall, len(dst)-i))
	}
}

func geluGrad(dx, dy, x []float32) {
	if !accelerated {
		geluGradGeneric(dx, dy, x)
		return
	}
	for i := 0; i < len(dx); i += maxCall {
		geluGradAVX2(&dx[i], &dy[i], &x[i], min(maxCall, len(dx)-i))
	}
}

func polar(re, im, logs, phases []float32, limit float32) {
	if !accelerated {
		polarGeneric(re, im, logs, phases, limit)
		return
	}
	for i := 0; i < len(re); i += maxCall {
		polarAVX2(&re[i], &im[i], &logs[i], &phases[i], limit, min(maxCall, len(re)-i))
	}
}

func rope(x, cos, sin []float32) {
	if !accelerated {
		ropeGeneric(x, cos, sin)
		return
	}
	for i := 0; i < len(x); i += maxCall {
		ropeAVX2(&x[i], &cos[i/2], &sin[i/2], min(maxCall, len(x)-i)/2)
	}
}

func adamW(w, g, m, v []float32, f adamWFactors) {
	if !accelerated {
		adamWGeneric(w, g, m, v, f)
		return
	}
	for i := 0; i < len(w); i += maxCall {
		adamWAVX2(&w[i], &g[i], &m[i], &v[i], &f.gradScale, min(maxCall, len(w)-i))
	}
}

func dotColumns(dst, a, b []float32, n int) {
	if !accelerated {
		dotColumnsGeneric(dst, a, b, n)
		return
	}
	d := len(dst)
	step := maxRows(d)
	for i := 0; i < n; i += step {
		dotColumnsAVX2(&dst[0], &a[i*d], &b[i*d], min(step, n-i), d)
	}
}

func peakFMA(iterations int) {
	if !accelerated {
		peakFMAGeneric(iterations)
		return
	}
	for i := 0; i < iterations; i += maxCall {
		peakAVX2(min(maxCall, iterations-i))
	}
}
