package network

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/tensor"
)

// Discriminators tell recorded sound from that of a vocoder while one is
// trained. Some look at every p-th sample, after the multi-period discriminators
// of HiFi-GAN (Kong et al., arXiv 2010.05646); some at spectra of several
// resolutions, after UnivNet (Jang et al., arXiv 2106.07889). Both are small: an
// hour of speech trains them on two cores.
type Discriminators struct {
	samples int // of a sound
	periods []periodDiscriminator
	spectra []spectrumDiscriminator
}

// Verdict is what one discriminator makes of sounds.
type Verdict struct {
	Score    *tensor.Tensor   // (places,1): above 0 for recorded, below for made
	Features []*tensor.Tensor // what it noticed on the way
}

// discriminatorPeriods share no divisor, so that together they see much.
var discriminatorPeriods = []int{2, 3, 5, 7, 11}

// discriminatorSpectra are short windows as well as long ones.
var discriminatorSpectra = []audio.STFTConfig{
	{FFT: 256, Hop: 64, Window: 256, Same: true}, {FFT: 512, Hop: 128, Window: 512, Same: true}, {FFT: 1024, Hop: 256, Window: 1024, Same: true},
}

const (
	// discriminatorSamples divides the length of the sounds.
	discriminatorSamples = 2048 // 8 frames of the longest hop, as patches of 4 joined by 2 need
	// discriminatorSlope is that of leaky rectifiers below 0.
	discriminatorSlope = 0.1
	// speechGain brings speech to deviations of about 1.
	speechGain = 10
)

// NewDiscriminators returns discriminators, all weights zero, of at most so many
// sounds at a time, each of at most so many samples.
func NewDiscriminators(sounds, samples int) (*Discriminators, error) {
	if samples < 1 || samples > 1<<24 {
		return nil, fmt.Errorf("network: discriminators of %d samples, want 1 to %d", samples, 1<<24)
	}
	d := &Discriminators{samples: (samples + discriminatorSamples - 1) / discriminatorSamples * discriminatorSamples}
	for _, p := range discriminatorPeriods {
		d.periods = append(d.periods, newPeriodDiscriminator(p))
	}
	for _, c := range discriminatorSpectra {
		s, err := newSpectrumDiscriminator(c, sounds)
		if err != nil {
			return nil, err
		}
		d.spectra = append(d.spectra, s)
	}
	return d, nil
}

// Params lists all weights.
func (d *Discriminators) Params() (ps []*tensor.Param) {
	for i := range d.periods {
		ps = append(ps, paramsOf(d.periods[i].layers)...)
	}
	for i := range d.spectra {
		ps = append(ps, paramsOf(d.spectra[i].layers)...)
		ps = append(ps, d.spectra[i].pitch)
	}
	return ps
}

// Init draws the weights: with deviation √(2/inputs) as suits rectifiers (He et
// al., arXiv 1502.01852), biases 0.
func (d *Discriminators) Init(seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 0xd15))
	for _, p := range d.Params() {
		if p.NoDecay {
			fill(p.Data, 0)
		} else {
			drawNormal(rng, p.Data, math.Sqrt(2/float64(p.In)))
		}
		p.Update()
	}
}

// Freeze says whether Judge lets gradients pass to the sounds only.
func (d *Discriminators) Freeze(frozen bool) {
	for _, p := range d.Params() {
		p.Frozen = frozen
	}
}

// Judge evaluates sounds, wave (T,Hop) with the samples of each span one after
// another. Sounds that are shorter than the discriminators' are followed by
// silence.
func (d *Discriminators) Judge(r *tensor.Run, wave *tensor.Tensor, spans []tensor.Span) []Verdict {
	x := d.pad(r, wave, spans)
	var out []Verdict
	for i := range d.periods {
		out = append(out, d.periods[i].judge(r, x))
	}
	for i := range d.spectra {
		out = append(out, d.spectra[i].judge(r, x))
	}
	return out
}

