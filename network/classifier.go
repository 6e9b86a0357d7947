package network

import (
	"fmt"

	"github.com/stride-ml/stride/tensor"
)

// ClassifierConfig gives the sizes of a classifier of pictures.
type ClassifierConfig struct {
	Width, Height, Channels int // of a picture; width and height divide by 8
	Base                    int // channels at full resolution; twice, four and eight times as many below
	Features                int // values that a picture is summed up in
	Labels                  int // each of which a picture may have or not
}

// Validate reports the first size that does not make sense.
func (c ClassifierConfig) Validate() error {
	err := checkLimits([]limit{
		{"picture width", c.Width, maxSide}, {"picture height", c.Height, maxSide}, {"channels", c.Channels, 64},
		{"base width", c.Base, 1 << 12}, {"features", c.Features, maxWidth}, {"labels", c.Labels, maxVocab},
	})
	if err != nil {
		return err
	}
	if c.Width%8 != 0 || c.Height%8 != 0 {
		return fmt.Errorf("network: a classifier of %dx%d, want sides that divide by 8", c.Width, c.Height)
	}
	return nil
}

// stage is two resolutions of the classifier: a convolution that is added to
// what it saw, then squares of four pixels joined into one.
type stage struct{ conv, join *tensor.Param }

// ClassifierModel is the weights of a classifier: convolutions at four
// resolutions, their mean over the picture as features, and a logit for each
// label.
type ClassifierModel struct {
	ClassifierConfig
	In     *tensor.Param
	stages []stage
	Last   *tensor.Param
	Out    *tensor.Param // (F,8·base)
	Norm   *tensor.Param // (1,F)
	Head   *tensor.Param // (labels,F)
}

// NewClassifierModel returns a classifier with all weights zero.
func NewClassifierModel(c ClassifierConfig) (*ClassifierModel, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	m := &ClassifierModel{ClassifierConfig: c, In: tensor.NewParam("in.weight", c.Base, 9*c.Channels),
		Out: tensor.NewParam("out.weight", c.Features, 8*c.Base), Norm: normParam("norm.weight", c.Features), Head: tensor.NewParam("head.weight", c.Labels, c.Features)}
	width := c.Base
	for i := range 3 {
		p := func(name string, out, in int) *tensor.Param {
			return tensor.NewParam(fmt.Sprintf("stage.%d.%s.weight", i, name), out, in)
		}
		m.stages = append(m.stages, stage{p("conv", width, 9*width), p("join", 2*width, 4*width)})
		width *= 2
	}
	m.Last = tensor.NewParam("last.weight", width, 9*width)
	return m, nil
}

// Params lists all weights in the order in which they are stored.
func (m *ClassifierModel) Params() []*tensor.Param {
	ps := []*tensor.Param{m.In}
	for _, s := range m.stages {
		ps = append(ps, s.conv, s.join)
	}
	return append(ps, m.Last, m.Out, m.Norm, m.Head)
}

// Init draws the weights with deviation 1/√inputs; the norm starts at 1.
func (m *ClassifierModel) Init(seed uint64) {
	initPlain(m.Params(), seed)
	fill(m.Norm.Data, 1)
}

// Features returns what sums up each of the pictures x (B·H·W,Ch): (B,F), each
// row of root mean square 1 times the norm's weight.
func (m *ClassifierModel) Features(r *tensor.Run, x *tensor.Tensor, dropout float32) *tensor.Tensor {
	g := tensor.Grid{B: x.Rows / (m.Width * m.Height), H: m.Height, W: m.Width}
	h := r.SiLU(r.Conv3x3(x, m.In, g))
	for _, s := range m.stages {
		h = r.Add(h, r.SiLU(r.Conv3x3(h, s.conv, g)))
		h = r.SiLU(r.Linear(r.Patches(h, g, 2), s.join))
		g.H, g.W = g.H/2, g.W/2
	}
	h = r.Add(h, r.SiLU(r.Conv3x3(h, m.Last, g)))
	spans := make([]tensor.Span, g.B)
	for b := range spans {
		spans[b] = tensor.Span{Start: b * g.H * g.W, Len: g.H * g.W}
	}
	return r.RMSNorm(r.Linear(r.Dropout(r.Add(r.Mean(h, spans), r.Max(h, spans)), dropout), m.Out), m.Norm, flowEps)
}

// Logits returns a logit for each label from features: (B,labels).
func (m *ClassifierModel) Logits(r *tensor.Run, features *tensor.Tensor) *tensor.Tensor {
	return r.Linear(features, m.Head)
}

// Classifier evaluates a classifier. It is for one goroutine.
type Classifier struct {
	model *ClassifierModel
	run   *tensor.Run
}

// NewClassifier returns an evaluator of the model.
func NewClassifier(m *ClassifierModel, pool *tensor.Pool) *Classifier {
	return &Classifier{m, tensor.NewRun(pool)}
}

// classifyAtOnce is how many pictures go into one pass.
const classifyAtOnce = 32

// Classify returns features (B,F) and logits (B,labels) of pictures, each
// (H·W·Ch) values.
func (c *Classifier) Classify(pictures [][]float32) (features, logits [][]float32, err error) {
	m := c.model
	size := m.Width * m.Height * m.Channels
	for len(pictures) > 0 {
		part := pictures[:min(classifyAtOnce, len(pictures))]
		pictures = pictures[len(part):]
		c.run.Reset(0)
		x := c.run.New(len(part)*m.Width*m.Height, m.Channels)
		for i, p := range part {
			if len(p) != size {
				return nil, nil, fmt.Errorf("network: picture %d has %d values, want %d", len(features)+i, len(p), size)
			}
			copy(x.Data[i*size:], p)
		}
		f := m.Features(c.run, x, 0)
		l := m.Logits(c.run, f)
		for i := range part {
			features = append(features, append([]float32(nil), f.Row(i)...))
			logits = append(logits, append([]float32(nil), l.Row(i)...))
		}
	}
	return features, logits, nil
}
