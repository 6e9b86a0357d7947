package network

import (
	"fmt"
	"math"
	"slices"

	"github.com/stride-ml/stride/tensor"
)

// DraftConfig gives the sizes of a draft head.
type DraftConfig struct {
	Vocab  int   // V, tokens of the decoder that it guesses for
	Width  int   // C, of that decoder
	FFN    int   // of the head
	Tokens []int // N, ascending: those that it can guess
}

// Validate reports the first size that does not make sense.
func (c DraftConfig) Validate() error {
	err := checkLimits([]limit{{"vocabulary", c.Vocab, maxVocab}, {"width", c.Width, maxWidth}, {"feed-forward width", c.FFN, maxWidth}, {"number of tokens to guess", len(c.Tokens), c.Vocab}})
	if err != nil {
		return err
	}
	for i, id := range c.Tokens {
		if id < 0 || id >= c.Vocab || i > 0 && id <= c.Tokens[i-1] {
			return fmt.Errorf("network: token %d to guess is %d, want ascending ones of 0 to %d", i, id, c.Vocab-1)
		}
	}
	return nil
}

// weights is the number of weights of a head of these sizes.
func (c DraftConfig) weights() int { return c.Width * (2*c.Width + 3*c.FFN + 4) }

// DraftModel is the weights of a draft head: what a decoder is going to say after
// the next token, told from its state before that token (C, the output of
// [Trunk.Hidden]) and the token alone, for a small part of what a pass of the
// decoder costs. Its output is a guess of the decoder's next state, from which it
// can go on. Logits are made with the decoder's own table, of the tokens that it
// uses most. (Li et al., EAGLE, arXiv 2401.15077, with no attention, as Ankner et
// al., Hydra, arXiv 2402.05109; the choice of tokens as Zhao et al., FR-Spec,
// arXiv 2502.14856.)
type DraftModel struct {
	DraftConfig
	StateNorm, TokenNorm *tensor.Param // (1,C)
	State, Token         *tensor.Param // (C,C)
	Norm                 *tensor.Param // (1,C)
	Gate, Up, Down       *tensor.Param // (F,C), (F,C), (C,F)
	OutNorm              *tensor.Param // (1,C)
}

// NewDraftModel returns a draft head with all weights zero.
func NewDraftModel(c DraftConfig) (*DraftModel, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c.Tokens = slices.Clone(c.Tokens)
	p := func(name string, out, in int) *tensor.Param { return tensor.NewParam(name+".weight", out, in) }
	n := func(name string) *tensor.Param { return normParam(name+".weight", c.Width) }
	return &DraftModel{
		DraftConfig: c, StateNorm: n("state_norm"), TokenNorm: n("token_norm"), State: p("state", c.Width, c.Width), Token: p("token", c.Width, c.Width),
		Norm: n("ffn_norm"), Gate: p("ffn_gate", c.FFN, c.Width), Up: p("ffn_up", c.FFN, c.Width), Down: p("ffn_down", c.Width, c.FFN), OutNorm: n("output_norm"),
	}, nil
}

// Params lists all weights in the order in which they are stored.
func (m *DraftModel) Params() []*tensor.Param {
	return []*tensor.Param{m.StateNorm, m.TokenNorm, m.State, m.Token, m.Norm, m.Gate, m.Up, m.Down, m.OutNorm}
}

// Init draws the weights with deviation 1/√inputs, less where they write to the
// state, so that at first the state is guessed to stay what it is. norm is the weight
// of the decoder's last norm (C), which states are made with.
func (m *DraftModel) Init(seed uint64, norm []float32) {
	initPlain(m.Params(), seed)
	for _, p := range []*tensor.Param{m.StateNorm, m.TokenNorm, m.Norm, m.OutNorm} {
		fill(p.Data, 1)
	}
	for _, p := range []*tensor.Param{m.State, m.Token, m.Down} {
		for i := range p.Data {
			p.Data[i] /= 10
		}
	}
	copy(m.OutNorm.Data, norm)
	for i, w := range norm {
		m.StateNorm.Data[i] = float32(math.Copysign(1/math.Max(math.Abs(float64(w)), 1e-2), float64(w)))
		m.State.Data[i*m.Width+i] = 1
	}
}

const draftEps = 1e-5

// States guesses the states of a decoder (T,C) after one more token each: from
// those before, and the embeddings of the tokens (T,C). dropout is for training.
func (m *DraftModel) States(r *tensor.Run, before, tokens *tensor.Tensor, dropout float32) *tensor.Tensor {
	x := r.Add(r.Linear(r.RMSNorm(before, m.StateNorm, draftEps), m.State), r.Linear(r.RMSNorm(tokens, m.TokenNorm, draftEps), m.Token))
	n := r.RMSNorm(x, m.Norm, draftEps)
	gated := r.Linears(n, m.Gate, m.Up)
	x = r.Add(x, r.Linear(r.Dropout(r.SwiGLU(gated[0], gated[1]), dropout), m.Down))
	return r.RMSNorm(x, m.OutNorm, draftEps)
}

// DraftHead guesses with a draft head what a decoder says. It is for one goroutine.
type DraftHead struct {
	model  *DraftModel
	target *Trunk
	rows   *tensor.Param // (N,C)
	run    *tensor.Run
	state  []float32 // (C)
	few    []float32 // (N)
	logits []float32 // (V)
}

// NewDraftHead returns an evaluator of a head of [ReadDraft], for decoders of the
// trunk that it was read for.
func NewDraftHead(h *Draft, pool *tensor.Pool) *DraftHead {
	m := h.Model
	return &DraftHead{model: m, target: h.target, rows: h.rows, run: tensor.NewRun(pool), state: make([]float32, m.Width), few: make([]float32, len(m.Tokens)), logits: make([]float32, m.Vocab)}
}

// Begin sets the state (C) that guesses go on from: see [Decoder.State].
func (d *DraftHead) Begin(state []float32) { copy(d.state, state) }

// Extend says what follows token, after the state that there is: logits (V), of
// which those of tokens that the head does not guess are -Inf, valid until the
// next call. The state is then the one after the token.
func (d *DraftHead) Extend(token int) ([]float32, error) {
	if err := checkTokens([]int{token}, d.model.Vocab); err != nil {
		return nil, err
	}
	d.run.Reset(0)
	y := d.model.States(d.run, d.run.Over(d.state, len(d.state)), d.run.Embed(d.target.Embed, []int{token}), 0)
	copy(d.state, y.Data)
	d.run.Project(d.few, y.Data, d.rows)
	fill(d.logits, float32(math.Inf(-1)))
	for i, id := range d.model.Tokens {
		d.logits[id] = d.few[i]
	}
	return d.logits, nil
}
