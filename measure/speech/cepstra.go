package speech

import (
	"fmt"
	"math"

	"github.com/stride-ml/stride/element/audio"
)

// order is the number of mel-cepstral coefficients that are compared, without the
// one of the level.
const order = 24

// cepstra returns the mel-cepstra of a sound (T,order): coefficients 1 to 24 of
//
//	c(k) = 2/B Σ L(b) cos(πk(b+½)/B)
//
// L being the log-mel frame, of which c(0)/2 + Σ c(k) cos(πk(b+½)/B) over all B
// coefficients is the inverse. These are the coefficients of the discrete cosine
// transform, type 2, in the scale in which mel-cepstra are given: those of ln|H|.
func cepstra(s audio.Sound) ([]float64, error) {
	mel, err := audio.NewMel(mels)
	if err != nil {
		return nil, err
	}
	bands := mels.Bands
	var waves [order][]float64
	for k := range waves {
		waves[k] = make([]float64, bands)
		for b := range waves[k] {
			waves[k][b] = 2 / float64(bands) * math.Cos(math.Pi*float64(k+1)*(float64(b)+0.5)/float64(bands))
		}
	}
	logs := mel.Log(nil, s.Samples)
	out := make([]float64, 0, len(logs)/bands*order)
	for ; len(logs) >= bands; logs = logs[bands:] {
		for _, wave := range waves {
			var sum float64
			for b, w := range wave {
				sum += w * float64(logs[b])
			}
			out = append(out, sum)
		}
	}
	return out, nil
}

// apart is the distance of two mel-cepstra (order).
func apart(a, b []float64) float64 {
	a, b = a[:order], b[:order]
	var sum float64
	for k, v := range a {
		sum += (v - b[k]) * (v - b[k])
	}
	return math.Sqrt(sum)
}

// MelCepstralDistortion returns the mean distance, along the path, of the
// mel-cepstra of two sounds in dB, after Kubichek, "Mel-cepstral distance measure
// for objective speech quality assessment", 1993:
//
//	10/ln 10 · √(2 Σ (c(k) - c'(k))²), k from 1 to 24
//
// which is the root mean square over the mel scale of the difference of the
// smoothed spectra in dB, the level left out. It differs from the figures of
// papers, and compares with nothing but itself, because
//
//   - cepstra are the cosine transform of log-mel frames of audio.DefaultMel, as
//     vocoders are given; there they are fitted to the spectrum (SPTK) or to an
//     envelope between harmonics (WORLD), on a scale bent by an all-pass filter;
//   - frames are 64 ms long, so that low harmonics are told apart and a change of
//     pitch counts a little; there the pitch is mostly taken out before;
//   - all frames count, those of silence too, where what differs is noise; in some
//     papers silence is cut off.
//
// A vocoder is given the very frames that this looks at, so its figure is far below
// those of papers: Griffin-Lim has 0.9 dB. Bands without any sound are at the floor of
// the frames, far from a little noise: a sound without its highest frequencies is
// worse than it sounds.
//
// It is deaf to the level, to phase and to buzz between the harmonics, and hears
// speech that is blurred over time as near: the mean of all answers has a lower
// distortion than any of them. Along a path of [Warp] it is also deaf to timing,
// and the less alike two sounds are, the more a path finds to gain.
//
// Errors are those of sounds that cannot be compared (another rate than 16 kHz, no
// frame, a sample that is not finite) and a path outside of their frames.
func MelCepstralDistortion(reference, made audio.Sound, path Path) (float64, error) {
	a, b, err := pair(reference, made)
	if err == nil {
		err = checkPath(path, reference, made)
	}
	if err != nil {
		return 0, fmt.Errorf("mel-cepstral distortion: %w", err)
	}
	return distortion(a, b, path), nil
}

func distortion(a, b []float64, path Path) float64 {
	var sum float64
	for _, s := range path {
		sum += apart(a[s.Reference*order:], b[s.Made*order:])
	}
	return 10 / math.Ln10 * math.Sqrt2 * sum / float64(len(path))
}

// pair checks two sounds and returns their mel-cepstra.
func pair(reference, made audio.Sound) (a, b []float64, err error) {
	if err = checkPair(reference, made); err != nil {
		return nil, nil, err
	}
	if a, err = cepstra(reference); err != nil {
		return nil, nil, err
	}
	b, err = cepstra(made)
	return a, b, err
}
