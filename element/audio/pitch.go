package audio

import "fmt"

// Pitch is the fundamental frequency of a frame.
type Pitch struct {
	Hz     float32 // the best there is, voiced or not; 0 in silence
	Voiced bool
}

const (
	lowestPitch  = 60.0  // Hz
	highestPitch = 500.0 // Hz
	// The first dip below dipThreshold is the period, for deeper ones may be its multiples; without one it is the deepest,
	// and the frame is voiced if that is below voicedThreshold.
	dipThreshold    = 0.15
	voicedThreshold = 0.3
	silentLevel     = -60.0 // dBFS
)

// F0 estimates the fundamental frequency of speech, 60 to 500 Hz, for each of samples/hop frames. The middle of frame t is
// that of samples t·hop to (t+1)·hop, as in [Mel]; it is 50 ms long. The method is YIN, steps 1 to 5 (de Cheveigné and
// Kawahara, "YIN, a fundamental frequency estimator for speech and music", 2002). A hop below 1 and a rate below 2,000 Hz
// are errors.
func F0(s Sound, hop int) ([]Pitch, error) {
	if err := checkRate(s.Rate); err != nil {
		return nil, err
	}
	if s.Rate < 2000 || hop < 1 {
		return nil, fmt.Errorf("audio: pitch at %d Hz with a hop of %d, want at least 2000 Hz and 1", s.Rate, hop)
	}
	y, err := newYIN(s.Rate)
	if err != nil {
		return nil, err
	}
	out := make([]Pitch, len(s.Samples)/hop)
	for t := range out {
		out[t] = y.estimate(s.Samples, t*hop+hop/2-len(y.frame)/2)
	}
	return out, nil
}

// yin has what is needed for one frame after another.
type yin struct {
	rate              float64
	window            int // samples that are compared with later ones
	shortest, longest int // periods in samples
	fft               *FFT
	frame             []float32 // window + longest samples
	padded            []float32
	head, all         []complex64
	energy            []float64 // of the first samples of the frame, for each number of them
	dips              []float64 // the normalised difference, for each period
}

func newYIN(rate int) (*yin, error) {
	y := &yin{
		rate: float64(rate), window: rate / 30,
		shortest: int(float64(rate) / highestPitch), longest: int(float64(rate)/lowestPitch) + 1,
	}
	size := 2
	for size < y.window+y.longest {
		size *= 2
	}
	var err error
	if y.fft, err = NewFFT(size); err != nil {
		return nil, err
	}
	y.frame, y.padded = make([]float32, y.window+y.longest), make([]float32, size)
	y.head, y.all = make([]complex64, y.fft.Bins()), make([]complex64, y.fft.Bins())
	y.energy, y.dips = make([]float64, len(y.frame)+1), make([]float64, y.longest+1)
	return y, nil
}

// estimate is the pitch of the frame that begins at a sample; around x is silence.
func (y *yin) estimate(x []float32, start int) Pitch {
	clear(y.frame)
	from, to := max(0, -start), min(len(y.frame), len(x)-start)
	if from < to {
		copy(y.frame[from:to], x[start+from:])
	}
	if Level(y.frame) < silentLevel {
		return Pitch{}
	}
	y.differences()
	period, depth := y.period()
	return Pitch{float32(y.rate / period), depth < voicedThreshold}
}

// differences sets dips to the cumulative mean normalised difference, steps 2 and 3: the sum of squares of x[j] - x[j+τ] is
// the energy of either less twice their correlation.
func (y *yin) differences() {
	clear(y.padded[copy(y.padded, y.frame):])
	y.fft.Forward(y.all, y.padded)
	clear(y.padded[y.window:])
	y.fft.Forward(y.head, y.padded)
	for k, h := range y.head {
		a := y.all[k]
		y.all[k] = complex(real(h)*real(a)+imag(h)*imag(a), real(h)*imag(a)-imag(h)*real(a))
	}
	y.fft.Inverse(y.padded, y.all)
	for i, v := range y.frame {
		y.energy[i+1] = y.energy[i] + float64(v)*float64(v)
	}
	y.dips[0] = 1
	sum := 0.0
	for tau := 1; tau <= y.longest; tau++ {
		d := max(0, y.energy[y.window]+y.energy[y.window+tau]-y.energy[tau]-2*float64(y.padded[tau]))
		sum += d
		y.dips[tau] = 1
		if sum > 0 {
			y.dips[tau] = d * float64(tau) / sum
		}
	}
}

// period is that of the frame in samples, and how deep the dip is, steps 4 and 5.
func (y *yin) period() (period, depth float64) {
	best := y.shortest
	for tau := y.shortest; tau < y.longest; tau++ {
		if y.dips[tau] < y.dips[best] {
			best = tau
		}
		if y.dips[best] < dipThreshold && y.dips[tau+1] >= y.dips[tau] {
			break
		}
	}
	before, at, after := y.dips[best-1], y.dips[best], y.dips[best+1]
	shift := 0.0
	if curve := before - 2*at + after; curve > 0 {
		shift = min(max((before-after)/(2*curve), -0.5), 0.5)
	}
	return float64(best) + shift, at
}
