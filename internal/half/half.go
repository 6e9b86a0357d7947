// Package half converts between float32 and IEEE 754 half precision.
package half

import "math"

// From widens an IEEE 754 half-precision number, which is exact.
func From(h uint16) float32 {
	sign, exponent, mantissa := uint32(h)>>15<<31, uint32(h)>>10&0x1f, uint32(h)&0x3ff
	switch exponent {
	case 0: // zero and subnormals: mantissa units of 2^-24
		return math.Float32frombits(sign | math.Float32bits(float32(mantissa)*0x1p-24))
	case 0x1f: // infinity and NaN
		return math.Float32frombits(sign | 0xff<<23 | mantissa<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | mantissa<<13)
}

// To narrows to IEEE 754 half precision, to the nearest and on a tie to the even one.
func To(f float32) uint16 {
	b := math.Float32bits(f)
	sign := uint16(b>>16) & 0x8000
	b &= 1<<31 - 1
	const (
		infinity     = 0xff << 23
		overflow     = 0x477ff000 // 65520, from where on rounding gives infinity
		leastNormal  = 0x38800000 // 2^-14
		rebias       = (127 - 15) << 23
		halfOfLowest = 1<<12 - 1 // of the 13 bits that go, less one for the tie
	)
	switch {
	case b > infinity:
		return sign | 0x7e00 | uint16(b>>13)&0x3ff
	case b >= overflow:
		return sign | 0x7c00
	case b < leastNormal:
		// Near 0.5 float32 has steps of 2^-24, as subnormal halves do: the addition rounds.
		return sign | uint16(math.Float32bits(math.Float32frombits(b)+0.5)-math.Float32bits(0.5))
	}
	b += halfOfLowest + b>>13&1
	return sign | uint16((b-rebias)>>13)
}
