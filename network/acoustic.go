package network

import (
	"fmt"
	"math/rand/v2"

	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/element/speech"
	"github.com/stride-ml/stride/tensor"
)

// AcousticConfig gives the sizes of an acoustic network.
type AcousticConfig struct {
	Symbols  int // that a unit of speech can have
	Speakers int
	Bands    int // of a log-mel frame
	Rate     int // samples a second
	Hop      int // samples a frame
	Group    int // frames of a position, which a pass of ar makes
	Dim      int // C, width of the residual stream
	FFN      int
	Kernel   int // positions that a convolution sees, odd
	Encoder  int // layers over units
	Causal   int // layers of ar
	Flow     int // layers of nar and refine
}

// Validate reports the first size that does not make sense.
func (c AcousticConfig) Validate() error {
	err := checkLimits([]limit{
		{"symbols", c.Symbols, maxVocab}, {"speakers", c.Speakers, 1 << 16}, {"mel bands", c.Bands, 1 << 12}, {"sample rate", c.Rate, 768000},
		{"hop", c.Hop, maxSynth}, {"frames of a position", c.Group, 64}, {"width", c.Dim, maxWidth}, {"feed-forward width", c.FFN, maxWidth},
		{"kernel", c.Kernel, maxKernel}, {"layers of the encoder", c.Encoder, maxLayers}, {"layers of ar", c.Causal, maxLayers},
		{"layers of nar and refine", c.Flow, maxLayers},
	})
	if err != nil {
		return err
	}
	if c.Kernel%2 == 0 {
		return fmt.Errorf("network: kernel of %d positions, want an odd number", c.Kernel)
	}
	if err := c.Mel().Validate(); err != nil {
		return fmt.Errorf("network: spectrogram: %w", err)
	}
	return nil
}

// Mel is the spectrogram whose frames the network makes.
func (c AcousticConfig) Mel() audio.MelConfig { return melConfig(c.Rate, c.Hop, c.Bands) }

// values is the number of values of a position.
func (c AcousticConfig) values() int { return c.Group * c.Bands }

// prenet is the width through which ar sees its own frames: little, so that it
// listens to what is to be said.
func (c AcousticConfig) prenet() int { return c.Dim / 2 }

// weights is the number of weights of a network of these sizes.
func (c AcousticConfig) weights() int {
	d, v := c.Dim, c.values()
	encoder := d*(c.Symbols+speech.Places+c.Speakers) + (c.Encoder+predictorLayers)*convBlockWeights(d, c.FFN, c.Kernel) + 2*d + prosody*(d+1)
	condition := d * (2 + c.Group*(d+places) + 1)
	causal := d*(c.prenet()+d+v+1) + c.prenet()*v + v + c.Causal*convBlockWeights(d, c.FFN, c.Kernel)
	flow := d*(v+2*frequencies+2*d+v+1) + v + c.Flow*(convBlockWeights(d, c.FFN, c.Kernel)+d*d)
	return encoder + condition + causal + flow
}

const (
	predictorLayers = 2
	prosody         = 3 // values predicted of a unit: length, pitch, energy
	places          = 3 // values that say where in its unit a frame is
)

// AcousticModel is the weights of an acoustic network: units of speech go in,
// log-mel frames come out, by any of three strategies on one trunk.
//
// Blocks of ConvNeXt over the units say how long each is, how high and how loud
// (as FastSpeech 2 does, Ren et al., arXiv 2006.04558); what is known of the unit
// is then laid under each of its frames, so that nothing has to be aligned while
// speaking. Above that are two decoders over positions of Group frames: a causal
// one that goes on from its own frames, for ar, and one that sees everything and
// predicts the finished frames from noisy ones, as [FlowModel] does, for nar and
// refine.
type AcousticModel struct {
	AcousticConfig
	MelNorm
	Voices []VoiceNorm // of each speaker

	Symbol, Place, Voice *tensor.Param // (symbols,C), (places,C), (speakers,C)
	encoder, predictor   []convBlock
	EncoderNorm          *tensor.Param   // (1,C)
	PredictorNorm        *tensor.Param   // (1,C)
	Prosody, ProsodyBias *tensor.Param   // (3,C), (1,3): log of 1 and the frames, pitch, energy
	Intonation           *tensor.Param   // (C,2): of pitch and energy
	Spread               []*tensor.Param // (C,C) for each frame of a position
	Within               *tensor.Param   // (C,3·Group)
	ConditionNorm        *tensor.Param   // (1,C)

	causal                []convBlock
	PrenetIn, PrenetOut   *tensor.Param // (C/2,Group·Bands), (C,C/2)
	CausalCondition       *tensor.Param // (C,C)
	CausalNorm            *tensor.Param // (1,C)
	CausalOut, CausalBias *tensor.Param // (Group·Bands,C), (1,Group·Bands)

	flow              []convBlock
	NoisyIn           *tensor.Param // (C,Group·Bands)
	TimeIn, TimeOut   *tensor.Param // (C,2F), (C,C)
	FlowCondition     *tensor.Param
	clocks            []*tensor.Param // (C,C) for each layer: its time
	FlowNorm          *tensor.Param
	FlowOut, FlowBias *tensor.Param
}

