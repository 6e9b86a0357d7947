package speech

import (
	"fmt"
	"math"

	"github.com/stride-ml/stride/element/audio"
)

// Buzz is how strong the harmonic ripple of the spectrum is where the reference is
// unvoiced, in dB. It is never 0: noise has some 1.1 dB by chance.
type Buzz struct {
	Reference, Made float64 // NaN without frames
	Frames          int     // steps of the path where the reference is unvoiced
}

// Excess is how much stronger the ripple is than in the reference: above 0 what was
// made buzzes more.
func (b Buzz) Excess() float64 { return b.Made - b.Reference }

const (
	// Buzz has a pitch of 60 to 500 Hz, such as the 100 frames a second of a vocoder;
	// ripples of a longer distance in Hz are formants.
	lowestBuzz, highestBuzz = 60, 500
	// aside is how many frames on both sides must be unvoiced as well, so that the
	// 64 ms of a frame hold nothing of a voice.
	aside = 3
	// roundingPower is added to squared magnitudes: that of noise of -86 dBFS, above
	// that of rounding to 16 bits, so that what nobody hears is no buzz.
	roundingPower = 1e-6
)

// CompareBuzz compares what ripples regularly in the spectrum of steps where the
// reference is unvoiced: hisses, stops and silence, where regular pulses are what is
// heard as a metallic buzz. The ripple of a frame is the highest peak of its real
// cepstrum (Noll, "Cepstrum pitch determination", 1967) at periods of 2 to 16.7 ms;
// as the amplitude of a cosine along the frequencies, 3 dB are ±3 dB from harmonics
// to the valleys between. The figure is the mean over frames.
//
// It does not tell how loud the buzz is: in silence at -70 dBFS it counts as much as
// in a loud hiss. It is deaf to a single whistling tone, which makes no ripple, to
// buzz below 60 Hz or above 500 Hz, to ripples well below those of chance, and to
// metallic sound in voiced frames, where harmonics ought to be. Silence where a hiss
// should be has none, and noise that is smoother than chance has less, so an excess
// below 0 is no better than 0. Along a path of [Warp] that is not exact, the ends of voiced
// sounds count as buzz: compare [Straight] paths with each other and warped
// ones with each other.
//
// Errors are those of [MelCepstralDistortion].
func CompareBuzz(reference, made audio.Sound, path Path) (Buzz, error) {
	b, err := compareBuzz(reference, made, path)
	if err != nil {
		return Buzz{}, fmt.Errorf("buzz: %w", err)
	}
	return b, nil
}

func compareBuzz(reference, made audio.Sound, path Path) (Buzz, error) {
	err := checkPair(reference, made)
	if err == nil {
		err = checkPath(path, reference, made)
	}
	if err != nil {
		return Buzz{}, err
	}
	pitch, err := audio.F0(reference, mels.Hop)
	if err != nil {
		return Buzz{}, err
	}
	a, err := ripples(reference)
	if err != nil {
		return Buzz{}, err
	}
	b, err := ripples(made)
	if err != nil {
		return Buzz{}, err
	}
	unvoiced := away(pitch)
	var sum Buzz
	for _, s := range path {
		if unvoiced[s.Reference] {
			sum.Reference += a[s.Reference]
			sum.Made += b[s.Made]
			sum.Frames++
		}
	}
	sum.Reference /= float64(sum.Frames)
	sum.Made /= float64(sum.Frames)
	return sum, nil
}

// away tells for each frame whether it is away from all that is voiced.
func away(pitch []audio.Pitch) []bool {
	out := make([]bool, len(pitch))
	for t := range out {
		out[t] = true
		for _, p := range pitch[max(0, t-aside):min(len(pitch), t+aside+1)] {
			out[t] = out[t] && !p.Voiced
		}
	}
	return out
}

// ripples returns the ripple of each frame in dB.
func ripples(s audio.Sound) ([]float64, error) {
	stft, err := audio.NewSTFT(audio.STFTConfig{FFT: mels.FFT, Window: mels.Window, Hop: mels.Hop, Same: true})
	if err != nil {
		return nil, err
	}
	fft, err := audio.NewFFT(mels.FFT)
	if err != nil {
		return nil, err
	}
	shortest, longest := mels.Rate/highestBuzz, mels.Rate/lowestBuzz
	spectrum := stft.Forward(nil, s.Samples)
	cepstrum := make([]float32, mels.FFT)
	out := make([]float64, frames(s))
	for t := range out {
		frame := spectrum[t*stft.Bins():][:stft.Bins()]
		for k, v := range frame {
			p := float64(real(v))*float64(real(v)) + float64(imag(v))*float64(imag(v))
			frame[k] = complex(float32(10*math.Log10(p+roundingPower)), 0)
		}
		fft.Inverse(cepstrum, frame)
		for _, c := range cepstrum[shortest : longest+1] {
			out[t] = max(out[t], 2*float64(c))
		}
	}
	return out, nil
}
