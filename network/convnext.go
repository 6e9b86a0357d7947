package network

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/stride-ml/stride/tensor"
)

// convBlock is a block of ConvNeXt (Liu et al., arXiv 2201.03545) over time: a
// convolution of each channel by itself, then a feed-forward network at each
// position. Where ConvNeXt has LayerNorm there is RMSNorm, as everywhere here,
// and there are no biases.
type convBlock struct {
	Conv  *tensor.Param // (K,C)
	Norm  *tensor.Param // (1,C)
	Up    *tensor.Param // (FFN,C)
	Down  *tensor.Param // (C,FFN)
	Scale *tensor.Param // (1,C): of what the block adds
}

// convEps keeps norms finite.
const convEps = 1e-6

// newConvBlock returns a block with all weights zero, whose tensors' names begin
// with prefix.
func newConvBlock(prefix string, width, ffn, kernel int) convBlock {
	p := func(name string, out, in int) *tensor.Param { return tensor.NewParam(prefix+name+".weight", out, in) }
	return convBlock{
		Conv: p("conv", kernel, width), Norm: normParam(prefix+"norm.weight", width),
		Up: p("ffn_up", ffn, width), Down: p("ffn_down", width, ffn), Scale: normParam(prefix+"scale.weight", width),
	}
}

// convBlockWeights is the number of weights of a block of these sizes.
func convBlockWeights(width, ffn, kernel int) int { return width * (kernel + 2*ffn + 2) }

// params lists the weights in the order in which they are stored.
func (b *convBlock) params() []*tensor.Param {
	return []*tensor.Param{b.Conv, b.Norm, b.Up, b.Down, b.Scale}
}

// init draws the convolution and sets norm and scale, in a network of so many
// blocks; [initPlain] has drawn the matrices.
func (b *convBlock) init(rng *rand.Rand, blocks int) {
	drawNormal(rng, b.Conv.Data, 1/math.Sqrt(float64(b.Conv.Out)))
	fill(b.Norm.Data, 1)
	fill(b.Scale.Data, 1/float32(blocks))
}

// apply evaluates the block on x (T,C), each span a sequence.
func (b *convBlock) apply(r *tensor.Run, x *tensor.Tensor, spans []tensor.Span, dropout float32) *tensor.Tensor {
	return b.mix(r, x, r.DepthwiseConv(x, b.Conv, spans), dropout)
}

// mix is the rest of the block after its convolution conv of x.
func (b *convBlock) mix(r *tensor.Run, x, conv *tensor.Tensor, dropout float32) *tensor.Tensor {
	h := r.GELU(r.Linear(r.RMSNorm(conv, b.Norm, convEps), b.Up))
	return r.AddScaled(x, r.Dropout(r.Linear(h, b.Down), dropout), b.Scale)
}

// convStack is a network of such blocks over rows that are known from the
// beginning: a convolution, the blocks, a head. Biases are only where constants
// begin and end: after the first convolution and at the head.
type convStack struct {
	In, InBias     *tensor.Param // (C,K·inputs), (1,C)
	InNorm         *tensor.Param // (1,C)
	blocks         []convBlock
	Norm           *tensor.Param // (1,C)
	Head, HeadBias *tensor.Param // (outputs,C), (1,outputs)
}

// newConvStack returns a stack with all weights zero.
func newConvStack(inputs, outputs, width, ffn, kernel, layers int) convStack {
	s := convStack{
		In: tensor.NewParam("conv_in.weight", width, kernel*inputs), InBias: normParam("conv_in.bias", width), InNorm: normParam("input_norm.weight", width),
		Norm: normParam("output_norm.weight", width), Head: tensor.NewParam("head.weight", outputs, width), HeadBias: normParam("head.bias", outputs),
	}
	for i := range layers {
		s.blocks = append(s.blocks, newConvBlock(fmt.Sprintf("blk.%d.", i), width, ffn, kernel))
	}
	return s
}

// Params lists all weights in the order in which they are stored.
func (s *convStack) Params() []*tensor.Param {
	ps := []*tensor.Param{s.In, s.InBias, s.InNorm}
	for i := range s.blocks {
		ps = append(ps, s.blocks[i].params()...)
	}
	return append(ps, s.Norm, s.Head, s.HeadBias)
}

// Parameters is the number of weights.
func (s *convStack) Parameters() int64 { return countParams(s.Params()) }

// init draws the weights: normal with deviation 1/√inputs, 0.02 at the head; layer
// scales begin at 1/Layers, norms at 1 and biases at 0.
func (s *convStack) init(seed, stream uint64) {
	initPlain(s.Params(), seed)
	rng := rand.New(rand.NewPCG(seed, stream))
	for i := range s.blocks {
		s.blocks[i].init(rng, len(s.blocks))
	}
	drawNormal(rng, s.Head.Data, 0.02)
	fill(s.InNorm.Data, 1)
	fill(s.Norm.Data, 1)
	fill(s.InBias.Data, 0)
	fill(s.HeadBias.Data, 0)
}

// apply evaluates x (T,inputs), each span a sequence: (T,outputs).
func (s *convStack) apply(r *tensor.Run, x *tensor.Tensor, spans []tensor.Span, dropout float32) *tensor.Tensor {
	h := s.begin(r, r.Window(x, s.blocks[0].Conv.Out, spans))
	for i := range s.blocks {
		h = s.blocks[i].apply(r, h, spans, dropout)
	}
	return s.end(r, h)
}

// begin is the first convolution, of windows (T,K·inputs).
func (s *convStack) begin(r *tensor.Run, windows *tensor.Tensor) *tensor.Tensor {
	return r.RMSNorm(r.AddTable(r.Linear(windows, s.In), s.InBias), s.InNorm, convEps)
}

// end is the head.
func (s *convStack) end(r *tensor.Run, x *tensor.Tensor) *tensor.Tensor {
	return r.AddTable(r.Linear(r.RMSNorm(x, s.Norm, convEps), s.Head), s.HeadBias)
}