// VoiceNorm is what a speaker's pitch and energy are normalised by.
type VoiceNorm struct {
	Pitch, PitchDeviation   float32 // natural logarithm of hertz
	Energy, EnergyDeviation float32 // mean of a log-mel frame
}

// NewAcousticModel returns an acoustic network with all weights zero.
func NewAcousticModel(c AcousticConfig) (*AcousticModel, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	p := func(name string, out, in int) *tensor.Param { return tensor.NewParam(name+".weight", out, in) }
	norm := func(name string) *tensor.Param { return normParam(name+".weight", c.Dim) }
	blocks := func(name string, n int) (out []convBlock) {
		for i := range n {
			out = append(out, newConvBlock(fmt.Sprintf("%s.%d.", name, i), c.Dim, c.FFN, c.Kernel))
		}
		return out
	}
	d, v := c.Dim, c.values()
	m := &AcousticModel{
		AcousticConfig: c, MelNorm: newMelNorm(ArchitectureAcoustic, c.Bands), Voices: make([]VoiceNorm, c.Speakers),
		Symbol: p("symbol_embd", c.Symbols, d), Place: p("place_embd", speech.Places, d), Voice: p("voice_embd", c.Speakers, d),
		encoder: blocks("enc", c.Encoder), EncoderNorm: norm("enc_norm"),
		predictor: blocks("prosody", predictorLayers), PredictorNorm: norm("prosody_norm"),
		Prosody: p("prosody", prosody, d), ProsodyBias: normParam("prosody.bias", prosody),
		Intonation: p("intonation", d, 2), Within: p("within", d, places*c.Group), ConditionNorm: norm("condition_norm"),
		causal: blocks("ar", c.Causal), PrenetIn: p("prenet_in", c.prenet(), v), PrenetOut: p("prenet_out", d, c.prenet()),
		CausalCondition: p("ar_condition", d, d), CausalNorm: norm("ar_norm"), CausalOut: p("ar_output", v, d), CausalBias: normParam("ar_output.bias", v),
		flow: blocks("flow", c.Flow), NoisyIn: p("flow_in", d, v), TimeIn: p("time_in", d, 2*frequencies), TimeOut: p("time_out", d, d),
		FlowCondition: p("flow_condition", d, d), FlowNorm: norm("flow_norm"), FlowOut: p("flow_output", v, d), FlowBias: normParam("flow_output.bias", v),
	}
	for i := range m.Voices {
		m.Voices[i] = VoiceNorm{5, 1, 0, 1}
	}
	for i := range c.Group {
		m.Spread = append(m.Spread, p(fmt.Sprintf("spread.%d", i), d, d))
	}
	for i := range c.Flow {
		m.clocks = append(m.clocks, p(fmt.Sprintf("flow.%d.time", i), d, d))
	}
	return m, nil
}

