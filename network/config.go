package network

import (
	"fmt"
	"math"

	"github.com/stride-ml/stride/tensor"
)

// Config gives a trunk's sizes and form. The zero value of a field after the
// sizes is what Llama does.
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

	Form
	HeadWidth   int         // width of one head; 0: Width/Heads
	Untied      bool        // logits by a table of their own, not by that of the embeddings
	RopeScaling RopeScaling // for contexts longer than those that were first trained on
	RopeFactors bool        // a tensor says by what each rotary frequency is divided
	Window      int         // a row of a local layer sees the last so many positions, itself counted; 0: all
	GlobalEvery int         // every so many-th layer sees all positions nevertheless; 0: none
	LocalBase   float64     // base of the rotary angles of local layers, which are not scaled; 0: as global ones
	ScoreScale  float32     // of attention scores; 0: 1/√head width
	ScoreCap    float32     // soft cap of attention scores; 0: none
	LogitCap    float32     // soft cap of logits; 0: none
}

// Form is what the blocks of a family of networks do otherwise than Llama's.
type Form struct {
	QKVBias    bool // biases on queries, keys and values
	OutBias    bool // a bias on what attention adds
	QKNorm     bool // an RMS norm on each head's queries and keys
	PostNorm   bool // an RMS norm also on what each half of a block adds (Gemma 2, arXiv 2408.00118)
	GELU       bool // the feed-forward gate is a GELU, not a SiLU
	ScaleEmbed bool // embeddings are multiplied by √Width
	Halves     bool // rotary pairs are elements i and i+half of a head, not neighbours
	Shift      bool // of masked networks: a position's logits come from the row before it
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
	case c.HeadWidth == 0 && (c.Width%c.Heads != 0 || c.Width/c.Heads%2 != 0):
		return fmt.Errorf("network: width %d does not divide into %d heads of even size", c.Width, c.Heads)
	case c.HeadWidth < 0 || c.HeadWidth > maxWidth || c.HeadWidth%2 != 0 || c.HeadWidth*c.Heads > maxWidth:
		return fmt.Errorf("network: %d heads of width %d, want an even width and at most %d in all", c.Heads, c.HeadWidth, maxWidth)
	case c.Heads%c.KVHeads != 0:
		return fmt.Errorf("network: %d heads cannot share %d key-value heads", c.Heads, c.KVHeads)
	case !(c.Eps > 0 && c.Eps < 1):
		return fmt.Errorf("network: RMS norm epsilon is %g, want between 0 and 1", c.Eps)
	case !(c.RopeBase > 1 && c.RopeBase < 1e12):
		return fmt.Errorf("network: rotary base is %g, want more than 1", c.RopeBase)
	case c.LocalBase != 0 && !(c.LocalBase > 1 && c.LocalBase < 1e12):
		return fmt.Errorf("network: rotary base of local layers is %g, want more than 1", c.LocalBase)
	case c.Window < 0 || c.GlobalEvery < 0:
		return fmt.Errorf("network: a window of %d positions and a global layer every %d, want 0 or more", c.Window, c.GlobalEvery)
	}
	for _, v := range []struct {
		name string
		got  float32
	}{{"scale of attention scores", c.ScoreScale}, {"soft cap of attention scores", c.ScoreCap}, {"soft cap of logits", c.LogitCap}} {
		if !(v.got >= 0 && v.got <= math.MaxFloat32) {
			return fmt.Errorf("network: %s is %g, want 0 or more", v.name, v.got)
		}
	}
	return c.RopeScaling.validate()
}

// weights is the number of weights of a trunk of these sizes.
func (c Config) weights() int {
	queries, kv := c.Heads*c.HeadDim(), c.KVHeads*c.HeadDim()
	layer := c.Width * (2 + 2*queries + 2*kv + 3*c.FFN)
	n := c.Vocab*c.Width + c.Width
	if c.QKVBias {
		layer += queries + 2*kv
	}
	if c.OutBias {
		layer += c.Width
	}
	if c.QKNorm {
		layer += 2 * c.HeadDim()
	}
	if c.PostNorm {
		layer += 2 * c.Width
	}
	if c.Untied {
		n += c.Vocab * c.Width
	}
	if c.RopeFactors {
		n += c.HeadDim() / 2
	}
	return n + c.Layers*layer
}

// HeadDim is the width of one head.
func (c Config) HeadDim() int {
	if c.HeadWidth != 0 {
		return c.HeadWidth
	}
	return c.Width / c.Heads
}

// isLocal reports whether the rows of a layer see a window only.
func (c Config) isLocal(layer int) bool {
	return c.Window > 0 && (c.GlobalEvery == 0 || (layer+1)%c.GlobalEvery != 0)
}

// attention is the shape of a layer's attention.
func (c Config) attention(layer int, causal bool) tensor.AttentionShape {
	s := tensor.AttentionShape{
		Heads: c.Heads, KVHeads: c.KVHeads, HeadDim: c.HeadDim(), Causal: causal,
		Scale: c.ScoreScale, SoftCap: c.ScoreCap,
	}
	if c.isLocal(layer) {
		s.Window = c.Window
	}
	return s
}