// pad brings sounds to one length: (spans,samples).
func (d *Discriminators) pad(r *tensor.Run, wave *tensor.Tensor, spans []tensor.Span) *tensor.Tensor {
	x := r.New(len(spans), d.samples)
	part := func(s tensor.Span) (from, to int) {
		return s.Start * wave.Cols, s.Start*wave.Cols + min(s.Len*wave.Cols, d.samples)
	}
	for i, s := range spans {
		from, to := part(s)
		clear(x.Row(i)[copy(x.Row(i), wave.Data[from:to]):])
	}
	r.Custom(wave, x, func(dx, dy []float32) {
		for i, s := range spans {
			from, to := part(s)
			for j, g := range dy[i*d.samples:][:to-from] {
				dx[from+j] += g
			}
		}
	})
	return x
}

// biased is a matrix with biases.
type biased struct{ weight, bias *tensor.Param }

func newBiased(name string, out, in int) biased {
	return biased{tensor.NewParam(name+".weight", out, in), normParam(name+".bias", out)}
}

func paramsOf(layers []biased) (ps []*tensor.Param) {
	for _, l := range layers {
		ps = append(ps, l.weight, l.bias)
	}
	return ps
}

// periodDiscriminator folds sound into columns, one for each sample of a period,
// and looks along each by itself.
type periodDiscriminator struct {
	period int
	layers []biased
}

const (
	periodStride  = 3 // by which a convolution shortens a column
	periodStrips  = 3 // what it sees, in strides
	periodShorter = 3 // how many shorten
)

// periodWidths are the channels of the layers.
var periodWidths = []int{16, 48, 96, 96}

func newPeriodDiscriminator(period int) periodDiscriminator {
	d := periodDiscriminator{period: period}
	in := 1
	for i, width := range periodWidths {
		if i < periodShorter {
			in *= periodStride
		}
		d.layers = append(d.layers, newBiased(fmt.Sprintf("period.%d.%d", period, i), width, periodStrips*in))
		in = width
	}
	d.layers = append(d.layers, newBiased(fmt.Sprintf("period.%d.out", period), 1, periodStrips*in))
	return d
}

// judge evaluates sounds x (B,samples). Samples at the end that fill no stride
// are not looked at.
func (d *periodDiscriminator) judge(r *tensor.Run, x *tensor.Tensor) (v Verdict) {
	const shrink = periodStride * periodStride * periodStride // periodShorter of them
	length := x.Cols / (d.period * shrink) * shrink
	h := d.fold(r, x, length)
	var spans []tensor.Span // of the columns
	for i, l := range d.layers {
		if i < periodShorter {
			length /= periodStride
			h = r.Reshape(h, h.Rows/periodStride, h.Cols*periodStride)
			spans = make([]tensor.Span, x.Rows*d.period)
			for k := range spans {
				spans[k] = tensor.Span{Start: k * length, Len: length}
			}
		}
		h = r.AddTable(r.Linear(r.Window(h, periodStrips, spans), l.weight), l.bias)
		if i < len(d.layers)-1 {
			h = r.LeakyReLU(h, discriminatorSlope)
			v.Features = append(v.Features, h)
		}
	}
	v.Score = h
	return v
}

// fold gives each column of so many samples rows of its own: (B·period·length,1).
func (d *periodDiscriminator) fold(r *tensor.Run, x *tensor.Tensor, length int) *tensor.Tensor {
	p := d.period
	y := r.New(x.Rows*p*length, 1)
	r.Each(x.Rows, func(b int) {
		row, out := x.Row(b), y.Data[b*p*length:]
		for j := range p {
			for t := range length {
				out[j*length+t] = speechGain * row[t*p+j]
			}
		}
	})
	r.Custom(x, y, func(dx, dy []float32) {
		r.Each(x.Rows, func(b int) {
			row, in := dx[b*x.Cols:], dy[b*p*length:]
			for j := range p {
				for t := range length {
					row[t*p+j] += speechGain * in[j*length+t]
				}
			}
		})
	})
	return y
}

// spectrumDiscriminator looks at complex spectra as at pictures.
type spectrumDiscriminator struct {
	stft   audio.STFTConfig
	plans  []*audio.STFT // of each sound
	layers []biased
	pitch  *tensor.Param // (bins/4,·): what is expected where
}

// spectrumWidths are the channels over patches of 4 frames by 4 frequencies, then of 8 by 8.
var spectrumWidths = [2]int{32, 64}

