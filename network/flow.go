package network

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/stride-ml/stride/tensor"
)

// FlowConfig gives the sizes of a flow network.
type FlowConfig struct {
	Width, Height, Channels int // of a picture; channels last
	Patch                   int // side of the square of pixels that is one position of the trunk
	Stem                    int // channels of the convolutions before and after the trunk
	Dim                     int // C, width of the residual stream
	Layers, Heads, FFN      int
	Text                    Config // of the caption encoder
}

const (
	maxSide    = 1 << 10 // of a picture's width and height
	maxCaption = 1 << 12 // tokens
)

// Validate reports the first size that does not make sense.
func (c FlowConfig) Validate() error {
	err := checkLimits([]limit{
		{"picture width", c.Width, maxSide}, {"picture height", c.Height, maxSide}, {"channels", c.Channels, 64},
		{"patch", c.Patch, 64}, {"stem width", c.Stem, 1 << 12}, {"width", c.Dim, maxWidth}, {"layers", c.Layers, maxLayers},
		{"heads", c.Heads, c.Dim}, {"feed-forward width", c.FFN, maxWidth},
	})
	if err != nil {
		return err
	}
	switch {
	case c.Width%c.Patch != 0 || c.Height%c.Patch != 0:
		return fmt.Errorf("network: patches of %d do not divide a picture of %dx%d", c.Patch, c.Width, c.Height)
	case c.Dim%c.Heads != 0:
		return fmt.Errorf("network: width %d does not divide into %d heads", c.Dim, c.Heads)
	}
	if err := c.Text.Validate(); err != nil {
		return fmt.Errorf("caption encoder: %w", err)
	}
	if c.MaxCaption() > maxCaption {
		return fmt.Errorf("network: captions of %d tokens, want at most %d", c.MaxCaption(), maxCaption)
	}
	return nil
}

// MaxCaption is the most tokens of a caption.
func (c FlowConfig) MaxCaption() int { return c.Text.Context }

// weights is the number of weights of a network of these sizes.
func (c FlowConfig) weights() int {
	d, patch := c.Dim, c.Patch*c.Patch*c.Stem
	layer := d * (10*d + 3*c.FFN)
	edges := 9*c.Stem*(2*c.Channels+c.Stem) + 2*d*patch + c.positions()*d
	return c.Text.weights() + d*c.Text.Width + d*c.Channels*(c.positions()+1) + 2*d*(2*frequencies+d) + c.Layers*layer + 2*d*d + edges
}

// positions is the number of patches.
func (c FlowConfig) positions() int { return c.Width / c.Patch * (c.Height / c.Patch) }

// flowBlock is a layer whose norms and residual branches are steered by time
// and caption: mod (6C) holds shift, scale and gate of either half.
type flowBlock struct {
	Mod, Q, K, V, O, Gate, Up, Down *tensor.Param
}

// FlowModel is the weights of a flow network: a transformer over patches with
// adaptive norms (DiT, Peebles and Xie, arXiv 2212.09748) between light
// convolutions over pixels. It predicts the finished object x̂ from a noisy one
// (as Li and He argue for large patches, arXiv 2511.13720), from which the
// velocity follows: (x̂ - x_t)/(1-t).
type FlowModel struct {
	FlowConfig
	Caption           *Trunk
	CaptionIn         *tensor.Param // (C,Ct)
	GuessOut, GuessIn *tensor.Param // (patches·Ch,C), (C,Ch)
	TimeIn, TimeOut   *tensor.Param // (C,2F), (C,C)
	SpanIn, SpanOut   *tensor.Param
	StemIn, PatchIn   *tensor.Param // (S,9·Ch), (C,p·p·S)
	Position          *tensor.Param // (patches,C)
	blocks            []flowBlock
	HeadMod, PatchOut *tensor.Param // (2C,C), (p·p·S,C)
	Mix, Head         *tensor.Param // (S,9·S), (Ch,9·S)
}

// frequencies is how many sines and as many cosines of a time the network sees.
const frequencies = 32

