package train

import (
	"context"
	"math"

	stdimage "image"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/image"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

// pixelObjective trains a pixel network by the next pixel.
type pixelObjective struct {
	pictures
	model *network.PixelModel
}

func (o *pixelObjective) load(ctx context.Context, state *checkpoint.File) error {
	if err := o.read(ctx, state, o.learnPalette); err != nil {
		return err
	}
	return o.build()
}

func (o *pixelObjective) learnPalette(all []*stdimage.NRGBA) (err error) {
	o.out.Palette, err = image.LearnPalette(all, o.t.recipe.Elements.Colours, o.t.recipe.Seed)
	return err
}

// build makes the network, with weights drawn from the seed or another's.
func (o *pixelObjective) build() (err error) {
	if o.model, err = network.NewPixelModel(o.t.recipe.pixelConfig(o.tok.Size(), len(o.out.Palette))); err != nil {
		return err
	}
	o.model.Init(o.t.recipe.Seed)
	return o.t.startFrom(o.params(), nil)
}

func (o *pixelObjective) params() []*tensor.Param { return o.model.Params() }

func (o *pixelObjective) draw(step int) work {
	rng := o.stepRand(step)
	items := o.deal(rng)
	captions := make([][]int, len(items))
	for i := range items {
		captions[i], _ = o.caption(&items[i], rng)
	}
	return o.work(items, captions)
}

// work is the forward passes over pictures with their captions laid out.
func (o *pixelObjective) work(items []image.Item, captions [][]int) work {
	n := len(items) * o.model.Elements()
	w := work{positions: n, elements: n, units: n}
	for _, part := range o.chunks(items) {
		in := network.PixelBatch{Captions: captions[:len(part)], Dropout: float32(o.t.recipe.Train.Dropout)}
		captions = captions[len(part):]
		var targets []int
		for _, it := range part {
			ids := o.out.Palette.Indices(nil, it.Image)
			in.Pictures = append(in.Pictures, ids)
			targets = append(targets, ids...)
		}
		w.passes = append(w.passes, func(run *tensor.Run) float64 {
			h, captions := o.model.Hidden(run, in)
			losses, weights := make([]float32, len(targets)), make([]float32, len(targets))
			for i := range weights {
				weights[i] = 1 / float32(n)
			}
			taught := weights
			if run.Training() {
				o.teachGuess(run, captions, in.Pictures, len(items))
				taught = o.emphasised(in.Pictures, weights[0])
			}
			run.CrossEntropy(h, o.model.PixelTrunk.Embed, targets, taught, losses)
			return weighted(losses, weights)
		})
	}
	return w
}

// A word of a caption, such as the name of a colour, saves a few bits of the
// thousand or more that a picture has: too little to be learned soon. So what
// captions say is taught by itself as well, and the pixels that are the first in
// their colours, which words tell most about, weigh more. Which do depends on
// the pixels before them alone, so that the probabilities stay the right ones.
const (
	guessWeight  = 0.2 // of the colours that captions let expect, a mean over the palette
	firstWeight  = 4   // of pixels while a picture has few colours
	firstColours = 4   // and how few: more than none, fewer than this
)

// teachGuess adds the gradient of the cross-entropy of which colours of the
// palette the pictures of captions have.
func (o *pixelObjective) teachGuess(run *tensor.Run, captions *tensor.Tensor, pictures [][]int, batch int) {
	y := run.Linear(captions, o.model.Guess)
	labels, losses, weights := make([]float32, len(y.Data)), make([]float32, y.Rows), make([]float32, y.Rows)
	for b, picture := range pictures {
		for _, c := range picture {
			labels[b*y.Cols+c] = 1
		}
		weights[b] = guessWeight / float32(batch*y.Cols)
	}
	run.BinaryCrossEntropy(y, labels, weights, losses)
}

// emphasised is the weights of the pixels of pictures, of which most have the
// given one.
func (o *pixelObjective) emphasised(pictures [][]int, weight float32) []float32 {
	var out []float32
	for _, picture := range pictures {
		seen, colours := make([]bool, o.model.Colours), 0
		for _, c := range picture {
			w := weight
			if colours > 0 && colours < firstColours {
				w *= firstWeight
			}
			out = append(out, w)
			if c > 0 && !seen[c] {
				seen[c] = true
				colours++
			}
		}
	}
	return out
}

func (o *pixelObjective) heldOut(_ context.Context, split string) ([]work, error) {
	items := o.split(split)
	captions := make([][]int, len(items))
	for i := range items {
		captions[i], _ = o.caption(&items[i], nil)
	}
	return []work{o.work(items, captions)}, nil
}

func (o *pixelObjective) describe(c *card.Card, valid, test validation) (string, []map[string]any) {
	c.MaxLength = o.model.Elements()
	for name, v := range map[string]validation{"valid": valid, "test": test} {
		if !math.IsNaN(v.bits) {
			c.Results[name+".bits_per_pixel"] = v.bits
		}
	}
	return network.ArchitecturePixel, []map[string]any{o.model.Metadata(), o.enc.format.Metadata(), o.tok.Metadata(), o.out.Metadata()}
}