// Params lists all weights in the order in which they are stored.
func (m *AcousticModel) Params() []*tensor.Param {
	ps := []*tensor.Param{m.Symbol, m.Place, m.Voice}
	add := func(blocks []convBlock, more ...*tensor.Param) {
		for i := range blocks {
			ps = append(ps, blocks[i].params()...)
		}
		ps = append(ps, more...)
	}
	add(m.encoder, m.EncoderNorm)
	add(m.predictor, m.PredictorNorm, m.Prosody, m.ProsodyBias, m.Intonation)
	add(nil, m.Spread...)
	add(nil, m.Within, m.ConditionNorm, m.PrenetIn, m.PrenetOut, m.CausalCondition)
	add(m.causal, m.CausalNorm, m.CausalOut, m.CausalBias, m.NoisyIn, m.TimeIn, m.TimeOut, m.FlowCondition)
	add(m.flow, m.clocks...)
	return append(ps, m.FlowNorm, m.FlowOut, m.FlowBias)
}

// Parameters is the number of weights.
func (m *AcousticModel) Parameters() int64 { return countParams(m.Params()) }

// Init draws the weights: normal with deviation 1/√inputs, embeddings 0.3; norms
// begin at 1, biases and what time adds at 0.
func (m *AcousticModel) Init(seed uint64) {
	initPlain(m.Params(), seed)
	rng := rand.New(rand.NewPCG(seed, 0xac0))
	for _, blocks := range [][]convBlock{m.encoder, m.predictor, m.causal, m.flow} {
		for i := range blocks {
			blocks[i].init(rng, len(blocks))
		}
	}
	for _, p := range []*tensor.Param{m.Symbol, m.Place, m.Voice} {
		drawNormal(rng, p.Data, 0.3)
	}
	for _, p := range []*tensor.Param{m.EncoderNorm, m.PredictorNorm, m.ConditionNorm, m.CausalNorm, m.FlowNorm} {
		fill(p.Data, 1)
	}
	silent := append([]*tensor.Param{m.ProsodyBias, m.CausalBias, m.FlowBias}, m.clocks...)
	for _, p := range silent {
		clear(p.Data)
	}
}

// Units is what utterances say: the units of all, one after another.
type Units struct {
	Symbols, Places, Speakers []int         // of each unit
	Spans                     []tensor.Span // the utterances
}

// Encode returns what the network knows of units (U,C), each in its context.
func (m *AcousticModel) Encode(r *tensor.Run, in Units, dropout float32) *tensor.Tensor {
	h := r.Add(r.Embed(m.Symbol, in.Symbols), r.Embed(m.Place, in.Places))
	h = r.Dropout(r.Add(h, r.Embed(m.Voice, in.Speakers)), dropout)
	for i := range m.encoder {
		h = m.encoder[i].apply(r, h, in.Spans, dropout)
	}
	return r.RMSNorm(h, m.EncoderNorm, convEps)
}

// Predict returns what units from [AcousticModel.Encode] are expected to be like
// (U,3): the natural logarithm of their frames and one more, their pitch and their
// energy, both normalised by [VoiceNorm].
func (m *AcousticModel) Predict(r *tensor.Run, units *tensor.Tensor, spans []tensor.Span, dropout float32) *tensor.Tensor {
	h := units
	for i := range m.predictor {
		h = m.predictor[i].apply(r, h, spans, dropout)
	}
	return r.AddTable(r.Linear(r.RMSNorm(h, m.PredictorNorm, convEps), m.Prosody), m.ProsodyBias)
}

// Layout is where the frames of utterances lie: which unit each is of.
type Layout struct {
	units  [][]int       // for each frame of a position, the unit at each position
	within []float32     // (P,3·Group)
	Spans  []tensor.Span // of the positions of each utterance
}

// NewLayout lays out units (utterances as in spans) that take so many frames. The
// last unit of an utterance takes what its last position has room for.
func (c AcousticConfig) NewLayout(frames []int, spans []tensor.Span) Layout {
	l := Layout{units: make([][]int, c.Group)}
	positions := 0
	for _, s := range spans {
		at := 0 // frame of the utterance
		for u := s.Start; u < s.Start+s.Len; u++ {
			n := frames[u]
			if u == s.Start+s.Len-1 {
				n += (c.Group - (at+n)%c.Group) % c.Group
			}
			for k := range n {
				l.units[at%c.Group] = append(l.units[at%c.Group], u)
				l.within = append(l.within, (float32(k)+0.5)/float32(n), float32(k+1)/frameScale, float32(n-k)/frameScale)
				at++
			}
		}
		l.Spans = append(l.Spans, tensor.Span{Start: positions, Len: at / c.Group})
		positions += at / c.Group
	}
	return l
}

