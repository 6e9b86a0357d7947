package image

import (
	stdimage "image"
	"math"
)

// Norm says how a picture becomes values for a flow model: luma, two differences of colours and alpha, each with mean 0
// and deviation 1 over the pictures it was learned from. The noise of a flow is alike in all values, so what varies little
// is drowned in it till late, when a network looks at details: in plain red, green and blue that is the hue of things.
// The zero Norm gives plain [Values].
type Norm struct {
	Mean, Deviation [Channels]float32
}

// leastDeviation keeps a value that never changes, such as the alpha of photographs, from being scaled without bound.
const leastDeviation = 0.02

// axes are a pixel's luma 0 to 1, orange less blue and green less magenta, -1 to 1 both (YCoCg, Malvar and Sullivan, JVT
// I014r3, 2003), of its colours multiplied by alpha; and alpha.
func axes(p []uint8) [Channels]float64 {
	a := float64(p[3]) / 255
	r, g, b := float64(p[0])/255*a, float64(p[1])/255*a, float64(p[2])/255*a
	return [Channels]float64{(r + 2*g + b) / 4, r - b, (2*g - r - b) / 2, a}
}

// LearnNorm returns the norm for pictures like these.
func LearnNorm(pictures []*stdimage.NRGBA) Norm {
	var sum, squares [Channels]float64
	count := 0.0
	for _, img := range pictures {
		eachPixel(img, func(p []uint8) {
			for c, v := range axes(p) {
				sum[c] += v
				squares[c] += v * v
			}
			count++
		})
	}
	var s Norm
	for c := range Channels {
		mean := sum[c] / max(count, 1)
		s.Mean[c] = float32(mean)
		s.Deviation[c] = float32(max(math.Sqrt(max(squares[c]/max(count, 1)-mean*mean, 0)), leastDeviation))
	}
	return s
}

// Values appends to dst the picture as values (H·W,4).
func (s Norm) Values(dst []float32, img *stdimage.NRGBA) []float32 {
	if s == (Norm{}) {
		return Values(dst, img)
	}
	eachPixel(img, func(p []uint8) {
		for c, v := range axes(p) {
			dst = append(dst, (float32(v)-s.Mean[c])/s.Deviation[c])
		}
	})
	return dst
}

// Picture undoes Values for a picture of w by h pixels, as [FromValues] does for plain ones.
func (s Norm) Picture(x []float32, w, h int, binary bool) *stdimage.NRGBA {
	if s == (Norm{}) {
		return FromValues(x, w, h, binary)
	}
	plain := make([]float32, len(x)/Channels*Channels)
	for i := 0; i < len(plain); i += Channels {
		var v [Channels]float32
		for c := range v {
			v[c] = x[i+c]*s.Deviation[c] + s.Mean[c]
		}
		rest := v[0] - v[2]/2
		plain[i], plain[i+1], plain[i+2], plain[i+3] = 2*(rest+v[1]/2)-1, 2*(v[0]+v[2]/2)-1, 2*(rest-v[1]/2)-1, 2*v[3]-1
	}
	return FromValues(plain, w, h, binary)
}
