package audio

import (
	"math"
	"math/bits"
	"slices"
)

// mu is the parameter of the law, one less than its levels.
const mu = 255

// EncodeMuLaw appends to dst a level of 0 to 255 for each sample: the continuous mu-law with mu = 255, of which ITU-T
// G.711 is an approximation in segments, rounded to the nearest of 256 levels as WaveNet does (van den Oord et al.,
// 2016). Silence is 128. Samples outside -1 to 1 are clamped, those that are not numbers count as 0.
func EncodeMuLaw(dst []uint8, x []float32) []uint8 {
	dst = slices.Grow(dst, len(x))
	for _, v := range x {
		s := float64(clamp(v))
		y := math.Copysign(math.Log1p(mu*math.Abs(s))/math.Log1p(mu), s)
		dst = append(dst, uint8((y+1)/2*mu+0.5))
	}
	return dst
}

// DecodeMuLaw appends to dst the sample that each level of [EncodeMuLaw] stands for.
func DecodeMuLaw(dst []float32, levels []uint8) []float32 {
	dst = slices.Grow(dst, len(levels))
	for _, q := range levels {
		y := 2*float64(q)/mu - 1
		dst = append(dst, float32(math.Copysign(math.Expm1(math.Abs(y)*math.Log1p(mu))/mu, y)))
	}
	return dst
}

// AppendG711 appends samples in the mu-law of ITU-T G.711, as files and telephones have it: the inverse of sign, segment and
// step, in which silence is 0xff. Samples outside -1 to 1 are clamped, those that are not numbers are silence.
func AppendG711(dst []byte, x []float32) []byte {
	const bias, most = 0x84, 0x7fff - 0x84
	dst = slices.Grow(dst, len(x))
	for _, v := range x {
		s, sign := int(int16Of(v)), byte(0)
		if s < 0 {
			s, sign = -s, 0x80
		}
		s = min(s, most) + bias
		segment := bits.Len(uint(s)) - 8
		dst = append(dst, ^(sign | byte(segment)<<4 | byte(s>>(segment+3)&15)))
	}
	return dst
}

// clamp brings a sample to -1 to 1; what is not a number becomes 0.
func clamp(v float32) float32 {
	if v != v {
		return 0
	}
	return min(max(v, -1), 1)
}
