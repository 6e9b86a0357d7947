package network

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/stride-ml/stride/tensor"
	"github.com/stride-ml/stride/tensor/kernel"
)

// Block is one layer: attention and feed-forward, each behind a norm and added
// to the residual stream. What its form lacks is nil.
type Block struct {
	AttnNorm, Q, K, V, O       *tensor.Param
	QBias, KBias, VBias, OBias *tensor.Param
	QNorm, KNorm               *tensor.Param // (1,HeadDim)
	FFNNorm, Gate, Up, Down    *tensor.Param
	AttnPostNorm, FFNPostNorm  *tensor.Param
}

// params lists what a block has, in the order in which it is stored.
func (b *Block) params() (ps []*tensor.Param) {
	for _, p := range []*tensor.Param{
		b.AttnNorm, b.Q, b.K, b.V, b.QBias, b.KBias, b.VBias, b.QNorm, b.KNorm, b.O, b.OBias, b.AttnPostNorm,
		b.FFNNorm, b.Gate, b.Up, b.Down, b.FFNPostNorm,
	} {
		if p != nil {
			ps = append(ps, p)
		}
	}
	return ps
}

// Trunk is the transformer shared by the text networks.
type Trunk struct {
	Config
	Embed   *tensor.Param // (V,C), also the output table of a tied trunk
	Blocks  []Block
	Norm    *tensor.Param // (1,C)
	Output  *tensor.Param // (V,C); nil if tied
	Factors *tensor.Param // (1,HeadDim/2), by what rotary frequencies are divided; nil: by nothing

	global, local *tensor.RotaryTable
}

// NewTrunk returns a trunk with all weights zero.
func NewTrunk(c Config) (*Trunk, error) { return newTrunkNamed("", c) }

// newTrunkNamed is NewTrunk for a part of a larger network, whose tensors have
// names that begin with a prefix.
func newTrunkNamed(prefix string, c Config) (*Trunk, error) {
	return newTrunkOf(prefix, c, tensor.NewParam)
}

// newTrunkOf is newTrunkNamed with matrices that the given function makes.
func newTrunkOf(prefix string, c Config, matrix func(name string, out, in int) *tensor.Param) (*Trunk, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	t := &Trunk{Config: c, Embed: matrix(prefix+"token_embd.weight", c.Vocab, c.Width), Norm: normParam(prefix+"output_norm.weight", c.Width)}
	if c.Untied {
		t.Output = matrix(prefix+"output.weight", c.Vocab, c.Width)
	}
	if c.RopeFactors {
		t.Factors = normParam(prefix+"rope_freqs.weight", c.HeadDim()/2)
		fill(t.Factors.Data, 1)
	}
	for i := range c.Layers {
		t.Blocks = append(t.Blocks, newBlock(fmt.Sprintf("%sblk.%d.", prefix, i), c, matrix))
	}
	t.turn()
	return t, nil
}

func newBlock(prefix string, c Config, param func(name string, out, in int) *tensor.Param) Block {
	matrix := func(name string, out, in int) *tensor.Param { return param(prefix+name+".weight", out, in) }
	norm := func(name string, width int) *tensor.Param { return normParam(prefix+name+".weight", width) }
	bias := func(name string, width int) *tensor.Param { return normParam(prefix+name+".bias", width) }
	queries, kv := c.Heads*c.HeadDim(), c.KVHeads*c.HeadDim()
	b := Block{
		AttnNorm: norm("attn_norm", c.Width),
		Q:        matrix("attn_q", queries, c.Width),
		K:        matrix("attn_k", kv, c.Width),
		V:        matrix("attn_v", kv, c.Width),
		O:        matrix("attn_output", c.Width, queries),
		FFNNorm:  norm("ffn_norm", c.Width),
		Gate:     matrix("ffn_gate", c.FFN, c.Width),
		Up:       matrix("ffn_up", c.FFN, c.Width),
		Down:     matrix("ffn_down", c.Width, c.FFN),
	}
	if c.QKVBias {
		b.QBias, b.KBias, b.VBias = bias("attn_q", queries), bias("attn_k", kv), bias("attn_v", kv)
	}
	if c.OutBias {
		b.OBias = bias("attn_output", c.Width)
	}
	if c.QKNorm {
		b.QNorm, b.KNorm = norm("attn_q_norm", c.HeadDim()), norm("attn_k_norm", c.HeadDim())
	}
	if c.PostNorm {
		b.AttnPostNorm, b.FFNPostNorm = norm("post_attention_norm", c.Width), norm("post_ffw_norm", c.Width)
	}
	return b
}

