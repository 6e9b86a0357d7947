package train

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/internal/card"
	yardstick "github.com/stride-ml/stride/measure/speech"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

// recogniserObjective trains a recogniser to tell the sounds of an utterance, by
// connectionist temporal classification: the yardstick of whether speech can be
// understood.
type recogniserObjective struct {
	speeches
	model   *network.RecogniserModel
	index   map[string]int
	logMels map[*clip][]float32         // log-mel frames of each utterance
	heard   map[string]*yardstick.Edits // of a split, when it was last evaluated
}

func (o *recogniserObjective) load(ctx context.Context, state *checkpoint.File) error {
	if err := o.read(ctx); err != nil {
		return err
	}
	if err := o.plan(planned); err != nil {
		return err
	}
	c := o.t.recipe.recogniserConfig(o.language.BareSounds())
	var err error
	if o.model, err = network.NewRecogniserModel(c); err != nil {
		return err
	}
	o.index, o.logMels, o.heard = map[string]int{}, map[*clip][]float32{}, map[string]*yardstick.Edits{}
	for i, s := range c.Symbols {
		o.index[s] = i
	}
	for _, all := range o.utterances {
		for part := range slices.Chunk(all, planned) {
			if err := ctx.Err(); err != nil {
				return err
			}
			for i, mel := range o.frames(part) {
				o.logMels[part[i].clip] = mel
			}
		}
	}
	if state != nil {
		return o.model.ReadNorm(state)
	}
	o.learn()
	o.model.Init(o.t.recipe.Seed)
	return o.t.startFrom(o.params(), func(f *checkpoint.File, _ string) error { return o.model.ReadNorm(f) })
}

// learn takes mean and deviation of the bands from the training utterances.
func (o *recogniserObjective) learn() {
	bands := make(bandMoments, o.model.Bands)
	for _, u := range o.utterances["train"] {
		bands.add(o.logMels[u.clip])
	}
	bands.set(&o.model.MelNorm)
}

func (o *recogniserObjective) params() []*tensor.Param { return o.model.Params() }

func (o *recogniserObjective) kept() map[string]any { return o.model.NormMetadata() }

// said is what one or more utterances, one after another, sound like and say.
type said struct {
	mel    []float32
	labels []int
}

func (o *recogniserObjective) said(u *utterance) said {
	var labels []int
	for _, s := range o.language.Heard(u.units) {
		labels = append(labels, o.index[s])
	}
	return said{o.logMels[u.clip], labels}
}

func (o *recogniserObjective) draw(step int) work {
	rng, drop := o.stepRand(step), float32(o.t.recipe.Train.Dropout)
	var parts [][]said
	for _, part := range o.deal() {
		parts = append(parts, o.disturb(part, rng))
	}
	return o.work(parts, func(run *tensor.Run, part []said, labels int) float64 {
		loss, _, _ := o.forward(run, part, labels, drop)
		return loss
	})
}

// joinBelow is the length in frames below which an utterance is sometimes joined
// with the next, so that a recogniser that is trained on words knows sentences.
const joinBelow = 300

// disturb makes training utterances of recorded ones.
func (o *recogniserObjective) disturb(part []*utterance, rng *rand.Rand) []said {
	var out []said
	for _, u := range part {
		s := o.said(u)
		s.mel = o.stretch(s.mel, rng)
		if k := len(out) - 1; k >= 0 && len(out[k].mel) < joinBelow*o.model.Bands && rng.IntN(2) == 0 {
			out[k].mel, out[k].labels = append(out[k].mel, s.mel...), append(out[k].labels, s.labels...)
			continue
		}
		out = append(out, s)
	}
	for i := range out {
		o.mask(out[i].mel, rng)
	}
	return out
}

// stretch returns frames as of another who speaks faster or slower, by a share of
// up to train.stretch, and whose vocal tract is longer or shorter: bands are moved
// by half that share.
func (o *recogniserObjective) stretch(mel []float32, rng *rand.Rand) []float32 {
	bands, by := o.model.Bands, o.t.recipe.Train.Stretch
	frames := len(mel) / bands
	slower, longer := 1+by*(2*rng.Float64()-1), 1+by*(rng.Float64()-0.5)
	n := max(1, int(math.Round(float64(frames)*slower)))
	out := make([]float32, n*bands)
	for t := range n {
		row, next, along := between(float64(t)/slower, frames)
		for b := range bands {
			band, above, up := between(float64(b)*longer, bands)
			now := (1-up)*mel[row*bands+band] + up*mel[row*bands+above]
			then := (1-up)*mel[next*bands+band] + up*mel[next*bands+above]
			out[t*bands+b] = (1-along)*now + along*then
		}
	}
	return out
}

// between tells between which of n values x is, and how far from the first.
func between(x float64, n int) (i, next int, share float32) {
	x = min(x, float64(n-1))
	i = int(x)
	return i, min(i+1, n-1), float32(x - float64(i))
}

// bandMasks is how many ranges of bands are masked at a time.
const bandMasks = 2

