package audio

import "math"

// Level is the root mean square of samples in dBFS, 20·log10 of it: a square wave of full scale has 0, a sine of full
// scale -3.01, silence and no samples -Inf.
func Level(x []float32) float64 {
	if len(x) == 0 {
		return math.Inf(-1)
	}
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return 10 * math.Log10(sum/float64(len(x)))
}

// Peak is the largest absolute value of samples; no samples have 0.
func Peak(x []float32) float32 {
	var p float32
	for _, v := range x {
		p = max(p, v, -v)
	}
	return p
}
