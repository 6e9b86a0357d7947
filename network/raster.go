package network

import (
	"fmt"
	"math"

	"github.com/stride-ml/stride/tensor"
)

// Pixel evaluates a pixel network on one picture, element after element. It
// implements the interface that strategies ask of a causal network: colours
// are tokens 0 to Colours-1, then comes END, then the tokens of the caption.
// Many may share a model; each is for one goroutine.
type Pixel struct {
	model   *PixelModel
	run     *tensor.Run
	rows    cache // of the row trunk: the caption and whole rows
	pixels  cache // of the pixel trunk: the row in progress
	caption int   // tokens of the caption taken
	colours []int
	context []float32 // (W,Cp) of the row in progress
	ready   bool      // context is that of the row in progress
	order   []int     // 0, 1, 2 ...
	near    []int
	words   []int     // (caption): its tokens in the row trunk's table
	logits  []float32 // (Vocab): -Inf for what is no colour
}

// NewPixel returns an evaluator without a picture. The model's weights must
// not change while it is used.
func NewPixel(m *PixelModel, pool *tensor.Pool) *Pixel {
	p := &Pixel{model: m, run: tensor.NewRun(pool), rows: newCache(m.Rows, tensor.CacheF32), pixels: newCache(m.Pixels, tensor.CacheF32), logits: make([]float32, m.Colours+1+m.Rows.Vocab)}
	for i := range max(m.Rows.Context, m.Width) {
		p.order = append(p.order, i)
	}
	for i := m.Colours; i < len(p.logits); i++ {
		p.logits[i] = float32(math.Inf(-1))
	}
	p.context = make([]float32, m.Width*m.Pixels.Width)
	return p
}

// Vocab is the number of tokens: colours, END and those of captions.
func (p *Pixel) Vocab() int { return len(p.logits) }

// Context is the most tokens of a caption and a picture together.
func (p *Pixel) Context() int { return p.model.Rows.Context - p.model.Height + p.model.Elements() }

// Rewind keeps only the first n tokens.
func (p *Pixel) Rewind(n int) {
	n = max(n, 0)
	if n < p.caption || n == 0 {
		p.caption, p.colours = n, p.colours[:0]
		p.rows.n, p.pixels.n, p.ready = n, 0, false
		return
	}
	if kept := n - p.caption; kept < len(p.colours) {
		p.colours = p.colours[:kept]
		p.rows.n = min(p.rows.n, p.caption+kept/p.model.Width)
		p.pixels.n, p.ready = 0, false
	}
}

// Extend appends tokens, those of the caption first, and returns the logits
// (Vocab) of the pixel that follows, valid until the next call. It fails, and
// changes nothing, when a token is out of place or the picture is full.
func (p *Pixel) Extend(tokens []int) ([]float32, error) {
	m := p.model
	if len(tokens) == 0 {
		return nil, fmt.Errorf("network: extend by no tokens")
	}
	words := 0
	for words < len(tokens) && tokens[words] > m.Colours {
		words++
	}
	switch {
	case words > 0 && len(p.colours) > 0:
		return nil, fmt.Errorf("network: a caption's token after %d pixels", len(p.colours))
	case p.caption+words == 0:
		return nil, fmt.Errorf("network: a picture without a caption")
	case p.caption+words > m.MaxCaption():
		return nil, fmt.Errorf("network: a caption of %d tokens, want at most %d", p.caption+words, m.MaxCaption())
	case len(p.colours)+len(tokens)-words >= m.Elements():
		return nil, fmt.Errorf("network: %d pixels and %d more leave none to predict of %d", len(p.colours), len(tokens)-words, m.Elements())
	}
	if err := checkTokens(tokens[:words], len(p.logits)); err != nil {
		return nil, err
	}
	if err := checkTokens(tokens[words:], m.Colours); err != nil {
		return nil, err
	}
	p.extendCaption(tokens[:words])
	p.colours = append(p.colours, tokens[words:]...)
	p.extendRows()
	return p.extendPixels(), nil
}

