package speech

import (
	"fmt"
	"math"

	"github.com/stride-ml/stride/element/audio"
)

// Spectral is how far the spectrogram of what was made is from that of the
// reference, the mean of three resolutions.
type Spectral struct {
	// Convergence is the root of the sum of squares of the difference of magnitudes,
	// over that of the magnitudes of the reference: 0 to √2 and more, mostly of what is loud.
	Convergence float64
	// LogMagnitude is the mean absolute difference of the natural logarithms of
	// magnitudes; times 8.69 it is in dB. What is faint counts as much as what is loud.
	LogMagnitude float64
}

// leastPower is what squared magnitudes are raised to, as the authors' code has it.
const leastPower = 1e-7

// SpectralDistance compares two sounds of the same timing by their short-time
// Fourier transforms, after Yamamoto et al., "Parallel WaveGAN", arXiv 1910.11480,
// equations 4 to 6, at the resolutions of its table 1 (audio.MultiResolution), as
// far as both sounds go.
//
// It is deaf to phase. To all else it is strict: a shift by half a frame, a pitch a
// little too high and fresh noise in place of the noise of the reference are far
// from it, though nobody hears the difference. Fresh noise for noise has a
// Convergence of √(2 - π/2) = 0.66 and a LogMagnitude of ln 2 = 0.69, so sounds that
// are hissed or silent keep it from 0. A vocoder that was trained by this distance is
// flattered.
//
// Errors are those of [Straight].
func SpectralDistance(reference, made audio.Sound) (Spectral, error) {
	d, err := spectral(reference, made)
	if err != nil {
		return Spectral{}, fmt.Errorf("spectral distance: %w", err)
	}
	return d, nil
}

func spectral(reference, made audio.Sound) (Spectral, error) {
	if _, err := Straight(reference, made); err != nil {
		return Spectral{}, err
	}
	n := min(len(reference.Samples), len(made.Samples))
	var mean Spectral
	for _, c := range audio.MultiResolution {
		stft, err := audio.NewSTFT(c)
		if err != nil {
			return Spectral{}, err
		}
		d := spectra(stft.Forward(nil, reference.Samples[:n]), stft.Forward(nil, made.Samples[:n]))
		mean.Convergence += d.Convergence / float64(len(audio.MultiResolution))
		mean.LogMagnitude += d.LogMagnitude / float64(len(audio.MultiResolution))
	}
	return mean, nil
}

// spectra compares two transforms of the same shape.
func spectra(a, b []complex64) Spectral {
	var off, norm, logs float64
	for i, v := range a {
		p, q := power(v), power(b[i])
		d := math.Sqrt(p) - math.Sqrt(q)
		off += d * d
		norm += p
		logs += math.Abs(math.Log(p/q)) / 2
	}
	return Spectral{Convergence: math.Sqrt(off / norm), LogMagnitude: logs / float64(len(a))}
}

// power is the squared magnitude, or leastPower if that is more.
func power(v complex64) float64 {
	re, im := float64(real(v)), float64(imag(v))
	return max(re*re+im*im, leastPower)
}
