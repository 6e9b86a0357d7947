package network

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/stride-ml/stride/tensor"
)

// Config gives a trunk's sizes.
type Config struct {
	Vocab    int     // V, number of tokens
	Context  int     // most positions of a sequence
	Width    int     // C, width of the residual stream
	Layers   int     // number of blocks
	Heads    int     // query heads
	KVHeads  int     // key-value heads; divides Heads
	FFN      int     // inner width of the feed-forward half
	Eps      float32 // of the RMS norms
	RopeBase float64 // base of the rotary angles
}

// limits keep sizes read from a file from overflowing or asking for absurd
// amounts of memory; they are far above any public model of this form.
const (
	maxVocab   = 1 << 20
	maxContext = 1 << 20
	maxWidth   = 1 << 16
	maxLayers  = 1 << 10
)

// limit is a size and the most that it may be.
type limit struct {
	name    string
	got, to int
}

// checkLimits reports the first size below 1 or above its limit.
func checkLimits(limits []limit) error {
	for _, s := range limits {
		if s.got < 1 || s.got > s.to {
			return fmt.Errorf("network: %s is %d, want 1 to %d", s.name, s.got, s.to)
		}
	}
	return nil
}

// Validate reports the first size that does not make sense.
func (c Config) Validate() error {
	err := checkLimits([]limit{
		{"vocabulary", c.Vocab, maxVocab}, {"context length", c.Context, maxContext}, {"width", c.Width, maxWidth},
		{"layers", c.Layers, maxLayers}, {"heads", c.Heads, c.Width}, {"key-value heads", c.KVHeads, c.Heads},
		{"feed-forward width", c.FFN, maxWidth},
	})
	if err != nil {
		return err
	}
	switch {
	case c.Width%c.Heads != 0 || c.Width/c.Heads%2 != 0:
		return fmt.Errorf("network: width %d does not divide into %d heads of even size", c.Width, c.Heads)
	case c.Heads%c.KVHeads != 0:
		return fmt.Errorf("network: %d heads cannot share %d key-value heads", c.Heads, c.KVHeads)
	case !(c.Eps > 0 && c.Eps < 1):
		return fmt.Errorf("network: RMS norm epsilon is %g, want between 0 and 1", c.Eps)
	case !(c.RopeBase > 1 && c.RopeBase < 1e12):
		return fmt.Errorf("network: rotary base is %g, want more than 1", c.RopeBase)
	}
	return nil
}

// weights is the number of weights of a trunk of these sizes.
func (c Config) weights() int {
	layer := c.Width * (2 + 2*c.Width + 2*c.KVHeads*c.HeadDim() + 3*c.FFN)
	return c.Vocab*c.Width + c.Width + c.Layers*layer
}

// HeadDim is the width of one head.
func (c Config) HeadDim() int { return c.Width / c.Heads }

func (c Config) attention(causal bool) tensor.AttentionShape {
	return tensor.AttentionShape{Heads: c.Heads, KVHeads: c.KVHeads, HeadDim: c.HeadDim(), Causal: causal}
}

// Block is one layer: attention and feed-forward, each behind a norm and added
// to the residual stream.
type Block struct {
	AttnNorm, Q, K, V, O    *tensor.Param
	FFNNorm, Gate, Up, Down *tensor.Param
}

// Trunk is the transformer shared by the text networks.
type Trunk struct {
	Config
	Embed  *tensor.Param // (V,C), also the output table
	Blocks []Block
	Norm   *tensor.Param // (1,C)
	rotary *tensor.RotaryTable
}

// NewTrunk returns a trunk with all weights zero.
func NewTrunk(c Config) (*Trunk, error) { return newTrunkNamed("", c) }

// newTrunkNamed is NewTrunk for a part of a larger network, whose tensors have
// names that begin with a prefix.
func newTrunkNamed(prefix string, c Config) (*Trunk, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	t := &Trunk{Config: c, Embed: tensor.NewParam(prefix+"token_embd.weight", c.Vocab, c.Width), Norm: normParam(prefix+"output_norm.weight", c.Width)}
	kv := c.KVHeads * c.HeadDim()
	for i := range c.Layers {
		p := func(name string, out, in int) *tensor.Param {
			return tensor.NewParam(fmt.Sprintf("%sblk.%d.%s.weight", prefix, i, name), out, in)
		}
		t.Blocks = append(t.Blocks, Block{
			AttnNorm: normParam(fmt.Sprintf("%sblk.%d.attn_norm.weight", prefix, i), c.Width),
			Q:        p("attn_q", c.Width, c.Width),
			K:        p("attn_k", kv, c.Width),
			V:        p("attn_v", kv, c.Width),
			O:        p("attn_output", c.Width, c.Width),
			FFNNorm:  normParam(fmt.Sprintf("%sblk.%d.ffn_norm.weight", prefix, i), c.Width),
			Gate:     p("ffn_gate", c.FFN, c.Width),
			Up:       p("ffn_up", c.FFN, c.Width),
			Down:     p("ffn_down", c.Width, c.FFN),
		})
	}
	t.rotary = tensor.NewRotaryTable(c.Context, c.HeadDim(), c.RopeBase)
	return t, nil
}