// NewFlowModel returns a flow network with all weights zero.
func NewFlowModel(c FlowConfig) (*FlowModel, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	caption, err := newTrunkNamed("caption.", c.Text)
	if err != nil {
		return nil, err
	}
	p := func(name string, out, in int) *tensor.Param { return tensor.NewParam(name+".weight", out, in) }
	d, patch := c.Dim, c.Patch*c.Patch*c.Stem
	m := &FlowModel{
		FlowConfig: c, Caption: caption, CaptionIn: p("caption_in", d, c.Text.Width),
		GuessOut: p("guess_out", c.positions()*c.Channels, d), GuessIn: p("guess_in", d, c.Channels),
		TimeIn: p("time_in", d, 2*frequencies), TimeOut: p("time_out", d, d),
		SpanIn: p("span_in", d, 2*frequencies), SpanOut: p("span_out", d, d),
		StemIn: p("stem", c.Stem, 9*c.Channels), PatchIn: p("patch_in", d, patch), Position: p("position", c.positions(), d),
		HeadMod: p("head_mod", 2*d, d), PatchOut: p("patch_out", patch, d), Mix: p("mix", c.Stem, 9*c.Stem), Head: p("head", c.Channels, 9*c.Stem),
	}
	m.Position.NoDecay = true
	for i := range c.Layers {
		b := func(name string, out, in int) *tensor.Param { return p(fmt.Sprintf("blk.%d.%s", i, name), out, in) }
		m.blocks = append(m.blocks, flowBlock{
			Mod: b("mod", 6*d, d), Q: b("attn_q", d, d), K: b("attn_k", d, d), V: b("attn_v", d, d), O: b("attn_output", d, d),
			Gate: b("ffn_gate", c.FFN, d), Up: b("ffn_up", c.FFN, d), Down: b("ffn_down", d, c.FFN),
		})
	}
	return m, nil
}

// Params lists all weights in the order in which they are stored.
func (m *FlowModel) Params() []*tensor.Param {
	ps := append(m.Caption.Params(), m.CaptionIn, m.GuessOut, m.GuessIn, m.TimeIn, m.TimeOut, m.SpanIn, m.SpanOut, m.StemIn, m.PatchIn, m.Position)
	for _, b := range m.blocks {
		ps = append(ps, b.Mod, b.Q, b.K, b.V, b.O, b.Gate, b.Up, b.Down)
	}
	return append(ps, m.HeadMod, m.PatchOut, m.Mix, m.Head)
}

// Parameters is the number of weights.
func (m *FlowModel) Parameters() int64 { return countParams(m.Params()) }

// Init draws the weights: normal with deviation 1/√inputs, positions 0.02, and
// zeros where the network begins as the identity (adaLN-zero) or silent.
func (m *FlowModel) Init(seed uint64) {
	initPlain(m.Params(), seed)
	m.Caption.Init(seed)
	rng := rand.New(rand.NewPCG(seed, 0xf10))
	drawNormal(rng, m.Position.Data, 0.02)
	silent := []*tensor.Param{m.GuessIn, m.HeadMod, m.Head, m.SpanOut}
	for _, b := range m.blocks {
		silent = append(silent, b.Mod)
	}
	for _, p := range silent {
		clear(p.Data)
	}
}

// initPlain draws every matrix with deviation 1/√inputs.
func initPlain(ps []*tensor.Param, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 0x91a))
	for _, p := range ps {
		drawNormal(rng, p.Data, 1/math.Sqrt(float64(p.In)))
		p.Update()
	}
}

// FlowBatch is the input of one evaluation for B objects.
type FlowBatch struct {
	X       []float32      // (B·H·W,Ch): the objects at their times
	Times   []float32      // (B): 0 is noise, 1 is data
	Spans   []float32      // (B): length of the step to be taken, 0 for the instantaneous velocity
	Caption *tensor.Tensor // (B,C), from Captions

	patches []tensor.Span // of each object among the trunk's rows; nil: made anew
}

