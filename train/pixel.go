package train

import (
	"context"
	"math"

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
	if err := o.read(ctx, state, true); err != nil {
		return err
	}
	return o.build()
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
			h := o.model.Hidden(run, in)
			losses, weights := make([]float32, len(targets)), make([]float32, len(targets))
			for i := range weights {
				weights[i] = 1 / float32(n)
			}
			run.CrossEntropy(h, o.model.PixelTrunk.Embed, targets, weights, losses)
			return weighted(losses, weights)
		})
	}
	return w
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
