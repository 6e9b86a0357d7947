package network

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/stride-ml/stride/tensor"
)

// lengthWeight is the name of the length head's tensor.
const lengthWeight = "stride.length.weight"

// MaskedModel is the weights of a masked network: a trunk with full attention
// and a head that says how long the response to a prompt is.
type MaskedModel struct {
	*Trunk
	// Length is (MaxLength+1,C): logits over lengths, from the last prompt position;
	// nil where nobody taught the network to say them, as in public ones.
	Length *tensor.Param
}

// ErrNoLength says that a masked network cannot tell how long a response is.
var ErrNoLength = errors.New("network: the length of a response cannot be predicted, since the model has no tensor " + lengthWeight)

// NewMaskedModel returns a masked network with all weights zero whose responses
// have 1 to maxLength elements, END counted.
func NewMaskedModel(c Config, maxLength int) (*MaskedModel, error) {
	t, err := NewTrunk(c)
	if err != nil {
		return nil, err
	}
	return newMaskedModelOn(t, maxLength)
}

func newMaskedModelOn(t *Trunk, maxLength int) (*MaskedModel, error) {
	if maxLength < 1 || maxLength >= t.Context {
		return nil, fmt.Errorf("network: longest response is %d, want 1 to %d", maxLength, t.Context-1)
	}
	return &MaskedModel{t, tensor.NewParam(lengthWeight, maxLength+1, t.Width)}, nil
}

// Params lists all weights in the order in which they are stored.
func (m *MaskedModel) Params() []*tensor.Param {
	if m.Length == nil {
		return m.Trunk.Params()
	}
	return append(m.Trunk.Params(), m.Length)
}

// Init draws the weights as [Trunk.Init] does.
func (m *MaskedModel) Init(seed uint64) {
	m.Trunk.Init(seed)
	if m.Length == nil {
		return
	}
	drawNormal(rand.New(rand.NewPCG(seed, 0x1e57)), m.Length.Data, 0.02)
	m.Length.Update()
}

// Parameters is the number of weights.
func (m *MaskedModel) Parameters() int64 { return countParams(m.Params()) }

// Masked evaluates a masked network. It implements the interface that
// strategies ask of one. Many may share a model; each is for one goroutine.
type Masked struct {
	model     *MaskedModel
	run       *tensor.Run
	positions []int
	spans     [1]tensor.Span
	one       [1]int
	earlier   []int
	logits    []float32
}

// NewMasked returns an evaluator of the model, whose weights must not change
// while it is used.
func NewMasked(m *MaskedModel, pool *tensor.Pool) *Masked {
	e := &Masked{model: m, run: tensor.NewRun(pool), positions: make([]int, m.Context)}
	for i := range e.positions {
		e.positions[i] = i
	}
	return e
}

// Vocab is the number of tokens.
func (e *Masked) Vocab() int { return e.model.Vocab }

// Context is the most positions of a sequence, prompt and response together.
func (e *Masked) Context() int { return e.model.Context }

// MaxLength is the most elements of a response, END counted.
func (e *Masked) MaxLength() int {
	if e.model.Length == nil {
		return e.model.Context - 1
	}
	return e.model.Length.Out - 1
}

// Logits evaluates the whole sequence in one pass and returns the logits of
// the asked positions, (len(positions),V), valid until the next call.
func (e *Masked) Logits(tokens, positions []int) ([]float32, error) {
	for _, p := range positions {
		if p < 0 || p >= len(tokens) {
			return nil, fmt.Errorf("network: logits asked for position %d of %d", p, len(tokens))
		}
	}
	h, err := e.hidden(tokens)
	if err != nil {
		return nil, err
	}
	if e.model.Shift {
		positions = e.before(positions)
	}
	h = e.run.Gather(h, positions)
	e.model.project(e.run, e.room(h.Rows*e.model.Vocab), h.Data)
	return e.logits, nil
}

// before is the positions before the given ones, where the first has none before it.
func (e *Masked) before(positions []int) []int {
	e.earlier = e.earlier[:0]
	for _, p := range positions {
		e.earlier = append(e.earlier, max(0, p-1))
	}
	return e.earlier
}

// LengthLogits returns logits over the length of the response to a prompt:
// MaxLength()+1 of them, for 0, 1, 2 ... elements, valid until the next call. It
// returns [ErrNoLength] if the model has no head for them.
func (e *Masked) LengthLogits(prompt []int) ([]float32, error) {
	if e.model.Length == nil {
		return nil, ErrNoLength
	}
	h, err := e.hidden(prompt)
	if err != nil {
		return nil, err
	}
	e.one[0] = len(prompt) - 1
	e.run.Project(e.room(e.model.Length.Out), e.run.Gather(h, e.one[:]).Data, e.model.Length)
	return e.logits, nil
}

// room makes logits as long as asked.
func (e *Masked) room(n int) []float32 {
	if cap(e.logits) < n {
		e.logits = make([]float32, n)
	}
	e.logits = e.logits[:n]
	return e.logits
}

func (e *Masked) hidden(tokens []int) (*tensor.Tensor, error) {
	if len(tokens) == 0 || len(tokens) > e.model.Context {
		return nil, fmt.Errorf("network: a sequence of %d positions, want 1 to %d", len(tokens), e.model.Context)
	}
	if err := checkTokens(tokens, e.model.Vocab); err != nil {
		return nil, err
	}
	e.run.Reset(0)
	e.spans[0] = tensor.Span{Len: len(tokens)}
	return e.model.Hidden(e.run, Pass{IDs: tokens, Positions: e.positions[:len(tokens)], Spans: e.spans[:]}), nil
}
