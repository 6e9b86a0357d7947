package audio

import (
	"math"
	"math/rand/v2"
)

const (
	// momentum is what Perraudin et al. found best.
	momentum = 0.99
	// solverSteps is where the bands of the magnitudes found, valleys between harmonics too, are right to about a tenth of a
	// logarithm; those of sounds are seldom nearer.
	solverSteps = 100
)

// GriffinLim makes sound of a log-mel spectrogram (T,Bands) of [Mel.Log]: T·Hop samples, those of the last iteration of
// the fast algorithm of Perraudin, Balazs and Søndergaard ("A fast Griffin-Lim algorithm", 2013) from random phases.
// More iterations are better, 32 to 64 are usual; below 1 counts as 1. A part of a frame at the end is ignored. The same
// seed gives the same sound.
func (m *Mel) GriffinLim(logMel []float32, iterations int, seed uint64) []float32 {
	iterations = max(iterations, 1)
	frames, bins := len(logMel)/m.c.Bands, m.stft.Bins()
	n := frames * m.c.Hop
	if n == 0 {
		return nil
	}
	magnitudes := make([]float32, frames*bins)
	for t := range frames {
		m.magnitudes(magnitudes[t*bins:][:bins], logMel[t*m.c.Bands:][:m.c.Bands])
	}
	r := rand.New(rand.NewPCG(seed, 0))
	guess := make([]complex64, len(magnitudes))
	for i := range guess {
		guess[i] = complex(float32(r.NormFloat64()), float32(r.NormFloat64()))
	}
	var sound []float32
	last, next := make([]complex64, 0, len(guess)), make([]complex64, 0, len(guess))
	for i := range iterations {
		impose(guess, magnitudes)
		sound = m.stft.Inverse(sound[:0], guess, n)
		if i == iterations-1 {
			break
		}
		// What is the transform of a sound, and beyond that as far again as the last step went.
		next = m.stft.Forward(next[:0], sound)
		copy(guess, next)
		for j, v := range last {
			guess[j] += complex(momentum*(real(next[j])-real(v)), momentum*(imag(next[j])-imag(v)))
		}
		last, next = next, last
	}
	return sound
}

// impose gives each number its magnitude and leaves its phase; 0 has phase 0.
func impose(spectrum []complex64, magnitudes []float32) {
	for i, v := range spectrum {
		if a := abs(v); a > 0 {
			k := magnitudes[i] / a
			spectrum[i] = complex(k*real(v), k*imag(v))
		} else {
			spectrum[i] = complex(magnitudes[i], 0)
		}
	}
}

// magnitudes sets dst (F) to magnitudes of which the bands of one frame are the weighted sums, or nearly. There are more
// frequencies than bands; the multiplicative steps of Lee and Seung ("Algorithms for non-negative matrix factorization",
// 2001) find an answer that has no negative ones and keeps near to where it began, which is flat within a band.
func (m *Mel) magnitudes(dst, logMel []float32) {
	bands, gain, share := make([]float32, len(logMel)), make([]float32, len(dst)), make([]float32, len(dst))
	for b, f := range m.filters {
		bands[b] = magnitudeOf(logMel[b])
		var total float32
		for _, w := range f.weights {
			total += w
		}
		for i, w := range f.weights {
			gain[f.start+i] += w
			share[f.start+i] += w * bands[b] / total
		}
	}
	for k := range dst {
		dst[k] = 0
		if gain[k] > 0 {
			dst[k] = share[k] / gain[k]
		}
	}
	for range solverSteps {
		clear(share)
		clear(gain)
		for b, f := range m.filters {
			sum := f.of(dst)
			for i, w := range f.weights {
				share[f.start+i] += w * bands[b]
				gain[f.start+i] += w * sum
			}
		}
		for k := range dst {
			if gain[k] > 0 {
				dst[k] *= share[k] / gain[k]
			}
		}
	}
}

// magnitudeOf undoes the logarithm. A network may give anything; what is no sound becomes silence or a finite noise.
func magnitudeOf(v float32) float32 {
	const loudest = 20
	if v != v {
		return 0
	}
	return float32(math.Exp(min(float64(v), loudest)))
}
