package align

import "math"

// Dim is the number of values of a frame of [Features]: cepstra, their slopes and the slopes of these.
const Dim = 3 * cepstra

const (
	cepstra = 13
	reach   = 2 // frames at either side that slopes are taken over
)

// Features appends to dst the features (T,Dim) of a log-mel spectrogram (T,bands) of 100 frames a second: mel-frequency
// cepstral coefficients 0 to 12, of which the first is the energy, less their means over the utterance, with their slopes
// (deltas) and the slopes of these over five frames (Davis and Mermelstein, "Comparison of parametric representations for
// monosyllabic word recognition in continuously spoken sentences", 1980; Furui, "Speaker-independent isolated word
// recognition using dynamic features of speech spectrum", 1986). A part of a frame at the end is ignored, and there are no
// frames of less than 1 band.
func Features(dst []float32, mel []float32, bands int) []float32 {
	if bands < 1 || len(mel) < bands {
		return dst
	}
	frames := len(mel) / bands
	x := make([]float64, frames*Dim)
	basis := cosines(bands)
	var mean [cepstra]float64
	for t := range frames {
		for k := range cepstra {
			sum := 0.0
			for b, v := range mel[t*bands : (t+1)*bands] {
				sum += basis[k*bands+b] * float64(v)
			}
			x[t*Dim+k] = sum
			mean[k] += sum / float64(frames)
		}
	}
	for t := range frames {
		for k, m := range mean {
			x[t*Dim+k] -= m
		}
	}
	slopes(x, frames, 0)
	slopes(x, frames, cepstra)
	for _, v := range x {
		dst = append(dst, float32(v))
	}
	return dst
}

// cosines are the rows of the orthonormal discrete cosine transform, type II (cepstra,bands).
func cosines(bands int) []float64 {
	basis := make([]float64, cepstra*bands)
	for k := range cepstra {
		scale := math.Sqrt(2 / float64(bands))
		if k == 0 {
			scale = math.Sqrt(1 / float64(bands))
		}
		for b := range bands {
			basis[k*bands+b] = scale * math.Cos(math.Pi*float64(k)*(float64(b)+0.5)/float64(bands))
		}
	}
	return basis
}

// slopes sets the columns of x (T,Dim) after those from a first one to the slopes of these, the least squares over frames
// t-reach to t+reach; the frames at the ends go on for ever.
func slopes(x []float64, frames, from int) {
	norm := 0.0
	for d := 1; d <= reach; d++ {
		norm += float64(2 * d * d)
	}
	for t := range frames {
		for k := from; k < from+cepstra; k++ {
			sum := 0.0
			for d := 1; d <= reach; d++ {
				after, before := min(t+d, frames-1), max(t-d, 0)
				sum += float64(d) * (x[after*Dim+k] - x[before*Dim+k])
			}
			x[t*Dim+k+cepstra] = sum / norm
		}
	}
}