// normParam is a vector: the weight of a norm, or a bias.
func normParam(name string, width int) *tensor.Param {
	p := tensor.NewParam(name, 1, width)
	p.NoDecay = true
	return p
}

// turn makes the rotary tables. It must be called again when Factors change.
func (t *Trunk) turn() {
	var factors []float32
	if t.Factors != nil {
		factors = t.Factors.Data
	}
	t.global, t.local = t.rotaryTables(factors)
}

// Params lists all weights in the order in which they are stored.
func (t *Trunk) Params() []*tensor.Param {
	ps := []*tensor.Param{t.Embed}
	for _, b := range t.Blocks {
		ps = append(ps, b.params()...)
	}
	ps = append(ps, t.Norm)
	if t.Output != nil {
		ps = append(ps, t.Output)
	}
	if t.Factors != nil {
		ps = append(ps, t.Factors)
	}
	return ps
}

// Init draws the weights: normal with deviation 0.02, for the two matrices of
// each block that write to the residual stream divided by √(2·Layers) (Radford
// et al., 2019); norms start at 1 and biases at 0.
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
		for _, p := range []*tensor.Param{b.QBias, b.KBias, b.VBias, b.OBias} {
			if p != nil {
				fill(p.Data, 0)
			}
		}
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

// hidden is Hidden with a cache of what came before; nil once that is stopped.
func (t *Trunk) hidden(r *tensor.Run, in Pass, c attender) *tensor.Tensor {
	x := r.Embed(t.Embed, in.IDs)
	if t.ScaleEmbed {
		x = r.Scale(x, float32(math.Sqrt(float64(t.Width))))
	}
	return t.through(r, x, in, c)
}

// through is hidden for rows that are already embedded: x (T,C), of the
// positions and spans of in.
func (t *Trunk) through(r *tensor.Run, x *tensor.Tensor, in Pass, c attender) *tensor.Tensor {
	x = r.Dropout(x, in.Dropout)
	mark := r.Mark()
	for i := range t.Blocks {
		if c != nil && c.stopped() {
			return nil
		}
		// Evaluation needs no layer's inner values once it is done: the next
		// finds its memory still in the caches.
		x = r.Keep(mark, t.layer(r, x, in, c, i))
	}
	return r.RMSNorm(x, t.Norm, t.Eps)
}

// layer returns the residual stream (T,C) after layer i.
func (t *Trunk) layer(r *tensor.Run, x *tensor.Tensor, in Pass, c attender, i int) *tensor.Tensor {
	b := &t.Blocks[i]
	h := r.RMSNorm(x, b.AttnNorm, t.Eps)
	qkv := r.Linears(h, b.Q, b.K, b.V)
	q, k, v := addBias(r, qkv[0], b.QBias), addBias(r, qkv[1], b.KBias), addBias(r, qkv[2], b.VBias)
	q, k = t.heads(r, q, b.QNorm, in.Positions, i), t.heads(r, k, b.KNorm, in.Positions, i)
	var a *tensor.Tensor
	if c == nil {
		a = r.Attention(q, k, v, t.attention(i, in.Causal), in.Spans)
	} else {
		a = c.attend(r, i, q, k, v, t.attention(i, true))
	}
	a = t.normed(r, addBias(r, r.Linear(a, b.O), b.OBias), b.AttnPostNorm)
	x = r.Add(x, r.Dropout(a, in.Dropout))
	h = r.RMSNorm(x, b.FFNNorm, t.Eps)
	gated := r.Linears(h, b.Gate, b.Up)
	f := t.gated(r, gated[0], gated[1])
	f = t.normed(r, r.Linear(f, b.Down), b.FFNPostNorm)
	return r.Add(x, r.Dropout(f, in.Dropout))
}

// addBias adds a bias to each row, if there is one.
func addBias(r *tensor.Run, x *tensor.Tensor, bias *tensor.Param) *tensor.Tensor {
	if bias == nil {
		return x
	}
	return r.AddTable(x, bias)
}

