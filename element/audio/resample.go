package audio

import (
	"fmt"
	"math"
)

// The filter of [Sound.Resample].
const (
	passband  = 0.91  // of the lower half-rate; it is the stop band from 1 on
	stopband  = 100.0 // dB
	sincWidth = 2 * (stopband - 7.95) / 14.36 / (1 - passband)
)

// maxResampled bounds samples made, 1 GiB of them.
const maxResampled = 1 << 28

// Resample gives the sound at another rate in Hz: len·to/from samples, rounded up, the first at the same time as the first
// of the sound, which is silent before and after. Frequencies up to 0.91 of half of the lower rate keep their level to
// 0.001 dB, those above half of it are 100 dB down. It is a polyphase filter, a sinc under a window of Kaiser and Schafer
// ("On the use of the I0-sinh window for spectrum analysis", 1980), for any ratio of rates. It is an error if a rate is
// not 1 to 768,000 Hz, or if more than 2^28 samples would be made.
func (s Sound) Resample(rate int) (Sound, error) {
	if err := checkRate(s.Rate); err != nil {
		return Sound{}, err
	}
	if err := checkRate(rate); err != nil {
		return Sound{}, err
	}
	if rate == s.Rate {
		return Sound{append([]float32(nil), s.Samples...), rate}, nil
	}
	d := gcd(rate, s.Rate)
	up, down := int64(rate/d), int64(s.Rate/d)
	n := int64(len(s.Samples))
	made := n/down*up + (n%down*up+down-1)/down
	if made > maxResampled {
		return Sound{}, fmt.Errorf("audio: %d samples of %d Hz at %d Hz are %d, want at most %d", n, s.Rate, rate, made, maxResampled)
	}
	out := make([]float32, made)
	f := newPolyphase(up, down)
	// Every up-th sample made has the same weights, for its place between samples of the sound is the same.
	for phase := range min(up, made) {
		place := phase * down
		first, weights := place/up-int64(f.half)+1, f.weights(float64(place%up)/float64(up))
		for i := phase; i < made; i += up {
			out[i] = dot(weights, s.Samples, first)
			first += down
		}
	}
	return Sound{out, rate}, nil
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// dot is the sum of weights times samples from first on; samples outside x are 0.
func dot(weights []float64, x []float32, first int64) float32 {
	from, to := max(0, -first), min(int64(len(weights)), int64(len(x))-first)
	if from >= to {
		return 0
	}
	w := weights[from:to]
	x = x[first+from:][:len(w)]
	var a, b, c, d float64
	for len(w) >= 4 && len(x) >= 4 {
		a += w[0] * float64(x[0])
		b += w[1] * float64(x[1])
		c += w[2] * float64(x[2])
		d += w[3] * float64(x[3])
		w, x = w[4:], x[4:]
	}
	for i, v := range w {
		a += v * float64(x[i])
	}
	return float32(a + b + c + d)
}

// polyphase is a low-pass filter in units of samples of the sound.
type polyphase struct {
	half   int     // samples on each side
	cutoff float64 // in the middle of the transition, of the half-rate of the sound
	width  float64 // of the window on each side
	w      []float64
}

func newPolyphase(up, down int64) *polyphase {
	lower := min(1, float64(up)/float64(down))
	width := sincWidth / 2 / lower
	half := int(math.Ceil(width))
	return &polyphase{half: half, cutoff: lower * (1 + passband) / 2, width: width, w: make([]float64, 2*half)}
}

// weights are those of the samples around a place from 0 to 1 after the one in the middle, and sum to 1. They are
// overwritten by the next call.
func (f *polyphase) weights(place float64) []float64 {
	// The shape of the window for the depth of the stop band, by Kaiser's formula.
	const beta = 0.1102 * (stopband - 8.7)
	sum := 0.0
	for i := range f.w {
		t := float64(i-f.half+1) - place
		f.w[i] = 0
		if u := t / f.width; math.Abs(u) < 1 {
			f.w[i] = sinc(f.cutoff*t) * besselI0(beta*math.Sqrt(1-u*u))
		}
		sum += f.w[i]
	}
	for i := range f.w {
		f.w[i] /= sum
	}
	return f.w
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// besselI0 is the modified Bessel function of order 0, by its power series.
func besselI0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-17*sum; k++ {
		term *= x * x / (4 * k * k)
		sum += term
	}
	return sum
}
