package kernel

import "math"

// Polar stores the real and the imaginary part of exp(min(logs[i], limit)) at the angle phases[i], in radians, in re[i] and
// im[i] over len(re); limit is at most 88. Outputs may be inputs.
//
// The error is below 3e-7 of the magnitude for angles up to 8192 either way. Beyond, where neighbouring float32 are a
// thousandth apart or more, it grows with that distance. An infinite angle gives NaN.
func Polar(re, im, logs, phases []float32, limit float32) {
	n := len(re)
	checkLen("Polar", "im", len(im), n)
	checkLen("Polar", "logs", len(logs), n)
	checkLen("Polar", "phases", len(phases), n)
	if n > 0 {
		polar(re, im, logs, phases, limit)
	}
}

func polarGeneric(re, im, logs, phases []float32, limit float32) {
	im, logs, phases = im[:len(re)], logs[:len(re)], phases[:len(re)]
	for i := range re {
		size := exp(min(logs[i], limit))
		sin, cos := sinCos(phases[i])
		re[i], im[i] = size*cos, size*sin
	}
}

// Constants of sinCos, after the Cephes library's sinf and cosf (Moshier). pi/2 is split in three, so that the products of
// the first two with up to 2^13 quarters of a turn are exact.
const (
	twoOverPi = 0.63661977236758134
	piHigh    = 1.5703125
	piMiddle  = 4.837512969970703125e-4
	piLow     = 7.54978995489188216e-8

	sin3 = -1.6666654611e-1 // coefficients of r^3 .. r^7
	sin5 = 8.3321608736e-3
	sin7 = -1.9515295891e-4
	cos4 = 4.166664568298827e-2 // of r^4 .. r^8
	cos6 = -1.388731625493765e-3
	cos8 = 2.443315711809948e-5
)

// sinCos returns sine and cosine of x, with the error that Polar tells.
func sinCos(x float32) (sin, cos float32) {
	turns := float32(math.RoundToEven(float64(x * twoOverPi)))
	r := x - turns*piHigh - turns*piMiddle - turns*piLow
	r = max(-1, min(1, r)) // what is left of an angle beyond all precision
	z := r * r
	sin = ((sin7*z+sin5)*z+sin3)*(z*r) + r
	cos = ((cos8*z+cos6)*z+cos4)*(z*z) + (1 - 0.5*z)
	switch turns - 4*float32(math.Floor(float64(turns)/4)) {
	case 1:
		return cos, -sin
	case 2:
		return -sin, -cos
	case 3:
		return -cos, sin
	}
	return sin, cos
}