// normed normalises each row, if there is a norm.
func (t *Trunk) normed(r *tensor.Run, x *tensor.Tensor, norm *tensor.Param) *tensor.Tensor {
	if norm == nil {
		return x
	}
	return r.RMSNorm(x, norm, t.Eps)
}

// heads normalises each head of x, if there is a norm, and rotates it.
func (t *Trunk) heads(r *tensor.Run, x *tensor.Tensor, norm *tensor.Param, positions []int, layer int) *tensor.Tensor {
	if norm != nil {
		rows, cols := x.Rows, x.Cols
		x = r.RMSNorm(r.Reshape(x, rows*cols/norm.In, norm.In), norm, t.Eps)
		x = r.Reshape(x, rows, cols)
	}
	table := t.global
	if t.isLocal(layer) {
		table = t.local
	}
	return r.Rotary(x, positions, table)
}

func (t *Trunk) gated(r *tensor.Run, gate, up *tensor.Tensor) *tensor.Tensor {
	if t.GELU {
		return r.GEGLU(gate, up)
	}
	return r.SwiGLU(gate, up)
}

// head is the table that logits are made with.
func (t *Trunk) head() *tensor.Param {
	if t.Output != nil {
		return t.Output
	}
	return t.Embed
}

// project writes the logits (T,V) of rows of [Trunk.Hidden] (T,C).
func (t *Trunk) project(r *tensor.Run, logits, rows []float32) {
	r.Project(logits, rows, t.head())
	if t.LogitCap == 0 {
		return
	}
	// Row by row: one's bits must not depend on how many there are.
	n := len(rows) / t.Width
	r.Each(n, func(i int) { kernel.SoftCap(logits[i*t.Vocab:(i+1)*t.Vocab], t.LogitCap) })
}

// Rows returns rows of the table that logits are made with (n,C), of those tokens.
func (t *Trunk) Rows(r *tensor.Run, tokens []int) *tensor.Tensor { return r.Embed(t.head(), tokens) }

// Likeliest returns the token that each row of h (T,C), as [Trunk.Hidden] gives it,
// finds likeliest to come next.
func (t *Trunk) Likeliest(r *tensor.Run, h *tensor.Tensor) []int {
	const atOnce = 64
	out := make([]int, h.Rows)
	logits := make([]float32, min(atOnce, h.Rows)*t.Vocab)
	for from := 0; from < h.Rows; from += atOnce {
		n := min(atOnce, h.Rows-from)
		t.project(r, logits, h.Data[from*h.Cols:(from+n)*h.Cols])
		r.Each(n, func(i int) {
			row := logits[i*t.Vocab : (i+1)*t.Vocab]
			out[from+i] = max(0, slices.Index(row, kernel.Max(row))) // NaN is found nowhere
		})
	}
	return out
}

// score writes -log p(target) of each row of h (T,C), in nats.
func (t *Trunk) score(r *tensor.Run, h *tensor.Tensor, targets []int, nll []float32) {
	if t.LogitCap == 0 {
		r.CrossEntropy(h, t.head(), targets, nil, nll)
		return
	}
	logits := make([]float32, t.Vocab)
	for i, target := range targets {
		t.project(r, logits, h.Row(i))
		top, at := kernel.Max(logits), logits[target]
		nll[i] = float32(math.Log(float64(kernel.ExpSum(logits, logits, top)))) + top - at
	}
}

// FLOPs is the multiply-adds, times two, of one forward pass over the given
// number of positions that see `seen` positions each, with logits for
// `scored` of them. Training takes three times as many.
func (t *Trunk) FLOPs(positions, seen, scored int) float64 {
	queries, kv := t.Heads*t.HeadDim(), t.KVHeads*t.HeadDim()
	perRow := 0
	for i := range t.Layers {
		inView := seen
		if t.isLocal(i) {
			inView = min(seen, t.Window)
		}
		perRow += 2*t.Width*queries + 2*t.Width*kv + 3*t.Width*t.FFN + 2*inView*queries
	}
	return 2 * (float64(positions)*float64(perRow) + float64(scored)*float64(t.Vocab)*float64(t.Width))
}
