package network

import (
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
	return r.Add(x, r.Scale(r.Dropout(r.Linear(h, b.Down), dropout), b.Scale))
}
