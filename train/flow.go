package train

import (
	"context"
	"math"
	"math/rand/v2"

	stdimage "image"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/image"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
	"github.com/stride-ml/stride/tensor/kernel"
)

// flowObjective trains a flow network by flow matching (Lipman et al., arXiv
// 2210.02747) on the linear path, with the error of the velocity as the loss.
// A share of each batch, train.shortcut, teaches it steps of finite length
// instead (shortcut models, Frans et al., arXiv 2410.12557): what one step should
// do is what several shorter ones do. For one of 4 or 8 those are the shortest, by
// the instantaneous velocity of the network that training started from, with
// classifier-free guidance, which the shortcuts so learn to do without; for longer
// ones, since the shortest would take too long, two of half the length by the
// averaged weights. A network that is its own teacher of guidance drifts: it learns
// of what was guided, and guides that again.
type flowObjective struct {
	pictures
	model   *network.FlowModel
	teacher *network.FlowModel // of steps of finite length; nil without
	aiming  *tensor.Run        // evaluates where steps should lead; its memory serves every batch
}

func (o *flowObjective) load(ctx context.Context, state *checkpoint.File) error {
	norm := func(all []*stdimage.NRGBA) error {
		o.out.Norm = image.LearnNorm(all)
		return nil
	}
	if err := o.read(ctx, state, norm); err != nil {
		return err
	}
	return o.build()
}

// build makes the network, with weights drawn from the seed or another's.
func (o *flowObjective) build() (err error) {
	if o.model, err = network.NewFlowModel(o.t.recipe.flowConfig(o.tok.Size())); err != nil {
		return err
	}
	o.model.Init(o.t.recipe.Seed)
	if o.t.recipe.Train.Shortcut > 0 {
		o.aiming = tensor.NewRun(o.t.pool)
		if o.teacher, err = network.NewFlowModel(o.model.FlowConfig); err != nil {
			return err
		}
		if err := o.t.startFrom(o.teacher.Params(), nil); err != nil {
			return err
		}
	}
	return o.t.startFrom(o.params(), nil)
}

func (o *flowObjective) params() []*tensor.Param { return o.model.Params() }

func (o *flowObjective) draw(step int) work {
	rng := o.stepRand(step)
	items := o.deal(rng)
	shortcuts := int(math.Round(o.t.recipe.Train.Shortcut * float64(len(o.chunks(items)))))
	w := work{positions: len(items) * o.model.Width * o.model.Height, elements: len(items) * o.size()}
	for i, part := range o.chunks(items) {
		var b *flowBatch
		if i < shortcuts {
			b = o.steps(part, rng)
		} else {
			b = o.instants(part, rng)
		}
		w.passes = append(w.passes, func(run *tensor.Run) float64 {
			if b.spans[0] > 0 {
				o.aim(b)
			}
			return o.forward(run, b, w.elements)
		})
	}
	return w
}

// size is the number of values of a picture.
func (o *flowObjective) size() int { return o.model.Width * o.model.Height * o.model.Channels }

// flowBatch is the pictures of one forward pass at their times.
type flowBatch struct {
	x, target    []float32 // (B·size): noisy, and what the network should predict
	times, spans []float32 // (B)
	captions     [][]int   // nil where hidden
	blurred      []float32 // (B,patches·Ch): the mean of each patch of the pictures
}

// add appends a picture at a time.
func (o *flowObjective) add(b *flowBatch, it *image.Item, t, span float32, caption []int, rng *rand.Rand) {
	at := len(b.x)
	b.target = append(b.target, o.out.Norm.Values(nil, it.Image)...)
	b.blurred = o.model.Blur(b.blurred, b.target[at:])
	for _, v := range b.target[at:] {
		b.x = append(b.x, (1-t)*float32(rng.NormFloat64())+t*v)
	}
	b.times, b.spans, b.captions = append(b.times, t), append(b.spans, span), append(b.captions, caption)
}

// uniformTimes is the share of times that are drawn from all alike, so that the
// last steps of a generation are learned, too.
const uniformTimes = 0.2

// instants draws times from a logit-normal distribution (Esser et al., arXiv
// 2403.03206), stratified over the batch.
func (o *flowObjective) instants(items []image.Item, rng *rand.Rand) *flowBatch {
	b, r := &flowBatch{}, o.t.recipe.Train
	strata := rng.Perm(len(items))
	for i := range items {
		u := (float64(strata[i]) + rng.Float64()) / float64(len(items))
		z := math.Sqrt2 * math.Erfinv(2*min(max(u, 1e-6), 1-1e-6)-1)
		t := 1 / (1 + math.Exp(-(r.TimeMean + r.TimeDeviation*z)))
		if rng.Float64() < uniformTimes {
			t = rng.Float64()
		}
		o.add(b, &items[i], float32(t), 0, o.hidden(&items[i], rng), rng)
	}
	return b
}

// hidden is an item's caption, nil where it is hidden.
func (o *flowObjective) hidden(it *image.Item, rng *rand.Rand) []int {
	if ids, known := o.caption(it, rng); known {
		return ids
	}
	return nil
}

const (
	finest = 16 // steps from which on the velocity is taken as constant
	exact  = 4  // steps from which on one is taught by the finest
)

// lengths are how many steps there are in all, as often as they are drawn.
var lengths = []int{1, 2, 4, 4, 4, 8, 8}

// steps draws steps of one length that begin at multiples of it.
func (o *flowObjective) steps(items []image.Item, rng *rand.Rand) *flowBatch {
	b, n := &flowBatch{}, lengths[rng.IntN(len(lengths))]
	for i := range items {
		t := float32(rng.IntN(n)) / float32(n)
		o.add(b, &items[i], t, 1/float32(n), o.hidden(&items[i], rng), rng)
	}
	return b
}

