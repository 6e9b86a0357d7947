package train

import (
	"context"
	"math"
	"slices"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

// waveNetObjective trains a network to tell the level of each sample from those
// before it and the frames.
type waveNetObjective struct {
	sounds
	model *network.WaveNetModel
}

func (o *waveNetObjective) load(ctx context.Context, state *checkpoint.File) error {
	if err := o.read(ctx); err != nil {
		return err
	}
	if err := o.lay(); err != nil {
		return err
	}
	var err error
	if o.model, err = network.NewWaveNetModel(o.t.recipe.waveNetConfig()); err != nil {
		return err
	}
	if state != nil {
		return o.model.ReadNorm(state)
	}
	bands, err := o.sounds.moments(nil)
	if err != nil {
		return err
	}
	bands.set(&o.model.MelNorm)
	o.model.Init(o.t.recipe.Seed)
	return o.t.startFrom(o.params(), func(f *checkpoint.File, _ string) error { return o.model.ReadNorm(f) })
}

func (o *waveNetObjective) params() []*tensor.Param { return o.model.Params() }

func (o *waveNetObjective) kept() map[string]any { return o.model.NormMetadata() }

func (o *waveNetObjective) draw(step int) work { return o.work(o.deal(o.stepRand(step))) }

func (o *waveNetObjective) work(places []place) work {
	segments := o.segments(places)
	var w work
	for _, s := range segments {
		w.positions += len(s.samples)
	}
	w.elements, w.units = w.positions, w.positions
	for part := range slices.Chunk(segments, o.t.recipe.Train.MicroSegments) {
		w.passes = append(w.passes, func(run *tensor.Run) float64 { return o.forward(run, part, w.elements) })
	}
	return w
}

// forward evaluates segments and returns their loss, a mean over so many samples.
func (o *waveNetObjective) forward(run *tensor.Run, segments []segment, samples int) float64 {
	var in network.WaveBatch
	var levels []int
	frames := 0
	for _, s := range segments {
		in.Mel = append(in.Mel, s.mel...)
		in.Spans = append(in.Spans, tensor.Span{Start: frames, Len: s.frames})
		frames += s.frames
		before := int(audio.EncodeMuLaw(nil, []float32{s.before})[0])
		for _, l := range audio.EncodeMuLaw(nil, s.samples) {
			in.Before = append(in.Before, before)
			levels = append(levels, int(l))
			before = int(l)
		}
	}
	weights, losses := make([]float32, len(levels)), make([]float32, len(levels))
	for i := range weights {
		weights[i] = 1 / float32(samples)
	}
	run.CrossEntropy(o.model.States(run, in), o.model.Head, levels, weights, losses)
	return weighted(losses, weights)
}

func (o *waveNetObjective) heldOut(_ context.Context, split string) ([]work, error) {
	return o.middles(split, o.work), nil
}

func (o *waveNetObjective) describe(c *card.Card, valid, test validation) (string, []map[string]any) {
	for name, v := range map[string]validation{"valid": valid, "test": test} {
		if !math.IsNaN(v.bits) {
			c.Results[name+".bits_per_sample"] = v.bits
		}
	}
	return network.ArchitectureWaveNet, []map[string]any{o.model.Metadata()}
}

// waveNetConfig is the sizes of a network of samples.
func (r *Recipe) waveNetConfig() network.WaveNetConfig {
	n, e := r.Network, r.Elements
	return network.WaveNetConfig{Bands: e.Bands, Rate: e.Rate, Hop: e.Hop, Parts: n.Parts, Dim: n.Width, Layers: n.Layers, Cycle: n.Cycle,
		Cond: n.Cond, Kernel: n.Kernel, Hidden: n.FFN}
}