// mask hides ranges of time, one a second, and of bands, each up to a length of
// train.mask_frames and train.mask_bands, as SpecAugment does (Park et al., arXiv
// 1904.08779): they become average.
func (o *recogniserObjective) mask(mel []float32, rng *rand.Rand) {
	bands, r := o.model.Bands, o.t.recipe.Train
	frames := len(mel) / bands
	hide := func(t0, t1, b0, b1 int) {
		for t := t0; t < min(t1, frames); t++ {
			copy(mel[t*bands+b0:t*bands+min(b1, bands)], o.model.Mean[b0:])
		}
	}
	second := max(1, o.model.Rate/o.model.Hop)
	for range (frames + second - 1) / second {
		at := rng.IntN(frames)
		hide(at, at+rng.IntN(r.MaskFrames+1), 0, bands)
	}
	for range bandMasks {
		at := rng.IntN(bands)
		hide(0, frames, at, at+rng.IntN(r.MaskBands+1))
	}
}

// work lays out utterances, in passes that forward evaluates, with the number of
// labels of all.
func (o *recogniserObjective) work(parts [][]said, forward func(run *tensor.Run, part []said, labels int) float64) work {
	var w work
	for _, part := range parts {
		for _, s := range part {
			w.positions += len(s.mel) / o.model.Bands
			w.elements += len(s.labels)
		}
	}
	for _, part := range parts {
		w.passes = append(w.passes, func(run *tensor.Run) float64 { return forward(run, part, w.elements) })
	}
	return w
}

// forward evaluates utterances and returns their loss, a mean over so many labels,
// in which those whose labels do not fit their frames have no part.
func (o *recogniserObjective) forward(run *tensor.Run, part []said, labels int, dropout float32) (float64, *tensor.Tensor, []tensor.Span) {
	mels, all := make([][]float32, len(part)), make([][]int, len(part))
	losses, weights := make([]float32, len(part)), make([]float32, len(part))
	for i, s := range part {
		mels[i], all[i], weights[i] = s.mel, s.labels, 1/float32(labels)
	}
	logits, spans := o.model.Logits(run, mels, dropout)
	run.CTC(logits, spans, all, o.model.Blank(), weights, losses)
	for i, l := range losses {
		if math.IsInf(float64(l), 1) {
			losses[i] = 0
		}
	}
	return weighted(losses, weights), logits, spans
}

func (o *recogniserObjective) heldOut(_ context.Context, split string) ([]work, error) {
	var parts [][]said
	for _, part := range o.passes(o.held(split)) {
		var all []said
		for _, u := range part {
			all = append(all, o.said(u))
		}
		parts = append(parts, all)
	}
	if len(parts) == 0 {
		return nil, nil
	}
	edits := &yardstick.Edits{}
	o.heard[split] = edits
	passes := 0
	return []work{o.work(parts, func(run *tensor.Run, part []said, labels int) float64 {
		if passes%len(parts) == 0 {
			*edits = yardstick.Edits{}
		}
		passes++
		loss, logits, spans := o.forward(run, part, labels, 0)
		for i, s := range part {
			*edits = edits.Add(yardstick.CountEdits(s.labels, o.model.Greedy(logits, spans[i])))
		}
		if passes%len(parts) == 0 {
			o.t.opts.Progress(Progress{Message: fmt.Sprintf("%s: %.1f %% of %d sounds not recognised", split, 100*edits.ErrorRate(), edits.Length)})
		}
		return loss
	})}, nil
}

func (o *recogniserObjective) describe(c *card.Card, valid, test validation) (string, []map[string]any) {
	for name, v := range map[string]validation{"valid": valid, "test": test} {
		if !math.IsNaN(v.loss) {
			c.Results[name+".nats_per_phone"] = v.loss
			c.Results[name+".phone_error_rate"] = o.heard[name].ErrorRate()
		}
	}
	return network.ArchitectureRecogniser, []map[string]any{o.model.Metadata()}
}

// recogniserConfig is a recogniser's sizes.
func (r *Recipe) recogniserConfig(symbols []string) network.RecogniserConfig {
	n, e := r.Network, r.Elements
	return network.RecogniserConfig{Symbols: symbols, Bands: e.Bands, Rate: e.Rate, Hop: e.Hop, Group: n.Group, Dim: n.Width, Layers: n.Layers, FFN: n.FFN, Kernel: n.Kernel}
}

// checkRecogniser reports what a recipe for a recogniser lacks.
func (r *Recipe) checkRecogniser() error {
	t := r.Train
	switch {
	case !(t.Stretch >= 0 && t.Stretch <= 0.5):
		return fmt.Errorf("train.stretch is %g, want 0 to 0.5", t.Stretch)
	case t.MaskFrames < 0 || t.MaskFrames > 1000:
		return fmt.Errorf("train.mask_frames is %d, want 0 to 1000", t.MaskFrames)
	case t.MaskBands < 0 || t.MaskBands > r.Elements.Bands:
		return fmt.Errorf("train.mask_bands is %d, want 0 to elements.bands, %d", t.MaskBands, r.Elements.Bands)
	}
	return r.recogniserConfig([]string{"one"}).Validate()
}