// aim sets the target of steps: the finished object to which the mean velocity
// of shorter ones would lead.
func (o *flowObjective) aim(b *flowBatch) {
	size, n := o.size(), int(1/b.spans[0]+0.5)
	model, parts := o.teacher, finest/n
	if n < exact {
		model, parts = o.model, 2
		o.t.opt.swap()
		defer o.t.opt.swap()
	}
	spans := make([]float32, len(b.spans))
	times, x := append([]float32(nil), b.times...), append([]float32(nil), b.x...)
	for i, s := range b.spans {
		spans[i] = s / float32(parts)
	}
	for range parts {
		v := o.velocity(model, x, times, spans, b.captions)
		for i := range times {
			kernel.Axpy(x[i*size:(i+1)*size], spans[i], v[i*size:])
			times[i] += spans[i]
		}
	}
	for i, t := range b.times {
		row := b.target[i*size : (i+1)*size]
		for j := range row {
			row[j] = b.x[i*size+j] + (1-t)*(x[i*size+j]-b.x[i*size+j])/b.spans[i]
		}
	}
}

// velocity evaluates the mean velocity over spans; where a span is too short to
// have been taught, the instantaneous one with guidance.
func (o *flowObjective) velocity(model *network.FlowModel, x, times, spans []float32, captions [][]int) []float32 {
	size, n := o.size(), len(times)
	in := network.FlowBatch{X: append([]float32(nil), x...), Times: append([]float32(nil), times...), Spans: append([]float32(nil), spans...)}
	captions = append([][]int(nil), captions...)
	var plain []int // objects evaluated once more without a caption
	for i, s := range spans {
		if s > 1.0/finest+1e-6 {
			continue
		}
		in.Spans[i] = 0
		if captions[i] != nil {
			plain = append(plain, i)
			in.X = append(in.X, x[i*size:(i+1)*size]...)
			in.Times, in.Spans, captions = append(in.Times, times[i]), append(in.Spans, 0), append(captions, nil)
		}
	}
	run := o.aiming
	run.Reset(0)
	in.Caption = model.Captions(run, captions)
	y := model.Predict(run, in).Data
	for i, v := range y {
		y[i] = (v - in.X[i]) / (1 - in.Times[i/size])
	}
	g := float32(o.t.recipe.Train.Guidance)
	for k, i := range plain {
		with, without := y[i*size:(i+1)*size], y[(n+k)*size:(n+k+1)*size]
		for j, v := range with {
			with[j] = without[j] + g*(v-without[j])
		}
	}
	return append([]float32(nil), y[:n*size]...)
}

// The error of the velocity is that of the prediction over 1-t. What is left of
// the time is taken as no less than this, of steps no less than that of the last
// of 4: times near 1 are seldom drawn, and their errors would drown all others.
const (
	leastLeft     = 0.05
	leastLeftStep = 0.25
)

// forward evaluates pictures and returns the squared error of the velocity,
// a mean over so many values.
func (o *flowObjective) forward(run *tensor.Run, b *flowBatch, values int) float64 {
	caption := o.model.Captions(run, b.captions)
	if run.Training() {
		o.teachGuess(run, b, caption, values)
	}
	y := o.model.Predict(run, network.FlowBatch{X: b.x, Times: b.times, Spans: b.spans, Caption: caption})
	pixels := y.Rows / len(b.times)
	return squaredError(run, y, b.target, func(row int) float64 {
		least := leastLeft
		if b.spans[row/pixels] > 0 {
			least = leastLeftStep
		}
		left := max(1-float64(b.times[row/pixels]), least)
		return 1 / (left * left) / float64(values)
	})
}

// flowGuessWeight is the weight of what captions alone say beside the flow.
const flowGuessWeight = 0.5

// teachGuess adds the gradient of the squared error of what the captions alone
// let expect. In the error of the velocity a word has little weight beside the
// outlines and shades of a picture, so that by that alone it is learned late.
func (o *flowObjective) teachGuess(run *tensor.Run, b *flowBatch, caption *tensor.Tensor, values int) {
	guess := o.model.Guess(run, caption)
	patch := float64(o.model.Patch * o.model.Patch) // as many values as the pictures of the batch have
	each := guess.Rows / len(b.captions)
	squaredError(run, guess, b.blurred, func(row int) float64 {
		if b.captions[row/each] == nil {
			return 0
		}
		return flowGuessWeight * patch / float64(values)
	})
}

func (o *flowObjective) heldOut(_ context.Context, split string) ([]work, error) {
	items := o.split(split)
	rng := rand.New(rand.NewPCG(o.t.recipe.Seed+1, 0x9e1d))
	var out []work
	for _, part := range o.chunks(items) {
		b := o.instants(part, rng)
		for i := range part {
			b.captions[i], _ = o.caption(&part[i], nil)
		}
		w := work{positions: len(part) * o.model.Width * o.model.Height, elements: len(part) * o.size()}
		w.passes = append(w.passes, func(run *tensor.Run) float64 { return o.forward(run, b, w.elements) })
		out = append(out, w)
	}
	return out, nil
}

func (o *flowObjective) describe(c *card.Card, valid, test validation) (string, []map[string]any) {
	c.MaxLength = o.model.Width * o.model.Height
	for name, v := range map[string]validation{"valid": valid, "test": test} {
		if !math.IsNaN(v.loss) {
			c.Results[name+".velocity_error"] = v.loss
		}
	}
	return network.ArchitectureFlow, []map[string]any{o.model.Metadata(), o.enc.format.Metadata(), o.tok.Metadata(), o.out.Metadata()}
}