// Captions encodes captions, each a sequence of tokens, as (B,C). One without
// tokens is all zeros: no condition.
func (m *FlowModel) Captions(r *tensor.Run, captions [][]int) *tensor.Tensor {
	var in Pass
	for _, ids := range captions {
		in.Spans = append(in.Spans, tensor.Span{Start: len(in.IDs), Len: len(ids)})
		in.IDs = append(in.IDs, ids...)
		for i := range ids {
			in.Positions = append(in.Positions, i)
		}
	}
	if len(in.IDs) == 0 {
		y := r.New(len(captions), m.Dim)
		clear(y.Data)
		return y
	}
	return r.Linear(r.Mean(m.Caption.Hidden(r, in), in.Spans), m.CaptionIn)
}

// Guess is what captions (B,C), from Captions, alone let expect, (B·patches,Ch):
// the mean of each patch. No caption gives zeros.
func (m *FlowModel) Guess(r *tensor.Run, caption *tensor.Tensor) *tensor.Tensor {
	return r.Reshape(r.Linear(caption, m.GuessOut), caption.Rows*m.positions(), m.Channels)
}

// Blur appends to dst the mean of each patch, (patches,Ch), of an object x
// (H·W,Ch).
func (m *FlowModel) Blur(dst, x []float32) []float32 {
	across, area := m.Width/m.Patch, float32(m.Patch*m.Patch)
	at := len(dst)
	dst = append(dst, make([]float32, m.positions()*m.Channels)...)
	for i, v := range x {
		pixel := i / m.Channels
		patch := pixel/m.Width/m.Patch*across + pixel%m.Width/m.Patch
		dst[at+patch*m.Channels+i%m.Channels] += v / area
	}
	return dst
}

// clock embeds times as sines and cosines of many frequencies.
func clock(r *tensor.Run, times []float32, in, out *tensor.Param) *tensor.Tensor {
	x := r.New(len(times), 2*frequencies)
	for b, t := range times {
		row := x.Row(b)
		for i := range frequencies {
			s, c := math.Sincos(1000 * float64(t) * math.Pow(10000, -float64(i)/frequencies))
			row[i], row[frequencies+i] = float32(s), float32(c)
		}
	}
	return r.Linear(r.SiLU(r.Linear(x, in)), out)
}

// flowEps keeps the norms of the trunk finite.
const flowEps = 1e-5

// Predict returns the finished objects x̂ (B·H·W,Ch) that the network expects.
func (m *FlowModel) Predict(r *tensor.Run, in FlowBatch) *tensor.Tensor {
	objects := len(in.Times)
	g := tensor.Grid{B: objects, H: m.Height, W: m.Width}
	x := r.New(g.Rows(), m.Channels)
	copy(x.Data, in.X)
	when := r.Add(clock(r, in.Times, m.TimeIn, m.TimeOut), clock(r, in.Spans, m.SpanIn, m.SpanOut))
	cond := r.SiLU(r.Add(when, in.Caption))
	stem := r.Conv3x3(x, m.StemIn, g)
	h := r.AddTable(r.Linear(r.Patches(stem, g, m.Patch), m.PatchIn), m.Position)
	h = r.Add(h, r.Linear(m.Guess(r, in.Caption), m.GuessIn))
	patches := in.patches
	if patches == nil {
		patches = m.patches(objects)
	}
	for i := range m.blocks {
		h = m.block(r, &m.blocks[i], h, cond, patches)
	}
	h = r.Modulate(h, r.Linear(cond, m.HeadMod), 0, m.Dim, flowEps)
	pixels := r.Add(r.Unpatch(r.Linear(h, m.PatchOut), g, m.Patch), stem)
	return r.Conv3x3(r.SiLU(r.Conv3x3(r.SiLU(pixels), m.Mix, g)), m.Head, g)
}

// patches is where the rows of each of so many objects lie in the trunk.
func (m *FlowModel) patches(objects int) []tensor.Span {
	n := m.positions()
	spans := make([]tensor.Span, objects)
	for b := range spans {
		spans[b] = tensor.Span{Start: b * n, Len: n}
	}
	return spans
}

