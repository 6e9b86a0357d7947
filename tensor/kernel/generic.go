package kernel

import "math"

// The functions here are the specification of the vectorised ones: same arguments, already checked, and never empty.

func dotGeneric(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	for ; len(a) >= 4; a, b = a[4:], b[4:] {
		s0 += a[0] * b[0]
		s1 += a[1] * b[1]
		s2 += a[2] * b[2]
		s3 += a[3] * b[3]
	}
	for i, x := range a {
		s0 += x * b[i]
	}
	return (s0 + s1) + (s2 + s3)
}

func dot3Generic(a, b, c []float32) float32 {
	b, c = b[:len(a)], c[:len(a)]
	var s0, s1 float32
	for ; len(a) >= 2; a, b, c = a[2:], b[2:], c[2:] {
		s0 += a[0] * b[0] * c[0]
		s1 += a[1] * b[1] * c[1]
	}
	if len(a) > 0 {
		s0 += a[0] * b[0] * c[0]
	}
	return s0 + s1
}

func sumGeneric(x []float32) float32 {
	var s0, s1, s2, s3 float32
	for ; len(x) >= 4; x = x[4:] {
		s0 += x[0]
		s1 += x[1]
		s2 += x[2]
		s3 += x[3]
	}
	for _, v := range x {
		s0 += v
	}
	return (s0 + s1) + (s2 + s3)
}

func maximumGeneric(x []float32) float32 {
	largest := negInf
	for _, v := range x {
		if v != v {
			return v
		}
		if v > largest {
			largest = v
		}
	}
	return largest
}

func axpyGeneric(y []float32, alpha float32, x []float32) {
	x = x[:len(y)]
	for i := range y {
		y[i] += alpha * x[i]
	}
}

func addGeneric(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}

func mulGeneric(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

func mulScaledGeneric(dst, a, b []float32, alpha float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] * alpha * b[i]
	}
}

func scaleGeneric(dst []float32, alpha float32) {
	for i := range dst {
		dst[i] *= alpha
	}
}

func lerpGeneric(dst, x []float32, alpha float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] += alpha * (x[i] - dst[i])
	}
}

func dotColumnsGeneric(dst, a, b []float32, n int) {
	d := len(dst)
	for i := range n {
		a, b := a[i*d:][:d], b[i*d:][:d]
		for j := range dst {
			dst[j] += a[j] * b[j]
		}
	}
}

func expSumGeneric(dst, x []float32, shift float32) float32 {
	x = x[:len(dst)]
	var total float32
	for i := range dst {
		e := exp(x[i] - shift)
		dst[i] = e
		total += e
	}
	return total
}

func rmsNormGradGeneric(dx, dw, dy, x, w []float32, inv, coefficient float32) {
	dw, dy, x, w = dw[:len(dx)], dy[:len(dx)], x[:len(dx)], w[:len(dx)]
	for i := range dx {
		scaled := dy[i] * inv
		dx[i] += scaled*w[i] - coefficient*x[i]
		dw[i] += scaled * x[i]
	}
}

func swiGLUGeneric(dst, gate, up []float32) {
	gate, up = gate[:len(dst)], up[:len(dst)]
	for i := range dst {
		g := gate[i]
		dst[i] = g * (1 / (1 + exp(-g))) * up[i]
	}
}

func swiGLUGradGeneric(dgate, dup, dy, gate, up []float32) {
	dup, dy, gate, up = dup[:len(dgate)], dy[:len(dgate)], gate[:len(dgate)], up[:len(dgate)]
	for i := range dgate {
		g, u, d := gate[i], up[i], dy[i]
		s := 1 / (1 + exp(-g))
		silu := g * s
		dup[i] = d * silu
		dgate[i] = d * (s + silu*(1-s)) * u // silu' = s + g*s*(1-s)
	}
}

func geluGeneric(dst, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		v := x[i]
		dst[i] = v * (1 / (1 + exp(-v*(geluK+geluCubic*(v*v)))))
	}
}

func geluGradGeneric(dx, dy, x []float32) {
	dy, x = dy[:len(dx)], x[:len(dx)]
	for i := range dx {
		v := x[i]
		s := 1 / (1 + exp(-v*(geluK+geluCubic*(v*v))))
		dx[i] = dy[i] * (s + v*s*(1-s)*(geluK+3*geluCubic*(v*v)))
	}
}

func ropeGeneric(x, cos, sin []float32) {
	cos, sin = cos[:len(x)/2], sin[:len(x)/2]
	for i := range cos {
		a, b := x[2*i], x[2*i+1]
		x[2*i] = a*cos[i] - b*sin[i]
		x[2*i+1] = b*cos[i] + a*sin[i]
	}
}

func adamWGeneric(w, g, m, v []float32, f adamWFactors) {
	g, m, v = g[:len(w)], m[:len(w)], v[:len(w)]
	for i := range w {
		grad := g[i] * f.gradScale
		m[i] = f.beta1*m[i] + f.rest1*grad
		v[i] = f.beta2*v[i] + f.rest2*(grad*grad)
		root := float32(math.Sqrt(float64(v[i] * f.unbias2)))
		w[i] = w[i]*f.keep - f.step*m[i]/(root+f.eps)
	}
}
