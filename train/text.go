package train

import (
	"context"
	"fmt"
	"math"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/text"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

// textObjective trains the networks of text: a decoder by the next element, a
// masked network by masked diffusion.
type textObjective struct {
	t      *trainer
	tok    *text.Tokenizer
	enc    *encoder
	trunk  *network.Trunk
	length *tensor.Param // nil for a decoder
	all    []*tensor.Param
	data   sampler
}

func (o *textObjective) load(ctx context.Context, state *checkpoint.File) error {
	r, tell := o.t.recipe, o.t.opts.Progress
	tell(Progress{Message: "reading data"})
	items, err := readItems(ctx, r, o.t.opts.Data, r.Data.Train)
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return fmt.Errorf("train: %s: the training data holds no rows", r.Name)
	}
	format := formatOf(r, items)
	if state != nil {
		o.tok, err = text.FromMetadata(state.Value)
	} else {
		tell(Progress{Message: "training the tokenizer"})
		controls := append(format.Controls(), text.Token("mask"))
		o.tok, err = text.Train(corpus(items), text.TrainOptions{Pieces: r.Elements.Pieces, MinCount: r.Elements.MinCount, Controls: controls})
	}
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	if err := o.build(); err != nil {
		return err
	}
	tell(Progress{Message: "encoding data"})
	o.enc = newEncoder(o.tok, format, r.Network.Context, r.Network.MaxLength)
	o.data = sampler{enc: o.enc, recipe: r.Train, masked: o.length != nil, deck: deck{seed: r.Seed}}
	skipped := o.data.load(items)
	if len(o.data.examples) == 0 {
		return fmt.Errorf("train: %s: none of %d rows fits network.max_length %d", r.Name, len(items), r.Network.MaxLength)
	}
	if skipped > 0 {
		tell(Progress{Message: fmt.Sprintf("left out %d of %d rows longer than network.max_length %d", skipped, len(items), r.Network.MaxLength)})
	}
	return nil
}

// build makes the network, with weights drawn from the seed or another's.
func (o *textObjective) build() error {
	r := o.t.recipe
	c := r.config(o.tok.Size())
	if r.Network.Kind == "masked" {
		m, err := network.NewMaskedModel(c, r.Network.MaxLength)
		if err != nil {
			return err
		}
		m.Init(r.Seed)
		o.trunk, o.length, o.all = m.Trunk, m.Length, m.Params()
	} else {
		trunk, err := network.NewTrunk(c)
		if err != nil {
			return err
		}
		trunk.Init(r.Seed)
		o.trunk, o.all = trunk, trunk.Params()
	}
	// That a masked network learns faster from a causal one's weights than from
	// none is shown by Gong et al., arXiv 2410.17891.
	return o.t.startFrom(o.all, func(f *checkpoint.File, name string) error { return sameVocabulary(f, name, o.tok) })
}

// sameVocabulary refuses a model whose tokens are not those of the recipe.
func sameVocabulary(f *checkpoint.File, name string, want *text.Tokenizer) error {
	tok, err := text.FromMetadata(f.Value)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if tok.Size() != want.Size() {
		return fmt.Errorf("%s has %d tokens, this recipe %d; want the same data and elements", name, tok.Size(), want.Size())
	}
	for id := range tok.Size() {
		if tok.Piece(id) != want.Piece(id) {
			return fmt.Errorf("token %d of %s is %q, of this recipe %q; want the same data and elements", id, name, tok.Piece(id), want.Piece(id))
		}
	}
	return nil
}

func (o *textObjective) params() []*tensor.Param { return o.all }

func (o *textObjective) place() *cursor { return &o.data.cursor }

func (o *textObjective) kept() map[string]any { return o.tok.Metadata() }

func (o *textObjective) draw(step int) work {
	return o.work(o.data.next(step))
}

func (o *textObjective) work(b batch) work {
	w := work{positions: b.positions, elements: b.elements, units: b.units}
	for i := range b.micros {
		w.passes = append(w.passes, func(run *tensor.Run) float64 { return o.forward(run, &b.micros[i]) })
	}
	return w
}

// forward evaluates one micro-batch and returns Σ weight·loss.
func (o *textObjective) forward(run *tensor.Run, m *micro) float64 {
	m.pass.Dropout = float32(o.t.recipe.Train.Dropout)
	h := o.trunk.Hidden(run, m.pass)
	losses := make([]float32, len(m.rows))
	run.CrossEntropy(run.Gather(h, m.rows), o.trunk.Embed, m.targets, m.weights, losses)
	if o.length != nil && len(m.lengthRows) > 0 {
		losses := make([]float32, len(m.lengthRows))
		run.CrossEntropy(run.Gather(h, m.lengthRows), o.length, m.lengthTargets, m.lengthWeights, losses)
	}
	return weighted(losses, m.weights)
}

// weighted is Σ weight·loss.
func weighted(losses, weights []float32) float64 {
	var sum float64
	for i, l := range losses {
		sum += float64(l) * float64(weights[i])
	}
	return sum
}

// squaredError adds the squared error of y, each row of a weight, and returns it.
func squaredError(run *tensor.Run, y *tensor.Tensor, target []float32, weight func(row int) float64) float64 {
	losses, weights := make([]float32, y.Rows), make([]float32, y.Rows)
	for i := range weights {
		weights[i] = float32(weight(i))
	}
	run.SquaredError(y, target, weights, losses)
	return weighted(losses, weights)
}

// heldOut hides nothing by chance but, for a masked network, what its loss
// needs hidden.
func (o *textObjective) heldOut(ctx context.Context, split string) ([]work, error) {
	r := o.t.recipe
	sources, most := r.Data.Valid, r.Train.ValidTokens
	if split == "test" {
		sources, most = r.Data.Test, math.MaxInt
	}
	items, err := readItems(ctx, r, o.t.opts.Data, sources)
	if err != nil {
		return nil, err
	}
	v := sampler{enc: o.enc, recipe: r.Train, masked: o.data.masked, once: true, deck: deck{seed: r.Seed + 1}}
	v.recipe.DropCondition, v.recipe.PadShare = 0, 0
	v.load(items)
	var out []work
	for n := 0; n < most && v.Index < len(v.examples); {
		b := v.next(len(out))
		out = append(out, o.work(b))
		n += b.positions
	}
	return out, nil
}

func (o *textObjective) describe(c *card.Card, valid, test validation) (string, []map[string]any) {
	arch, bound := network.ArchitectureLlama, ""
	if o.length != nil {
		arch, bound = network.ArchitectureLLaDA, "_bound"
	}
	c.MaxLength = o.t.recipe.Network.MaxLength
	for name, v := range map[string]validation{"valid": valid, "test": test} {
		if !math.IsNaN(v.bits) {
			c.Results[name+".bits_per_character"+bound] = v.bits
		}
	}
	return arch, []map[string]any{o.trunk.Config.Metadata(arch), o.enc.format.Metadata(), o.tok.Metadata()}
}
