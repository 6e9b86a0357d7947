package audio

import (
	"fmt"
	"math"
	"slices"
)

// STFTConfig says how sound is cut into frames.
type STFTConfig struct {
	FFT    int // samples that are transformed, a power of two
	Hop    int // samples from one frame to the next, at most half a window
	Window int // samples that the window covers, in the middle of those transformed
	// Same makes samples/Hop frames, frame t in the middle of samples t·Hop to (t+1)·Hop, as vocoders want it: there is
	// (FFT-Hop)/2 of padding. Without it there are samples/Hop+1 frames, frame t in the middle of sample t·Hop, as
	// librosa and PyTorch have it with center=True: the padding is FFT/2.
	Same bool
}

// MultiResolution are the transforms by which sounds are compared, so that neither time nor frequency can be traded away
// (Yamamoto et al., "Parallel WaveGAN", arXiv 1910.11480, table 1).
var MultiResolution = [...]STFTConfig{
	{FFT: 512, Hop: 50, Window: 240}, {FFT: 1024, Hop: 120, Window: 600}, {FFT: 2048, Hop: 240, Window: 1200},
}

// Validate tells what cannot be, or cannot be inverted.
func (c STFTConfig) Validate() error {
	switch {
	case c.FFT < 4 || c.FFT > maxFFT || c.FFT&(c.FFT-1) != 0:
		return fmt.Errorf("audio: FFT of %d samples, want a power of two from 4 to %d", c.FFT, maxFFT)
	case c.Window < 2 || c.Window > c.FFT:
		return fmt.Errorf("audio: window of %d samples, want 2 to the %d of the FFT", c.Window, c.FFT)
	case c.Hop < 1 || c.Hop > c.Window/2:
		return fmt.Errorf("audio: hop of %d samples, want 1 to half of the window, %d", c.Hop, c.Window/2)
	case c.Same && c.Hop%2 != 0:
		return fmt.Errorf("audio: hop of %d samples, want an even number for frames in the middle of it", c.Hop)
	}
	return nil
}

func (c STFTConfig) padding() int {
	if c.Same {
		return (c.FFT - c.Hop) / 2
	}
	return c.FFT / 2
}

// STFT is a short-time Fourier transform with a periodic Hann window, and its inverse. Sound is continued at both ends by
// reflection. It is not safe for concurrent use.
type STFT struct {
	c        STFTConfig
	fft      *FFT
	window   []float32
	frame    []float32
	spectrum []complex64
	sum      []float32 // of frames, and
	weight   []float32 // of squares of windows, while inverting
}

// NewSTFT plans a transform; the error is that of [STFTConfig.Validate].
func NewSTFT(c STFTConfig) (*STFT, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	fft, err := NewFFT(c.FFT)
	if err != nil {
		return nil, err
	}
	s := &STFT{c: c, fft: fft, window: make([]float32, c.FFT), frame: make([]float32, c.FFT), spectrum: make([]complex64, fft.Bins())}
	start := (c.FFT - c.Window) / 2
	for i := range c.Window {
		s.window[start+i] = float32(0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(c.Window)))
	}
	return s, nil
}

// Config is what the transform was planned for.
func (s *STFT) Config() STFTConfig { return s.c }

// Bins is the number of frequencies F = FFT/2+1.
func (s *STFT) Bins() int { return s.fft.Bins() }

// Frames is the number of frames T of so many samples; no samples have none.
func (s *STFT) Frames(samples int) int {
	switch {
	case samples <= 0:
		return 0
	case s.c.Same:
		return samples / s.c.Hop
	}
	return samples/s.c.Hop + 1
}

// Forward appends to dst the transform of samples (T,F).
func (s *STFT) Forward(dst []complex64, x []float32) []complex64 {
	dst = slices.Grow(dst, s.Frames(len(x))*s.Bins())
	for t := range s.Frames(len(x)) {
		n := len(dst)
		dst = dst[:n+s.Bins()]
		s.Frame(dst[n:], x, t)
	}
	return dst
}

// Frame sets dst (F) to frame t of samples, of which there are some.
func (s *STFT) Frame(dst []complex64, x []float32, t int) {
	start := t*s.c.Hop - s.c.padding()
	if start >= 0 && start+s.c.FFT <= len(x) {
		for i, v := range x[start:][:len(s.frame)] {
			s.frame[i] = v * s.window[i]
		}
	} else {
		for i := range s.frame {
			s.frame[i] = x[reflect(start+i, len(x))] * s.window[i]
		}
	}
	s.fft.Forward(dst, s.frame)
}

// reflect brings an index into 0 to n-1 by reflection at both ends, as often as it takes; the ends are not repeated.
func reflect(i, n int) int {
	if n == 1 {
		return 0
	}
	period := 2 * (n - 1)
	i %= period
	if i < 0 {
		i += period
	}
	return min(i, period-i)
}

// leastWeight is the sum of squares of windows below which no frame is said to cover a sample.
const leastWeight = 1e-8

// Inverse appends to dst n samples of which spectrum (T,F) is the transform, or those whose transform is nearest to it in
// the sense of least squares, after Griffin and Lim ("Signal estimation from modified short-time Fourier transform",
// 1984). Samples that no frame covers are 0. A part of a frame at the end of spectrum is ignored.
func (s *STFT) Inverse(dst []float32, spectrum []complex64, n int) []float32 {
	if n <= 0 {
		return dst
	}
	pad, bins := s.c.padding(), s.Bins()
	s.sum = append(s.sum[:0], make([]float32, n)...)
	s.weight = append(s.weight[:0], make([]float32, n)...)
	for t := range len(spectrum) / bins {
		s.fft.Inverse(s.frame, spectrum[t*bins:][:bins])
		start := t*s.c.Hop - pad
		from, to := max(0, -start), min(s.c.FFT, n-start)
		if from >= to {
			continue
		}
		sum, weight := s.sum[start+from:][:to-from], s.weight[start+from:][:to-from]
		frame, window := s.frame[from:to], s.window[from:to]
		for i, w := range window {
			sum[i] += w * frame[i]
			weight[i] += w * w
		}
	}
	for i, w := range s.weight {
		if w > leastWeight {
			s.sum[i] /= w
		}
	}
	return append(dst, s.sum...)
}
