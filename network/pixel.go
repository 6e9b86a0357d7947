package network

import (
	"fmt"

	"github.com/stride-ml/stride/tensor"
)

// PixelConfig gives the sizes of a pixel network.
type PixelConfig struct {
	Width, Height int    // of a picture
	Colours       int    // of the palette
	Rows          Config // trunk over the caption and the rows of pixels; its vocabulary is the caption's
	Pixels        Config // trunk over the pixels of one row; its vocabulary is the palette
	Pixel         int    // values that a pixel contributes to its row's embedding
}

// Validate reports the first size that does not make sense.
func (c PixelConfig) Validate() error {
	err := checkLimits([]limit{
		{"picture width", c.Width, maxSide}, {"picture height", c.Height, maxSide}, {"palette", c.Colours, 1 << 16}, {"pixel embedding", c.Pixel, maxWidth},
	})
	if err != nil {
		return err
	}
	for _, t := range []struct {
		name string
		c    Config
	}{{"row trunk", c.Rows}, {"pixel trunk", c.Pixels}} {
		if err := t.c.Validate(); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	switch {
	case c.Pixels.Vocab != c.Colours || c.Pixels.Context != c.Width:
		return fmt.Errorf("network: the pixel trunk has %d tokens and %d positions, want the %d colours and %d pixels of a row", c.Pixels.Vocab, c.Pixels.Context, c.Colours, c.Width)
	case c.MaxCaption() < 2 || c.MaxCaption() > maxCaption:
		return fmt.Errorf("network: the row trunk has %d positions, want those of the %d rows and 1 to %d more", c.Rows.Context, c.Height, maxCaption-1)
	}
	return nil
}

// MaxCaption is the most tokens of a caption.
func (c PixelConfig) MaxCaption() int { return c.Rows.Context - c.Height + 1 }

// weights is the number of weights of a network of these sizes.
func (c PixelConfig) weights() int {
	near := len(neighbours) * (c.Colours + 1) * c.Pixels.Width
	return c.Rows.weights() + c.Pixels.weights() + (c.Colours+1)*c.Pixel + c.Rows.Width*(c.Width*(c.Pixel+c.Pixels.Width)+c.Colours) + near
}

// neighbours are the pixels that a pixel sees directly, by columns to the right
// and rows below it: all come before it in raster order.
var neighbours = [...]struct{ dx, dy int }{
	{-1, 0}, {-2, 0}, {-3, 0}, {-4, 0},
	{-2, -1}, {-1, -1}, {0, -1}, {1, -1}, {2, -1}, {3, -1},
	{-1, -2}, {0, -2}, {1, -2}, {0, -3},
}

// PixelModel is the weights of a pixel network: p(picture | caption) as one
// categorical choice a pixel, in raster order (PixelRNN, van den Oord et al.,
// arXiv 1601.06759). A trunk goes over the caption and then the rows, each
// embedded whole; what it says after row r-1 is the context in which a smaller
// trunk goes over the pixels of row r, which also see their neighbours above
// and to the left by lookup. So that only the small trunk runs for every pixel.
type PixelModel struct {
	PixelConfig
	RowTrunk   *Trunk
	PixelTrunk *Trunk        // its table of tokens is the output table of colours
	Colour     *tensor.Param // (P+1,E): what a pixel contributes to its row; the last is outside
	RowIn      *tensor.Param // (C,W·E)
	Context    *tensor.Param // (W·Cp,C): context of a row, for each of its pixels
	Near       *tensor.Param // (neighbours·(P+1),Cp)
	Guess      *tensor.Param // (P,C): logits of the colours that a caption lets expect; training teaches captions by it
}

// NewPixelModel returns a pixel network with all weights zero.
func NewPixelModel(c PixelConfig) (*PixelModel, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	rows, err := newTrunkNamed("row.", c.Rows)
	if err != nil {
		return nil, err
	}
	pixels, err := newTrunkNamed("pixel.", c.Pixels)
	if err != nil {
		return nil, err
	}
	return &PixelModel{
		PixelConfig: c, RowTrunk: rows, PixelTrunk: pixels,
		Colour:  tensor.NewParam("colour.weight", c.Colours+1, c.Pixel),
		RowIn:   tensor.NewParam("row_in.weight", c.Rows.Width, c.Width*c.Pixel),
		Context: tensor.NewParam("context.weight", c.Width*c.Pixels.Width, c.Rows.Width),
		Near:    tensor.NewParam("near.weight", len(neighbours)*(c.Colours+1), c.Pixels.Width),
		Guess:   tensor.NewParam("guess.weight", c.Colours, c.Rows.Width),
	}, nil
}

// Params lists all weights in the order in which they are stored.
func (m *PixelModel) Params() []*tensor.Param {
	return append(append(m.RowTrunk.Params(), m.PixelTrunk.Params()...), m.Colour, m.RowIn, m.Context, m.Near, m.Guess)
}

// Parameters is the number of weights.
func (m *PixelModel) Parameters() int64 { return countParams(m.Params()) }

// Init draws the weights as [Trunk.Init] does, lookups with deviation 0.05.
func (m *PixelModel) Init(seed uint64) {
	initPlain([]*tensor.Param{m.RowIn, m.Context, m.Colour, m.Near, m.Guess}, seed)
	for _, p := range []*tensor.Param{m.Colour, m.Near} {
		for i := range p.Data {
			p.Data[i] *= 0.3
		}
	}
	m.RowTrunk.Init(seed)
	m.PixelTrunk.Init(seed + 1)
}

// Elements is the number of pixels of a picture.
func (m *PixelModel) Elements() int { return m.Width * m.Height }

// End is the token that no picture reaches: it follows the colours.
func (m *PixelModel) End() int { return m.Colours }

// Prompt turns the tokens of a caption into tokens of this network.
func (m *PixelModel) Prompt(ids []int) []int {
	out := make([]int, len(ids))
	for i, id := range ids {
		out[i] = m.Colours + 1 + id
	}
	return out
}

// near appends the rows of the lookup table for pixel (x,y), given the colours
// of the pixels before it in raster order.
func (m *PixelModel) near(ids, colours []int, x, y int) []int {
	for k, d := range neighbours {
		colour := m.Colours // outside
		if x, y := x+d.dx, y+d.dy; x >= 0 && x < m.Width && y >= 0 {
			colour = colours[y*m.Width+x]
		}
		ids = append(ids, k*(m.Colours+1)+colour)
	}
	return ids
}

// embedRows embeds whole rows of colours (n·W) as (n,C).
func (m *PixelModel) embedRows(r *tensor.Run, colours []int) *tensor.Tensor {
	e := r.Embed(m.Colour, colours)
	return r.Linear(r.Reshape(e, len(colours)/m.Width, m.Width*m.Pixel), m.RowIn)
}

// PixelBatch is captions and pictures to train on or score.
type PixelBatch struct {
	Captions [][]int // tokens of the caption's tokenizer, at least one each
	Pictures [][]int // (H·W) colours each
	Dropout  float32 // while training
}

// Hidden returns the pixel trunk's output (B·H·W,Cp), from which the colour of
// each pixel is predicted given all before it, and the row trunk's after each
// caption (B,C).
func (m *PixelModel) Hidden(r *tensor.Run, in PixelBatch) (pixels, captions *tensor.Tensor) {
	pass := Pass{Causal: true, Dropout: in.Dropout}
	var words, rows, contexts, first, order, near []int
	for _, ids := range in.Captions {
		words = append(words, ids...)
	}
	for b, picture := range in.Pictures {
		start, caption := len(pass.Positions), len(in.Captions[b])
		pass.Spans = append(pass.Spans, tensor.Span{Start: start, Len: caption + m.Height - 1})
		for i := range caption + m.Height - 1 {
			pass.Positions = append(pass.Positions, i)
			if i >= caption-1 {
				contexts = append(contexts, start+i)
			}
		}
		rows = append(rows, picture[:(m.Height-1)*m.Width]...)
		for i := range picture {
			near = m.near(near, picture, i%m.Width, i/m.Width)
		}
	}
	// The trunk's rows: of each picture its caption, then its rows but the last.
	at, rowAt := 0, len(words)
	for _, ids := range in.Captions {
		for range ids {
			order = append(order, at)
			at++
		}
		for range m.Height - 1 {
			order = append(order, rowAt)
			rowAt++
		}
	}
	x := r.Stack(r.Embed(m.RowTrunk.Embed, words), m.embedRows(r, rows))
	h := m.RowTrunk.through(r, r.Gather(x, order), pass, nil)
	for b := range in.Pictures {
		first = append(first, contexts[b*m.Height])
	}
	captions = r.Gather(h, first)
	context := r.Linear(r.Gather(h, contexts), m.Context)
	n := len(in.Pictures) * m.Elements()
	y := r.Add(r.Reshape(context, n, m.Pixels.Width), r.EmbedSum(m.Near, near, len(neighbours)))
	line := Pass{Causal: true, Dropout: in.Dropout}
	for i := range n {
		if i%m.Width == 0 {
			line.Spans = append(line.Spans, tensor.Span{Start: i, Len: m.Width})
		}
		line.Positions = append(line.Positions, i%m.Width)
	}
	return m.PixelTrunk.through(r, y, line, nil), captions
}

// FLOPs is the multiply-adds, times two, of one picture with a caption of so
// many tokens. Training takes three times as many.
func (m *PixelModel) FLOPs(caption int) float64 {
	rows := m.RowTrunk.FLOPs(caption+m.Height-1, (caption+m.Height)/2, 0)
	pixels := m.PixelTrunk.FLOPs(m.Elements(), m.Width/2, m.Elements())
	return rows + pixels + 2*float64(m.Height*m.Rows.Width*m.Width*(m.Pixel+m.Pixels.Width))
}
