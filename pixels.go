package stride

import (
	"context"
	"fmt"
	stdimage "image"
	"math"
	"slices"

	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/strategy"
	"github.com/stride-ml/stride/tensor"
)

// pixels is the engine of pictures by ar: a colour of the palette a pass, from
// the top left to the bottom right.
type pixels struct {
	pictures
	model *network.PixelModel
	nets  evaluators[*network.Pixel]
}

func openPixels(e *member) (engine, error) {
	c, err := network.ReadPixelConfig(e.file)
	if err != nil {
		return nil, err
	}
	shared, err := openPictures(e, c.Width, c.Height, c.Rows.Vocab, c.MaxCaption())
	if err != nil {
		return nil, err
	}
	if n := len(shared.shape.Palette); n != c.Colours {
		return nil, fmt.Errorf("the palette has %d colours, the network %d", n, c.Colours)
	}
	p := &pixels{pictures: shared}
	p.nets = newEvaluators(func(pool *tensor.Pool) *network.Pixel { return network.NewPixel(p.model, pool) })
	return p, nil
}

func (e *pixels) read() (err error) {
	e.model, err = network.ReadPixel(e.file)
	return err
}

func (e *pixels) describe(info *Info) {
	e.pictures.describe(info)
	info.Picture.Colours, info.Picture.GuidanceAR = len(e.shape.Palette), float64(e.usualGuidance())
}

func (e *pixels) start(pool *tensor.Pool, p Prompt, c config) (*generation, error) {
	ids, err := e.tokens("caption", p.Text, p.Conditions)
	if err != nil {
		return nil, err
	}
	kept, err := e.kept(p, c)
	if err != nil {
		return nil, err
	}
	o := strategy.Options{
		Sampling: c.sampling(), Seed: c.seed, Passes: e.passes(c), End: e.model.End(),
		Length: strategy.LengthMode(e.size() + 1), Constraint: strategy.Constraint{Fixed: kept},
	}
	guidance, negative, err := e.leaning(p, c, ids)
	if err != nil {
		return nil, err
	}
	if guidance == 1 {
		return e.painting(begin(e.nets, pool, func(d *network.Pixel) (strategy.Machine, error) {
			return strategy.NewAR(d, e.model.Prompt(ids), o)
		}))
	}
	second := e.nets.take(pool)
	g, err := e.painting(begin(e.nets, pool, func(d *network.Pixel) (strategy.Machine, error) {
		guided, err := strategy.NewGuided(d, second, e.model.Prompt(ids), e.model.Prompt(negative), guidance)
		if err != nil {
			return nil, err
		}
		return strategy.NewAR(guided, e.model.Prompt(ids), o)
	}))
	if err != nil {
		e.nets.give(second)
		return nil, err
	}
	first := g.free
	g.free = func() {
		first()
		e.nets.give(second)
	}
	return g, nil
}

// painting lets a generation show its pictures.
func (e *pixels) painting(g *generation, err error) (*generation, error) {
	if err == nil {
		g.show = e.painter()
	}
	return g, err
}

// leaning is how far from which prompt a picture of a caption's tokens leans.
func (e *pixels) leaning(p Prompt, c config, ids []int) (guidance float32, negative []int, err error) {
	if negative, err = e.tokens("negative prompt", p.Negative, nil); err != nil {
		return 0, nil, err
	}
	guidance = e.usualGuidance()
	if c.chose("guidance") {
		guidance = c.picture.guidance
	}
	if err := checkNegative(p, guidance); err != nil {
		return 0, nil, err
	}
	if slices.Equal(ids, negative) {
		guidance = 1 // a picture of anything leans nowhere
	}
	return guidance, negative, nil
}

// kept are the colours of the rows of the prompt's picture that stay, by pixel.
func (e *pixels) kept(p Prompt, c config) (map[int]int, error) {
	if p.Picture == nil {
		if c.chose("keep") {
			return nil, badOption("keep", fmt.Sprint(c.picture.keep), "a picture whose first rows are kept")
		}
		return nil, nil
	}
	share := c.picture.keep
	if !c.chose("keep") {
		share = 0.5
	}
	if !(share >= 0 && share <= 1) {
		return nil, badOption("keep", fmt.Sprint(share), "0 to 1")
	}
	colours, err := e.colours(p.Picture)
	if err != nil {
		return nil, err
	}
	rows := int(math.Round(float64(share) * float64(e.shape.Height)))
	kept := map[int]int{}
	for i, id := range colours[:rows*e.shape.Width] {
		kept[i] = id
	}
	return kept, nil
}

// colours are the palette's nearest to those of a picture (H·W).
func (e *pixels) colours(img *stdimage.NRGBA) ([]int, error) {
	fitted, err := e.fit("picture", img, false)
	if err != nil {
		return nil, err
	}
	return e.shape.Palette.Indices(nil, fitted), nil
}

// painter shows colours to which others are only appended: it paints what is new
// and hands out a copy, because steps may be kept. At 32x32 pixels that costs a
// few hundredths of a pass of the bundled network (BenchmarkPixels).
func (e *pixels) painter() func(strategy.Step) Object {
	canvas, known := e.shape.Palette.Picture(nil, e.shape.Width, e.shape.Height), 0
	return func(s strategy.Step) Object {
		for ; known < len(s.Tokens); known++ {
			colour := e.shape.Palette[s.Tokens[known]]
			copy(canvas.Pix[4*known:], []uint8{colour.R, colour.G, colour.B, colour.A})
		}
		return Picture{Image: clone(canvas), Known: known}
	}
}

func (e *pixels) speed(ctx context.Context, pool *tensor.Pool, _ string, length int) (float64, error) {
	ids, err := e.tokens("caption", "", nil)
	if err != nil {
		return 0, err
	}
	d := e.nets.take(pool)
	defer e.nets.give(d)
	return stepwise(ctx, d, e.model.Prompt(ids), length)
}