// frameScale is the length of a long sound, in frames.
const frameScale = 20

// Positions is the number of positions.
func (l Layout) Positions() int { return len(l.units[0]) }

// Condition lays what is known of units (U,C), their pitch and energy (U,2), under
// the frames: (P,C).
func (m *AcousticModel) Condition(r *tensor.Run, units *tensor.Tensor, intonation []float32, l Layout) *tensor.Tensor {
	tune := r.New(units.Rows, 2)
	copy(tune.Data, intonation)
	units = r.Add(units, r.Linear(tune, m.Intonation))
	within := r.New(l.Positions(), places*m.Group)
	copy(within.Data, l.within)
	h := r.Linear(within, m.Within)
	for i, w := range m.Spread {
		h = r.Add(h, r.Gather(r.Linear(units, w), l.units[i]))
	}
	return r.RMSNorm(h, m.ConditionNorm, convEps)
}

// Continue returns the normalised frames (P,Group·Bands) that ar expects at each
// position, given those of the position before, previous (P,Group·Bands), zeros
// before the first, and the condition (P,C). Spans are utterances.
func (m *AcousticModel) Continue(r *tensor.Run, cond *tensor.Tensor, previous []float32, spans []tensor.Span, dropout float32) *tensor.Tensor {
	h := m.listen(r, cond, previous, dropout)
	for i := range m.causal {
		b := &m.causal[i]
		h = b.mix(r, h, r.CausalConv(h, b.Conv, spans), dropout)
	}
	return m.utter(r, h)
}

// listen is what ar's layers begin with.
func (m *AcousticModel) listen(r *tensor.Run, cond *tensor.Tensor, previous []float32, dropout float32) *tensor.Tensor {
	x := r.New(cond.Rows, m.values())
	copy(x.Data, previous)
	h := r.Dropout(r.Linear(r.SiLU(r.Linear(x, m.PrenetIn)), m.PrenetOut), dropout)
	return r.Add(h, r.Linear(cond, m.CausalCondition))
}

// utter is what they end with.
func (m *AcousticModel) utter(r *tensor.Run, h *tensor.Tensor) *tensor.Tensor {
	return r.AddTable(r.Linear(r.RMSNorm(h, m.CausalNorm, convEps), m.CausalOut), m.CausalBias)
}

// Finish returns the normalised frames (P,Group·Bands) that nar and refine expect
// in the end, given noisy ones x (P,Group·Bands), the time of each utterance, 0
// being noise and 1 speech, and the condition (P,C).
func (m *AcousticModel) Finish(r *tensor.Run, cond *tensor.Tensor, x, times []float32, spans []tensor.Span, dropout float32) *tensor.Tensor {
	noisy := r.New(cond.Rows, m.values())
	copy(noisy.Data, x)
	rows := make([]int, cond.Rows) // utterance of each position
	for i, s := range spans {
		for k := range s.Len {
			rows[s.Start+k] = i
		}
	}
	when := r.SiLU(clock(r, times, m.TimeIn, m.TimeOut))
	h := r.Add(r.Linear(noisy, m.NoisyIn), r.Linear(cond, m.FlowCondition))
	for i := range m.flow {
		h = m.flow[i].apply(r, r.Add(h, r.Gather(r.Linear(when, m.clocks[i]), rows)), spans, dropout)
	}
	return r.AddTable(r.Linear(r.RMSNorm(h, m.FlowNorm, convEps), m.FlowOut), m.FlowBias)
}

// FLOPs is the multiply-adds, times two, of one position in a pass of a strategy:
// that of ar, or else of nar and refine. What is done once for each unit is left
// out: there are few.
func (c AcousticConfig) FLOPs(ar bool) float64 {
	d, v := c.Dim, c.values()
	if ar {
		return 2 * float64(c.prenet()*(d+v)+d*(d+v)+c.Causal*convBlockWeights(d, c.FFN, c.Kernel))
	}
	return 2 * float64(d*(2*v+d)+c.Flow*convBlockWeights(d, c.FFN, c.Kernel))
}