func newSpectrumDiscriminator(c audio.STFTConfig, sounds int) (d spectrumDiscriminator, err error) {
	plans := make([]*audio.STFT, sounds)
	for i := range plans {
		if plans[i], err = audio.NewSTFT(c); err != nil {
			return d, fmt.Errorf("network: %w", err)
		}
	}
	a, b := spectrumWidths[0], spectrumWidths[1]
	name := func(s string) string { return fmt.Sprintf("spectrum.%d.%s", c.FFT, s) }
	d = spectrumDiscriminator{stft: c, plans: plans, pitch: tensor.NewParam(name("pitch"), c.FFT/8, a)}
	d.pitch.NoDecay = true
	d.layers = []biased{newBiased(name("0"), a, 9*32), newBiased(name("1"), b, 9*4*a), newBiased(name("2"), b, 9*b), newBiased(name("out"), 1, b)}
	return d, nil
}

func (d *spectrumDiscriminator) judge(r *tensor.Run, x *tensor.Tensor) (v Verdict) {
	g := tensor.Grid{B: x.Rows, H: x.Cols / d.stft.Hop, W: d.stft.FFT / 2}
	smaller := func(h *tensor.Tensor, p int) *tensor.Tensor {
		h = r.Patches(h, g, p)
		g.H, g.W = g.H/p, g.W/p
		return h
	}
	seen := func(h *tensor.Tensor, l biased) *tensor.Tensor {
		h = r.LeakyReLU(r.AddTable(h, l.bias), discriminatorSlope)
		v.Features = append(v.Features, h)
		return h
	}
	h := smaller(d.spectra(r, x), 4)
	h = seen(r.AddTable(r.Conv3x3(h, d.layers[0].weight, g), d.pitch), d.layers[0])
	h = smaller(h, 2)
	h = seen(r.Conv3x3(h, d.layers[1].weight, g), d.layers[1])
	h = seen(r.Conv3x3(h, d.layers[2].weight, g), d.layers[2])
	v.Score = r.AddTable(r.Linear(h, d.layers[3].weight), d.layers[3].bias)
	return v
}

// compress is what a number of that squared magnitude is multiplied by so that
// the fourth root of its magnitude is left, and quiet parts are seen beside loud
// ones: power^(-3/8). slope is the derivative over that.
func compress(power float32) (gain, slope float32) {
	fourth := math.Sqrt(math.Sqrt(float64(power)))
	return float32(1 / (fourth * math.Sqrt(fourth))), -0.75 / power
}

// spectra transforms sounds x (B,samples): real and imaginary part of each frame
// and frequency but the highest, magnitudes compressed, (B·frames·FFT/2,2).
func (d *spectrumDiscriminator) spectra(r *tensor.Run, x *tensor.Tensor) *tensor.Tensor {
	const floor = 1e-4 // of squared magnitudes: -40 dB below a sine of full scale
	frames, half := x.Cols/d.stft.Hop, d.stft.FFT/2
	bins := half + 1
	all := make([]complex64, x.Rows*frames*bins)
	y := r.New(x.Rows*frames*half, 2)
	scale := float32(1 / math.Sqrt(0.375*float64(d.stft.FFT))) // white noise keeps its deviation
	r.Each(x.Rows, func(b int) {
		s := d.plans[b].Forward(all[b*frames*bins:][:0:frames*bins], x.Row(b))
		for t := range frames {
			row := y.Data[(b*frames+t)*2*half:][:2*half]
			for k := range half {
				re, im := scale*real(s[t*bins+k]), scale*imag(s[t*bins+k])
				gain, _ := compress(re*re + im*im + floor)
				row[2*k], row[2*k+1] = gain*re, gain*im
			}
		}
	})
	r.Custom(x, y, func(dx, dy []float32) {
		r.Each(x.Rows, func(b int) {
			s := all[b*frames*bins:][:frames*bins]
			for t := range frames {
				row := dy[(b*frames+t)*2*half:][:2*half]
				for k := range half {
					re, im := scale*real(s[t*bins+k]), scale*imag(s[t*bins+k])
					gain, slope := compress(re*re + im*im + floor)
					gr, gi := row[2*k], row[2*k+1]
					along := slope * (gr*re + gi*im)
					s[t*bins+k] = complex(scale*gain*(gr+along*re), scale*gain*(gi+along*im))
				}
				s[t*bins+half] = 0
			}
			d.plans[b].ForwardGrad(dx[b*x.Cols:][:x.Cols], s)
		})
	})
	return y
}