func normParam(name string, width int) *tensor.Param {
	p := tensor.NewParam(name, 1, width)
	p.NoDecay = true
	return p
}

// Params lists all weights in the order in which they are stored.
func (t *Trunk) Params() []*tensor.Param {
	ps := []*tensor.Param{t.Embed}
	for _, b := range t.Blocks {
		ps = append(ps, b.AttnNorm, b.Q, b.K, b.V, b.O, b.FFNNorm, b.Gate, b.Up, b.Down)
	}
	return append(ps, t.Norm)
}

// Init draws the weights: normal with deviation 0.02, for the two matrices of
// each block that write to the residual stream divided by √(2·Layers) (Radford
// et al., 2019); norms start at 1.
func (t *Trunk) Init(seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 0x5712de))
	residual := 0.02 / math.Sqrt(float64(2*t.Layers))
	for _, p := range t.Params() {
		if p.Out == 1 {
			fill(p.Data, 1)
		} else {
			drawNormal(rng, p.Data, 0.02)
		}
		p.Update()
	}
	for _, b := range t.Blocks {
		drawNormal(rng, b.O.Data, residual)
		drawNormal(rng, b.Down.Data, residual)
	}
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

func drawNormal(rng *rand.Rand, x []float32, deviation float64) {
	for i := range x {
		x[i] = float32(rng.NormFloat64() * deviation)
	}
}

// Parameters is the number of weights.
func (t *Trunk) Parameters() int64 { return countParams(t.Params()) }

func countParams(ps []*tensor.Param) (n int64) {
	for _, p := range ps {
		n += int64(p.Size())
	}
	return n
}

// Pass is one evaluation's input: the rows of all sequences, one after another.
type Pass struct {
	IDs       []int         // token of each row
	Positions []int         // position of each row in its sequence
	Spans     []tensor.Span // the sequences; they cover all rows
	Causal    bool
	Dropout   float32 // while training
}

// Hidden returns the trunk's output (T,C), after the last norm.
func (t *Trunk) Hidden(r *tensor.Run, in Pass) *tensor.Tensor { return t.hidden(r, in, nil) }

// hidden is Hidden with, for one sequence, a cache that holds what came before.
func (t *Trunk) hidden(r *tensor.Run, in Pass, c *cache) *tensor.Tensor {
	return t.through(r, r.Embed(t.Embed, in.IDs), in, c)
}

// through is hidden for rows that are already embedded: x (T,C), of the
// positions and spans of in.
func (t *Trunk) through(r *tensor.Run, x *tensor.Tensor, in Pass, c *cache) *tensor.Tensor {
	x = r.Dropout(x, in.Dropout)
	for i, b := range t.Blocks {
		h := r.RMSNorm(x, b.AttnNorm, t.Eps)
		q := r.Rotary(r.Linear(h, b.Q), in.Positions, t.rotary)
		k := r.Rotary(r.Linear(h, b.K), in.Positions, t.rotary)
		v := r.Linear(h, b.V)
		var a *tensor.Tensor
		if c == nil {
			a = r.Attention(q, k, v, t.attention(in.Causal), in.Spans)
		} else {
			a = c.attend(r, i, q, k, v, t.attention(true))
		}
		x = r.Add(x, r.Dropout(r.Linear(a, b.O), in.Dropout))
		h = r.RMSNorm(x, b.FFNNorm, t.Eps)
		f := r.SwiGLU(r.Linear(h, b.Gate), r.Linear(h, b.Up))
		x = r.Add(x, r.Dropout(r.Linear(f, b.Down), in.Dropout))
	}
	return r.RMSNorm(x, t.Norm, t.Eps)
}

// FLOPs is the multiply-adds, times two, of one forward pass over the given
// number of positions that see `seen` positions each, with logits for
// `scored` of them. Training takes three times as many.
func (t *Trunk) FLOPs(positions, seen, scored int) float64 {
	kv := t.KVHeads * t.HeadDim()
	perRow := t.Layers * (2*t.Width*t.Width + 2*t.Width*kv + 3*t.Width*t.FFN + 2*seen*t.Width)
	return 2 * (float64(positions)*float64(perRow) + float64(scored)*float64(t.Vocab)*float64(t.Width))
}
