package network

import (
	"fmt"
	"math"

	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/tensor"
)

// WaveNetConfig gives the sizes of a network of samples.
type WaveNetConfig struct {
	Bands  int // of a log-mel frame
	Rate   int // samples a second
	Hop    int // samples a frame
	Parts  int // conditions of a frame, between frames interpolated: divides Hop
	Dim    int // C, width of the residual stream
	Layers int
	Cycle  int // layers after which dilations begin at 1 again; each doubles that of the layer before
	Cond   int // width of the condition
	Kernel int // conditions that the condition's convolution sees, odd
	Hidden int // width before the logits
}

// WaveLevels is how many values a sample can have, by the mu-law.
const WaveLevels = 256

// Validate reports the first size that does not make sense.
func (c WaveNetConfig) Validate() error {
	err := checkLimits([]limit{
		{"mel bands", c.Bands, 1 << 12}, {"sample rate", c.Rate, 768000}, {"hop", c.Hop, maxSynth}, {"conditions of a frame", c.Parts, maxSynth},
		{"width", c.Dim, maxWidth}, {"layers", c.Layers, maxLayers}, {"cycle", c.Cycle, 16}, {"width of the condition", c.Cond, maxWidth},
		{"kernel", c.Kernel, maxKernel}, {"hidden width", c.Hidden, maxWidth},
	})
	switch {
	case err != nil:
		return err
	case c.Kernel%2 == 0:
		return fmt.Errorf("network: kernel of %d conditions, want an odd number", c.Kernel)
	case c.Hop%c.Parts != 0:
		return fmt.Errorf("network: %d conditions of a frame of %d samples, want a divisor", c.Parts, c.Hop)
	}
	if err := c.Mel().Validate(); err != nil {
		return fmt.Errorf("network: spectrogram: %w", err)
	}
	return nil
}

// Mel is the spectrogram that goes in.
func (c WaveNetConfig) Mel() audio.MelConfig { return melConfig(c.Rate, c.Hop, c.Bands) }

// dilation is how far back the first tap of a layer lies.
func (c WaveNetConfig) dilation(layer int) int { return 1 << (layer % c.Cycle) }

// Past is how many samples before it a sample depends on.
func (c WaveNetConfig) Past() int {
	n := 1
	for i := range c.Layers {
		n += c.dilation(i)
	}
	return n
}

// step is the weights that work for each sample.
func (c WaveNetConfig) step() int { return c.Layers*5*c.Dim*c.Dim + c.Hidden*(c.Dim+WaveLevels) }

// condition is the weights that work for each condition.
func (c WaveNetConfig) condition() int { return c.Cond * (c.Kernel*c.Bands + 2*c.Dim*c.Layers) }

// weights is the number of weights of a network of these sizes.
func (c WaveNetConfig) weights() int {
	return c.step() + c.condition() + WaveLevels*c.Dim + c.Dim*(c.Layers+1) + c.Cond + WaveLevels
}

// FLOPs is the multiply-adds, times two, of one sample.
func (c WaveNetConfig) FLOPs() float64 {
	return 2 * (float64(c.step()) + float64(c.condition()*c.Parts)/float64(c.Hop))
}

// waveLayer is a gated causal convolution that is added to what it saw.
type waveLayer struct {
	Norm             *tensor.Param // (1,C)
	Gate, Up         *tensor.Param // (C,2C): of the sample some way back, and of this one
	CondGate, CondUp *tensor.Param // (C,Cond)
	Down             *tensor.Param // (C,C)
}

func newWaveLayer(i int, c WaveNetConfig) waveLayer {
	p := func(name string, out, in int) *tensor.Param {
		return tensor.NewParam(fmt.Sprintf("blk.%d.%s.weight", i, name), out, in)
	}
	return waveLayer{
		Norm: normParam(fmt.Sprintf("blk.%d.norm.weight", i), c.Dim), Gate: p("gate", c.Dim, 2*c.Dim), Up: p("up", c.Dim, 2*c.Dim),
		CondGate: p("cond_gate", c.Dim, c.Cond), CondUp: p("cond_up", c.Dim, c.Cond), Down: p("down", c.Dim, c.Dim),
	}
}

func (l *waveLayer) params() []*tensor.Param {
	return []*tensor.Param{l.Norm, l.Gate, l.Up, l.CondGate, l.CondUp, l.Down}
}

// WaveNetModel is the weights of a network that gives the probabilities of a
// sample's level given all levels before it and log-mel frames: a small WaveNet
// (van den Oord et al., arXiv 1609.03499). Where that has tanh times sigmoid there
// is SwiGLU, and in place of skip connections norms before each layer.
type WaveNetModel struct {
	WaveNetConfig
	MelNorm
	Levels         *tensor.Param // (256,C): of the sample before
	Cond, CondBias *tensor.Param // (Cond,K·Bands), (1,Cond)
	layers         []waveLayer
	Norm           *tensor.Param // (1,C)
	Hidden         *tensor.Param // (H,C)
	Head           *tensor.Param // (256,H)
}

