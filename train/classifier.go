package train

import (
	"context"
	stdimage "image"
	"slices"
	"strings"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/image"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

// classifierObjective trains a classifier that tells which words the caption of
// a picture has, and its category: the yardstick of generated pictures.
type classifierObjective struct {
	pictures
	model  *network.ClassifierModel
	labels []string
	index  map[string]int
}

func (o *classifierObjective) load(ctx context.Context, state *checkpoint.File) error {
	if err := o.read(ctx, state, nil); err != nil {
		return err
	}
	o.labels = labelsOf(o.items["train"], o.t.recipe.Elements.MinCount)
	o.index = map[string]int{}
	for i, l := range o.labels {
		o.index[l] = i
	}
	var err error
	if o.model, err = network.NewClassifierModel(o.t.recipe.classifierConfig(len(o.labels))); err != nil {
		return err
	}
	o.model.Init(o.t.recipe.Seed)
	return nil
}

// labelsOf lists the words of captions, and categories, that stand with at
// least so many pictures, in alphabetical order.
func labelsOf(items []image.Item, least int) []string {
	count := map[string]int{}
	for i := range items {
		for _, l := range itemLabels(&items[i]) {
			count[l]++
		}
	}
	var out []string
	for l, n := range count {
		if n >= least {
			out = append(out, l)
		}
	}
	slices.Sort(out)
	return out
}

// itemLabels is the words and the category of an item, each once.
func itemLabels(it *image.Item) []string {
	words := append(CaptionWords(it.Caption), CategoryLabel(it.Category))
	slices.Sort(words)
	return slices.Compact(words)
}

// CaptionWords cuts a caption into the words that a classifier may know.
func CaptionWords(caption string) []string {
	return strings.FieldsFunc(strings.ToLower(caption), func(r rune) bool { return r == ' ' || r == ',' })
}

// CategoryLabel is the label of a category, told from a word of the same name.
func CategoryLabel(category string) string { return "category: " + category }

func (o *classifierObjective) params() []*tensor.Param { return o.model.Params() }

func (o *classifierObjective) draw(step int) work {
	rng := o.stepRand(step)
	items := o.deal(rng)
	for i := range items {
		items[i].Image = shifted(items[i].Image, rng.IntN(5)-2, rng.IntN(5)-2)
	}
	return o.work(items, float32(o.t.recipe.Train.Dropout))
}

// shifted moves a picture; what comes in is transparent.
func shifted(p *stdimage.NRGBA, dx, dy int) *stdimage.NRGBA {
	out := stdimage.NewNRGBA(p.Rect)
	for y := range p.Rect.Dy() {
		for x := range p.Rect.Dx() {
			if x, y := x-dx, y-dy; x >= 0 && y >= 0 && x < p.Rect.Dx() && y < p.Rect.Dy() {
				copy(out.Pix[out.PixOffset(out.Rect.Min.X+x+dx, out.Rect.Min.Y+y+dy):][:4], p.Pix[p.PixOffset(p.Rect.Min.X+x, p.Rect.Min.Y+y):][:4])
			}
		}
	}
	return out
}

func (o *classifierObjective) work(items []image.Item, dropout float32) work {
	w := work{positions: len(items) * o.model.Width * o.model.Height, elements: len(items)}
	for _, part := range o.chunks(items) {
		var values []float32
		labels := make([]float32, len(part)*len(o.labels))
		for i := range part {
			values = append(values, image.Values(nil, part[i].Image)...)
			for _, l := range itemLabels(&part[i]) {
				if k, ok := o.index[l]; ok {
					labels[i*len(o.labels)+k] = 1
				}
			}
		}
		w.passes = append(w.passes, func(run *tensor.Run) float64 {
			x := run.New(len(part)*o.model.Width*o.model.Height, o.model.Channels)
			copy(x.Data, values)
			y := o.model.Logits(run, o.model.Features(run, x, dropout))
			losses, weights := make([]float32, len(part)), make([]float32, len(part))
			for i := range weights {
				weights[i] = 1 / float32(len(items))
			}
			run.BinaryCrossEntropy(y, labels, weights, losses)
			return weighted(losses, weights)
		})
	}
	return w
}

func (o *classifierObjective) heldOut(_ context.Context, split string) ([]work, error) {
	return []work{o.work(o.split(split), 0)}, nil
}

func (o *classifierObjective) describe(c *card.Card, valid, _ validation) (string, []map[string]any) {
	c.Results["valid.nats_per_picture"] = valid.loss
	return network.ArchitectureClassifier, []map[string]any{o.model.Metadata(), o.out.Metadata(), {network.KeyLabels: o.labels, network.KeyLabelShares: o.shares()}}
}

// shares is how often each label stands with the training pictures: what its
// logit is to be read against.
func (o *classifierObjective) shares() []float32 {
	out := make([]float32, len(o.labels))
	items := o.items["train"]
	for i := range items {
		for _, l := range itemLabels(&items[i]) {
			if k, ok := o.index[l]; ok {
				out[k] += 1 / float32(len(items))
			}
		}
	}
	return out
}
