package audio

// mostGain bounds by how much a pass of correction makes a frequency louder.
const mostGain = 4

// leastBand is added to a band before it is divided by: what is silent stays so.
const leastBand = 1e-6

// Magnitudes appends to dst the magnitudes of which log-mel values are the logarithms.
func Magnitudes(dst, logMel []float32) []float32 {
	for _, v := range logMel {
		dst = append(dst, magnitudeOf(v))
	}
	return dst
}

// Correct scales a spectrum (F), in place, so that its bands come nearer to those of a frame of mel magnitudes (Bands): each
// frequency by how much too quiet the bands are that it is part of, in the mean by their weights. Phases stay.
//
// Spectra of a sound that were corrected are hardly ever those of a sound, but the inverse transform finds the nearest
// one: repeated, it is a projection onto sounds and one onto frames in turns, as in the algorithm of Griffin and Lim, but
// for what the bands leave open, which stays as it is.
func (m *Mel) Correct(spectrum []complex64, magnitudes []float32) {
	for i, v := range spectrum {
		m.magnitude[i] = abs(v)
	}
	clear(m.gain)
	for b, f := range m.filters {
		ratio := min(magnitudes[b]/(f.of(m.magnitude)+leastBand), mostGain)
		gain := m.gain[f.start:][:len(f.weights)]
		for i, w := range f.weights {
			gain[i] += w * ratio
		}
	}
	for i, w := range m.weight {
		if w > 0 {
			g := m.gain[i] / w
			spectrum[i] = complex(g*real(spectrum[i]), g*imag(spectrum[i]))
		}
	}
}