// NewWaveNetModel returns a network with all weights zero.
func NewWaveNetModel(c WaveNetConfig) (*WaveNetModel, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	m := &WaveNetModel{
		WaveNetConfig: c, MelNorm: newMelNorm(ArchitectureWaveNet, c.Bands), Levels: tensor.NewParam("level_embd.weight", WaveLevels, c.Dim),
		Cond: tensor.NewParam("cond.weight", c.Cond, c.Kernel*c.Bands), CondBias: normParam("cond.bias", c.Cond), Norm: normParam("output_norm.weight", c.Dim),
		Hidden: tensor.NewParam("hidden.weight", c.Hidden, c.Dim), Head: tensor.NewParam("head.weight", WaveLevels, c.Hidden),
	}
	for i := range c.Layers {
		m.layers = append(m.layers, newWaveLayer(i, c))
	}
	return m, nil
}

// Params lists all weights in the order in which they are stored.
func (m *WaveNetModel) Params() []*tensor.Param {
	ps := []*tensor.Param{m.Levels, m.Cond, m.CondBias}
	for i := range m.layers {
		ps = append(ps, m.layers[i].params()...)
	}
	return append(ps, m.Norm, m.Hidden, m.Head)
}

// Init draws the weights: normal with deviation 1/√inputs, less where layers add
// up; norms begin at 1, the bias at 0.
func (m *WaveNetModel) Init(seed uint64) {
	initPlain(m.Params(), seed)
	for i := range m.layers {
		fill(m.layers[i].Norm.Data, 1)
		for k := range m.layers[i].Down.Data {
			m.layers[i].Down.Data[k] /= float32(math.Sqrt(float64(m.Layers)))
		}
	}
	fill(m.Norm.Data, 1)
	fill(m.CondBias.Data, 0)
}

// WaveBatch is the input of one evaluation.
type WaveBatch struct {
	Before []int         // levels of the samples before those that are asked for: (T·Hop)
	Mel    []float32     // (T,Bands)
	Spans  []tensor.Span // of frames, each an utterance
}

// States evaluates what the levels of samples are told by: (T·Hop,H), which
// [tensor.Run.CrossEntropy] turns into losses with Head.
func (m *WaveNetModel) States(r *tensor.Run, in WaveBatch) *tensor.Tensor {
	samples := make([]tensor.Span, len(in.Spans))
	for i, s := range in.Spans {
		samples[i] = tensor.Span{Start: s.Start * m.Hop, Len: s.Len * m.Hop}
	}
	cond := m.conditions(r, in.Mel, in.Spans)
	h := r.Embed(m.Levels, in.Before)
	for i := range m.layers {
		l := &m.layers[i]
		x := r.Dilate(r.RMSNorm(h, l.Norm, convEps), m.dilation(i), samples)
		gate, up := r.AddRepeated(r.Linear(x, l.Gate), r.Linear(cond, l.CondGate)), r.AddRepeated(r.Linear(x, l.Up), r.Linear(cond, l.CondUp))
		h = r.Add(h, r.Linear(r.SwiGLU(gate, up), l.Down))
	}
	return m.tell(r, h)
}

// tell is what comes after the layers, before the logits.
func (m *WaveNetModel) tell(r *tensor.Run, h *tensor.Tensor) *tensor.Tensor {
	return r.GELU(r.Linear(r.RMSNorm(h, m.Norm, convEps), m.Hidden))
}

// conditions are those of frames: (T·Parts,Cond).
func (m *WaveNetModel) conditions(r *tensor.Run, mel []float32, spans []tensor.Span) *tensor.Tensor {
	x := r.New(len(mel)/m.Bands*m.Parts, m.Bands)
	parts := make([]tensor.Span, len(spans))
	for i, s := range spans {
		parts[i] = tensor.Span{Start: s.Start * m.Parts, Len: s.Len * m.Parts}
		for k := range parts[i].Len {
			m.between(x.Row(parts[i].Start+k), mel[s.Start*m.Bands:], 0, s.Len, k)
		}
	}
	return m.listen(r, r.Window(x, m.Kernel, parts))
}

// listen is the condition's convolution, of windows (·,K·Bands).
func (m *WaveNetModel) listen(r *tensor.Run, windows *tensor.Tensor) *tensor.Tensor {
	return r.GELU(r.AddTable(r.Linear(windows, m.Cond), m.CondBias))
}

// between sets dst (Bands) to normalised values at the middle of part i of a
// sound, Parts for each frame, which stands for the middle of its samples. Of so
// many frames mel has those from the first on that are needed.
func (m *WaveNetModel) between(dst, mel []float32, first, frames, i int) {
	at := (float64(i)+0.5)/float64(m.Parts) - 0.5
	at = min(max(at, 0), float64(frames-1))
	t := int(at)
	share := float32(at - float64(t))
	this, next := mel[(t-first)*m.Bands:], mel[(min(t+1, frames-1)-first)*m.Bands:]
	for b := range dst {
		dst[b] = this[b] + share*(next[b]-this[b])
	}
	m.normalise(dst, dst)
}
