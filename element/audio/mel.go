package audio

import (
	"fmt"
	"math"
	"slices"
)

// MelConfig says how a log-mel spectrogram is made.
type MelConfig struct {
	Rate      int // Hz
	FFT       int // samples, a power of two
	Window    int // samples, at most FFT
	Hop       int // samples, even and at most half of Window
	Bands     int
	Low, High float64 // frequencies in Hz that the bands cover
	Floor     float64 // magnitudes below it count as it
}

// DefaultMel has 100 frames a second of 80 bands up to 8 kHz.
var DefaultMel = MelConfig{Rate: 16000, FFT: 1024, Window: 1024, Hop: 160, Bands: 80, Low: 0, High: 8000, Floor: 1e-5}

// Validate tells what cannot be.
func (c MelConfig) Validate() error {
	if err := checkRate(c.Rate); err != nil {
		return err
	}
	if err := c.STFT().Validate(); err != nil {
		return err
	}
	nyquist := float64(c.Rate) / 2
	switch {
	case c.Bands < 1 || c.Bands > c.FFT/2:
		return fmt.Errorf("audio: %d mel bands, want 1 to half of the FFT, %d", c.Bands, c.FFT/2)
	case !(c.Low >= 0 && c.Low < c.High && c.High <= nyquist):
		return fmt.Errorf("audio: mel bands from %g to %g Hz, want them between 0 and half of the rate, %g", c.Low, c.High, nyquist)
	case !(c.Floor > 0 && c.Floor <= 1):
		return fmt.Errorf("audio: mel floor %g, want above 0, at most 1", c.Floor)
	}
	for b, f := range c.filters() {
		if len(f.weights) == 0 {
			return fmt.Errorf("audio: mel band %d of %d is between two of the %d frequencies, want fewer bands or a longer FFT",
				b, c.Bands, c.FFT/2+1)
		}
	}
	return nil
}

// STFT is the transform whose magnitudes the bands are sums of.
func (c MelConfig) STFT() STFTConfig {
	return STFTConfig{FFT: c.FFT, Hop: c.Hop, Window: c.Window, Same: true}
}

// melFilter is a triangle over frequencies; it is 0 outside those it has weights for.
type melFilter struct {
	start   int // bin
	weights []float32
}

// filters are triangles that meet at their middles, which lie evenly on the mel scale of Slaney ("Auditory toolbox", 1998),
// each of an area of 2 over Hz: what librosa has unless told otherwise.
func (c MelConfig) filters() []melFilter {
	low, high := melOf(c.Low), melOf(c.High)
	edge := func(i int) float64 { return hzOf(low + (high-low)*float64(i)/float64(c.Bands+1)) }
	filters := make([]melFilter, c.Bands)
	for b := range filters {
		left, middle, right := edge(b), edge(b+1), edge(b+2)
		for k := range c.FFT/2 + 1 {
			hz := float64(k) * float64(c.Rate) / float64(c.FFT)
			w := min((hz-left)/(middle-left), (right-hz)/(right-middle))
			if w <= 0 {
				continue
			}
			if len(filters[b].weights) == 0 {
				filters[b].start = k
			}
			filters[b].weights = append(filters[b].weights, float32(w*2/(right-left)))
		}
	}
	return filters
}

// The scale is linear to 1 kHz, which is 15, and logarithmic above: 27 more are a factor of 6.4.
const (
	melKnee  = 15.0
	hzKnee   = 1000.0
	melSteps = 27.0
	hzFactor = 6.4
)

func melOf(hz float64) float64 {
	if hz < hzKnee {
		return hz * melKnee / hzKnee
	}
	return melKnee + melSteps*math.Log(hz/hzKnee)/math.Log(hzFactor)
}

func hzOf(mel float64) float64 {
	if mel < melKnee {
		return mel * hzKnee / melKnee
	}
	return hzKnee * math.Pow(hzFactor, (mel-melKnee)/melSteps)
}

// Mel makes log-mel spectrograms, and sound of them. It is not safe for concurrent use.
type Mel struct {
	c         MelConfig
	stft      *STFT
	filters   []melFilter
	spectrum  []complex64
	magnitude []float32
	share     []float32 // gradients of magnitudes
	gain      []float32 // of each frequency, and
	weight    []float32 // the weights of its bands together, in Correct
}

// NewMel plans spectrograms; the error is that of [MelConfig.Validate].
func NewMel(c MelConfig) (*Mel, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	stft, err := NewSTFT(c.STFT())
	if err != nil {
		return nil, err
	}
	bins := stft.Bins()
	m := &Mel{c: c, stft: stft, filters: c.filters(), spectrum: make([]complex64, bins), magnitude: make([]float32, bins), share: make([]float32, bins),
		gain: make([]float32, bins), weight: make([]float32, bins)}
	for _, f := range m.filters {
		for i, w := range f.weights {
			m.weight[f.start+i] += w
		}
	}
	return m, nil
}

// Frames is the number of frames T = samples/Hop; frame t stands for samples t·Hop to (t+1)·Hop.
func (m *Mel) Frames(samples int) int { return m.stft.Frames(samples) }

// Log appends to dst the log-mel spectrogram of samples (T,Bands): the natural logarithm of the weighted sum of
// magnitudes of each band. Samples are continued at both ends by (FFT-Hop)/2 samples of reflection, as HiFi-GAN does it
// (Kong et al., 2020), so that there is a frame for every Hop samples; samples after the last whole Hop are left out.
func (m *Mel) Log(dst []float32, x []float32) []float32 {
	dst = slices.Grow(dst, m.Frames(len(x))*m.c.Bands)
	for t := range m.Frames(len(x)) {
		m.stft.Frame(m.spectrum, x, t)
		for k, v := range m.spectrum {
			m.magnitude[k] = abs(v)
		}
		for _, f := range m.filters {
			dst = append(dst, float32(math.Log(max(float64(f.of(m.magnitude)), m.c.Floor))))
		}
	}
	return dst
}

// of is the weighted sum of magnitudes.
func (f melFilter) of(magnitude []float32) float32 {
	var sum float32
	for i, w := range f.weights {
		sum += w * magnitude[f.start+i]
	}
	return sum
}

func abs(v complex64) float32 {
	return float32(math.Sqrt(float64(real(v)*real(v) + imag(v)*imag(v))))
}