func (m *FlowModel) block(r *tensor.Run, b *flowBlock, x, cond *tensor.Tensor, spans []tensor.Span) *tensor.Tensor {
	d := m.Dim
	shape := tensor.AttentionShape{Heads: m.Heads, KVHeads: m.Heads, HeadDim: d / m.Heads}
	mod := r.Linear(cond, b.Mod)
	h := r.Modulate(x, mod, 0, d, flowEps)
	a := r.Attention(r.Linear(h, b.Q), r.Linear(h, b.K), r.Linear(h, b.V), shape, spans)
	x = r.Gate(x, r.Linear(a, b.O), mod, 2*d)
	h = r.Modulate(x, mod, 3*d, 4*d, flowEps)
	f := r.SwiGLU(r.Linear(h, b.Gate), r.Linear(h, b.Up))
	return r.Gate(x, r.Linear(f, b.Down), mod, 5*d)
}

// FLOPs is the multiply-adds, times two, of one evaluation of one object, its
// caption left out. Training takes three times as many.
func (m *FlowModel) FLOPs() float64 {
	n, d, pixels := m.positions(), m.Dim, m.Width*m.Height
	trunk := m.Layers * (n*(4*d*d+3*d*m.FFN+2*n*d) + 6*d*d)
	edges := pixels*9*m.Stem*(2*m.Channels+m.Stem) + 2*n*d*m.Patch*m.Patch*m.Stem
	return 2 * float64(trunk+edges)
}

// Flow evaluates a flow network. It implements the interface that strategies
// ask of one. Many may share a model; each is for one goroutine.
type Flow struct {
	model   *FlowModel
	run     *tensor.Run
	x       []float32
	times   []float32
	spans   []float32
	patches []tensor.Span
}

// NewFlow returns an evaluator of the model, whose weights must not change
// while it is used.
func NewFlow(m *FlowModel, pool *tensor.Pool) *Flow { return &Flow{model: m, run: tensor.NewRun(pool)} }

// Size is the number of values of an object.
func (f *Flow) Size() int { return f.model.Width * f.model.Height * f.model.Channels }

// Elements is the number of pixels of an object.
func (f *Flow) Elements() int { return f.model.Width * f.model.Height }

// Encode turns the tokens of a caption into a condition (C), which belongs to
// the caller. No tokens are no condition: zeros.
func (f *Flow) Encode(tokens []int) ([]float32, error) {
	if len(tokens) > f.model.MaxCaption() {
		return nil, fmt.Errorf("network: a caption of %d tokens, want at most %d", len(tokens), f.model.MaxCaption())
	}
	if err := checkTokens(tokens, f.model.Text.Vocab); err != nil {
		return nil, err
	}
	f.run.Reset(0)
	return slices.Clone(f.model.Captions(f.run, [][]int{tokens}).Data), nil
}

// Velocity evaluates the velocity at x (Size) and time t from 0 to below 1 for
// each condition (C), all in one pass; result (len(conditions),Size), valid
// until the next call. span is the length of the step to be taken, 0 for the
// instantaneous velocity.
func (f *Flow) Velocity(x []float32, t, span float32, conditions [][]float32) ([]float32, error) {
	size, objects := f.Size(), len(conditions)
	if len(x) != size || objects == 0 || !(t >= 0 && t < 1) || !(span >= 0 && span <= 1) {
		return nil, fmt.Errorf("network: %d values at time %g, span %g, %d conditions; want %d values, a time from 0 to below 1, a span from 0 to 1", len(x), t, span, objects, size)
	}
	if len(f.times) != objects {
		f.x, f.times, f.spans = make([]float32, objects*size), make([]float32, objects), make([]float32, objects)
		f.patches = f.model.patches(objects)
	}
	f.run.Reset(0)
	caption := f.run.New(objects, f.model.Dim)
	for b, c := range conditions {
		if len(c) != f.model.Dim {
			return nil, fmt.Errorf("network: condition %d has %d values, want %d", b, len(c), f.model.Dim)
		}
		copy(caption.Row(b), c)
		copy(f.x[b*size:], x)
		f.times[b], f.spans[b] = t, span
	}
	y := f.model.Predict(f.run, FlowBatch{X: f.x, Times: f.times, Spans: f.spans, Caption: caption, patches: f.patches})
	scale := 1 / (1 - t)
	for i, v := range y.Data {
		y.Data[i] = (v - f.x[i]) * scale
	}
	return y.Data, nil
}
