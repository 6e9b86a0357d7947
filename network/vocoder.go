package network

import (
	"fmt"

	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/tensor"
	"github.com/stride-ml/stride/tensor/kernel"
)

// VocoderConfig gives the sizes of a vocoder.
type VocoderConfig struct {
	Bands  int // of a log-mel frame
	Rate   int // samples a second
	FFT    int // samples of the inverse transform, a power of two
	Hop    int // samples a frame
	Dim    int // C, width of the residual stream
	Layers int
	FFN    int
	Kernel int // frames that a convolution sees, odd
}

const (
	maxKernel = 1 << 8  // frames
	maxSynth  = 1 << 14 // samples of the inverse transform
)

// Validate reports the first size that does not make sense.
func (c VocoderConfig) Validate() error {
	err := checkLimits([]limit{
		{"mel bands", c.Bands, 1 << 12}, {"sample rate", c.Rate, 768000}, {"FFT length", c.FFT, maxSynth}, {"hop", c.Hop, maxSynth},
		{"width", c.Dim, maxWidth}, {"layers", c.Layers, maxLayers}, {"feed-forward width", c.FFN, maxWidth}, {"kernel", c.Kernel, maxKernel},
	})
	if err != nil {
		return err
	}
	if c.Kernel%2 == 0 {
		return fmt.Errorf("network: kernel of %d frames, want an odd number", c.Kernel)
	}
	if err := c.STFT().Validate(); err != nil {
		return fmt.Errorf("network: inverse transform: %w", err)
	}
	if err := c.Mel().Validate(); err != nil {
		return fmt.Errorf("network: spectrogram: %w", err)
	}
	return nil
}

// STFT is the transform whose inverse makes the samples.
func (c VocoderConfig) STFT() audio.STFTConfig {
	return audio.STFTConfig{FFT: c.FFT, Hop: c.Hop, Window: c.FFT, Same: true}
}

// Mel is the spectrogram that goes in.
func (c VocoderConfig) Mel() audio.MelConfig { return melConfig(c.Rate, c.Hop, c.Bands) }

// Bins is the number of frequencies F of the inverse transform.
func (c VocoderConfig) Bins() int { return c.FFT/2 + 1 }

// Reach is how many frames on either side a frame's spectrum depends on.
func (c VocoderConfig) Reach() int { return (c.Layers + 1) * (c.Kernel / 2) }

// weights is the number of weights of a network of these sizes.
func (c VocoderConfig) weights() int {
	return c.Dim*(c.Kernel*c.Bands+3) + c.Layers*convBlockWeights(c.Dim, c.FFN, c.Kernel) + 2*c.Bins()*(c.Dim+1)
}

// FLOPs is the multiply-adds, times two, of one frame, transforms left out.
// Training takes three times as many.
func (c VocoderConfig) FLOPs() float64 { return 2 * float64(c.weights()) }

// VocoderModel is the weights of a vocoder after Vocos (Siuzdak, arXiv
// 2306.00814): blocks of ConvNeXt at the rate of the frames give magnitude and
// phase of each frequency, and one inverse short-time Fourier transform the
// samples.
type VocoderModel struct {
	VocoderConfig
	MelNorm
	convStack // Head (2F,C): log magnitudes, then phases
}

// NewVocoderModel returns a vocoder with all weights zero.
func NewVocoderModel(c VocoderConfig) (*VocoderModel, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &VocoderModel{c, newMelNorm(ArchitectureVocoder, c.Bands), newConvStack(c.Bands, 2*c.Bins(), c.Dim, c.FFN, c.Kernel, c.Layers)}, nil
}

// Init draws the weights.
func (m *VocoderModel) Init(seed uint64) { m.init(seed, 0x70c) }

// Heads evaluates log-mel frames mel (T,Bands), each span an utterance: log
// magnitude and phase of each frequency, (T,2F).
func (m *VocoderModel) Heads(r *tensor.Run, mel []float32, spans []tensor.Span) *tensor.Tensor {
	x := r.New(len(mel)/m.Bands, m.Bands)
	m.normalise(x.Data, mel)
	return m.apply(r, x, spans, 0)
}

// loudest bounds log magnitudes: a sine of full scale has 4.9 in an FFT of 512.
const loudest = 6

// spectrum sets dst (F) to the numbers that a row of heads (2F) stands for.
func spectrum(dst []complex64, row []float32) {
	logs, phases := row[:len(dst)], row[len(dst):]
	var re, im [256]float32
	for len(dst) > 0 {
		n := min(len(dst), len(re))
		kernel.Polar(re[:n], im[:n], logs, phases, loudest)
		for k := range n {
			dst[k] = complex(re[k], im[k])
		}
		dst, logs, phases = dst[n:], logs[n:], phases[n:]
	}
}

// spectrumGrad adds to drow (2F) the gradient in row, given that in spectrum
// values s: of a·exp(ip), a derivative by log a is s itself, and one by p is s
// turned by a quarter.
func spectrumGrad(drow, row []float32, s, ds []complex64) {
	for k, g := range ds {
		if row[k] < loudest {
			drow[k] += real(g)*real(s[k]) + imag(g)*imag(s[k])
		}
		drow[len(ds)+k] += imag(g)*real(s[k]) - real(g)*imag(s[k])
	}
}

// Synthesis makes samples of heads while training. Its memory holds what the
// backward step of the last call needs.
type Synthesis struct {
	c     VocoderConfig
	plans []synthesisPlan // of each span
}

type synthesisPlan struct {
	stft     *audio.STFT
	spectrum []complex64
	grad     []complex64
	samples  []float32
}

// NewSynthesis plans the transforms of a vocoder for so many spans at a time.
func NewSynthesis(c VocoderConfig, spans int) (*Synthesis, error) {
	s := &Synthesis{c: c, plans: make([]synthesisPlan, spans)}
	for i := range s.plans {
		stft, err := audio.NewSTFT(c.STFT())
		if err != nil {
			return nil, fmt.Errorf("network: %w", err)
		}
		s.plans[i].stft = stft
	}
	return s, nil
}

// Waveform makes the samples of heads (T,2F), each span an utterance: result
// (T,Hop), the samples of a span one after another. There are no more spans than
// were planned.
func (s *Synthesis) Waveform(r *tensor.Run, heads *tensor.Tensor, spans []tensor.Span) *tensor.Tensor {
	hop, bins := s.c.Hop, s.c.Bins()
	y := r.New(heads.Rows, hop)
	r.Each(len(spans), func(i int) {
		p, at := &s.plans[i], spans[i]
		p.spectrum = sized(p.spectrum, at.Len*bins)
		for t := range at.Len {
			spectrum(p.spectrum[t*bins:][:bins], heads.Row(at.Start+t))
		}
		p.samples = p.stft.Inverse(p.samples[:0], p.spectrum, at.Len*hop)
		copy(y.Data[at.Start*hop:], p.samples)
	})
	r.Custom(heads, y, func(dx, dy []float32) {
		r.Each(len(spans), func(i int) {
			p, at := &s.plans[i], spans[i]
			p.grad = p.stft.InverseGrad(p.grad[:0], dy[at.Start*hop:(at.Start+at.Len)*hop])
			for t := range at.Len {
				row := at.Start + t
				spectrumGrad(dx[row*heads.Cols:(row+1)*heads.Cols], heads.Row(row), p.spectrum[t*bins:][:bins], p.grad[t*bins:][:bins])
			}
		})
	})
	return y
}

// sized returns a slice of n elements, x itself if it has room.
func sized[T any](x []T, n int) []T {
	if cap(x) < n {
		return make([]T, n)
	}
	return x[:n]
}
