package kernel

import "math"

// Constants of exp, after the Cephes library's expf (Moshier): exp(x) = 2^n * exp(r) with n = round(x/ln 2) and
// |r| <= ln(2)/2. ln 2 is split in two, so that n*ln2High is exact.
const (
	expLowest  = -87.33654 // below it the result is not a normal float32
	expHighest = 89        // from 88.73 on the result is +Inf
	log2E      = 1.44269504088896341
	ln2High    = 0.693359375
	ln2Low     = -2.12194440e-4

	exp2 = 5.0000001201e-1 // coefficients of r^2 .. r^7; those of 1 and r are 1
	exp3 = 1.6666665459e-1
	exp4 = 4.1665795894e-2
	exp5 = 8.3334519073e-3
	exp6 = 1.3981999507e-3
	exp7 = 1.9875691500e-4
)

// exp returns e^x, or 0 below expLowest.
func exp(x float32) float32 {
	switch {
	case x < expLowest:
		return 0
	case x > expHighest:
		x = expHighest
	case x != x:
		return x
	}
	n := int32(math.RoundToEven(float64(x * log2E)))
	r := x - float32(n)*ln2High - float32(n)*ln2Low
	p := float32(exp7)
	p = p*r + exp6
	p = p*r + exp5
	p = p*r + exp4
	p = p*r + exp3
	p = p*r + exp2
	p = p*r*r + r + 1
	// 2^n in two factors, because n = 128 has no float32 of its own.
	half := n >> 1
	return p * powerOf2(half) * powerOf2(n-half)
}

// powerOf2 returns 2^n for -126 <= n <= 127.
func powerOf2(n int32) float32 {
	return math.Float32frombits(uint32(n+127) << 23)
}