// extendCaption takes a part of the caption into the row trunk.
func (p *Pixel) extendCaption(tokens []int) {
	if len(tokens) == 0 {
		return
	}
	p.words = p.words[:p.caption]
	for _, id := range tokens {
		p.words = append(p.words, id-p.model.Colours-1)
	}
	p.run.Reset(0)
	p.through(p.run.Embed(p.model.RowTrunk.Embed, p.words[p.caption:]))
	p.caption += len(tokens)
}

// through takes new rows into the row trunk and keeps the context that the
// last of them gives to the row that follows.
func (p *Pixel) through(x *tensor.Tensor) {
	m := p.model
	h := m.RowTrunk.through(p.run, x, Pass{Positions: p.order[p.rows.n : p.rows.n+x.Rows]}, &p.rows)
	p.rows.n += x.Rows
	p.run.Project(p.context, h.Row(h.Rows-1), m.Context)
	p.pixels.n, p.ready = 0, true
}

// extendRows takes whole rows that the row trunk has not seen into it. After a
// rewind to a row that it has seen, the last one is seen again for its context.
func (p *Pixel) extendRows() {
	m := p.model
	seen, whole := p.rows.n-p.caption, len(p.colours)/m.Width
	if seen == whole && p.ready {
		return
	}
	p.run.Reset(0)
	switch {
	case whole > 0:
		seen = min(seen, whole-1)
		p.rows.n = p.caption + seen
		p.through(m.embedRows(p.run, p.colours[seen*m.Width:whole*m.Width]))
	default: // only a caption before: its last token again
		p.rows.n = p.caption - 1
		p.through(p.run.Embed(m.RowTrunk.Embed, p.words[len(p.words)-1:]))
	}
}

// extendPixels takes the pixels of the row in progress into the pixel trunk, up
// to the one to predict, and returns its logits.
func (p *Pixel) extendPixels() []float32 {
	m := p.model
	y, last := len(p.colours)/m.Width, len(p.colours)%m.Width
	first := p.pixels.n
	p.near = p.near[:0]
	for x := first; x <= last; x++ {
		p.near = m.near(p.near, p.colours, x, y)
	}
	p.run.Reset(0)
	in := p.run.EmbedSum(m.Near, p.near, len(neighbours))
	context := p.run.New(in.Rows, in.Cols)
	copy(context.Data, p.context[first*in.Cols:])
	h := m.PixelTrunk.through(p.run, p.run.Add(context, in), Pass{Positions: p.order[first : last+1]}, &p.pixels)
	p.pixels.n = last + 1
	p.run.Project(p.logits[:m.Colours], h.Row(h.Rows-1), m.PixelTrunk.Embed)
	return p.logits
}

// Score writes -log p of each of the pixels of a picture (H·W) given a caption
// (its tokenizer's tokens) and all pixels before, in nats, to nll (H·W).
func (p *Pixel) Score(caption, colours []int, nll []float32) error {
	m := p.model
	if len(caption) == 0 || len(caption) > m.MaxCaption() || len(colours) != m.Elements() || len(nll) != len(colours) {
		return fmt.Errorf("network: scoring a caption of %d tokens, %d pixels into %d losses; want 1 to %d tokens and %d pixels", len(caption), len(colours), len(nll), m.MaxCaption(), m.Elements())
	}
	if err := checkTokens(caption, m.Rows.Vocab); err != nil {
		return err
	}
	if err := checkTokens(colours, m.Colours); err != nil {
		return err
	}
	p.run.Reset(0)
	h, _ := m.Hidden(p.run, PixelBatch{Captions: [][]int{caption}, Pictures: [][]int{colours}})
	p.run.CrossEntropy(h, m.PixelTrunk.Embed, colours, nil, nll)
	return nil
}
