package train

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

// vocoderObjective trains a vocoder to make the sound of which it is given the
// frames. The loss is a sum of terms over the waveform, each of which adds its
// gradient to it.
type vocoderObjective struct {
	sounds
	model     *network.VocoderModel
	synthesis *network.Synthesis
	spectral  *spectralLoss
	adversary *adversary // nil: no adversarial loss
}

func (o *vocoderObjective) load(ctx context.Context, state *checkpoint.File) error {
	if err := o.read(ctx); err != nil {
		return err
	}
	if err := o.lay(); err != nil {
		return err
	}
	return o.build(state)
}

// build makes the network, with weights drawn from the seed or another's.
func (o *vocoderObjective) build(state *checkpoint.File) (err error) {
	r := o.t.recipe
	c, micro := r.vocoderConfig(), r.Train.MicroSegments
	if o.model, err = network.NewVocoderModel(c); err != nil {
		return err
	}
	if o.synthesis, err = network.NewSynthesis(c, micro); err != nil {
		return err
	}
	if o.spectral, err = newSpectralLoss(c.Mel(), r.Train, micro); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	if r.Train.AdversarialWeight > 0 || r.Train.FeatureWeight > 0 {
		if o.adversary, err = newAdversary(o.t.pool, micro, r.Train.SegmentFrames*c.Hop, r.Train.AdversarialWeight, r.Train.FeatureWeight, r.Seed); err != nil {
			return err
		}
	}
	if state != nil {
		return o.model.ReadNorm(state) // the weights are restored by the loop
	}
	o.model.Init(r.Seed)
	if err := o.learn(); err != nil {
		return err
	}
	return o.t.startFrom(o.params(), func(f *checkpoint.File, _ string) error { return o.model.ReadNorm(f) })
}

// learn takes mean and deviation of the bands from the training sounds, and the
// mean log magnitude of each frequency for the bias of the head, so that the
// network begins with the average voice.
func (o *vocoderObjective) learn() error {
	bins := o.model.Bins()
	all := make([][]float64, mostLearned)
	bands, err := o.sounds.moments(func(i int, x []float32) error {
		stft, err := audio.NewSTFT(o.model.STFT())
		if err != nil {
			return err
		}
		all[i] = make([]float64, bins)
		for k, v := range stft.Forward(nil, x) {
			all[i][k%bins] += math.Log(power(v)+leastPower) / 2
		}
		return nil
	})
	if err != nil {
		return err
	}
	bands.set(&o.model.MelNorm)
	total := make([]float64, bins)
	for _, logs := range all {
		for k, v := range logs {
			total[k] += v
		}
	}
	for k, v := range total {
		o.model.HeadBias.Data[k] = float32(v / bands[0].n)
	}
	o.model.HeadBias.Update()
	return nil
}

func (o *vocoderObjective) params() []*tensor.Param { return o.model.Params() }

func (o *vocoderObjective) rivals() []*tensor.Param {
	if o.adversary == nil {
		return nil
	}
	return o.adversary.judges.Params()
}

func (o *vocoderObjective) kept() map[string]any { return o.model.NormMetadata() }

func (o *vocoderObjective) draw(step int) work { return o.work(o.deal(o.stepRand(step))) }

func (o *vocoderObjective) work(places []place) work {
	segments := o.segments(places)
	var w work
	for _, s := range segments {
		w.positions += s.frames
	}
	w.elements = w.positions
	for part := range slices.Chunk(segments, o.t.recipe.Train.MicroSegments) {
		w.passes = append(w.passes, func(run *tensor.Run) float64 { return o.forward(run, part, w.elements) })
	}
	return w
}

// forward evaluates segments and returns their loss, a mean over so many frames.
func (o *vocoderObjective) forward(run *tensor.Run, segments []segment, frames int) float64 {
	var mel, target []float32
	var weights []float64
	var spans []tensor.Span
	at := 0
	for _, s := range segments {
		mel, target = append(mel, s.mel...), append(target, s.samples...)
		spans = append(spans, tensor.Span{Start: at, Len: s.frames})
		weights = append(weights, float64(s.frames)/float64(frames))
		at += s.frames
	}
	wave := o.synthesis.Waveform(run, o.model.Heads(run, mel, spans), spans)
	loss := o.spectral.add(run, wave, target, spans, weights)
	if o.adversary != nil && run.Training() {
		loss += o.adversary.add(run, wave, target, spans, float64(at)/float64(frames))
	}
	return loss
}

func (o *vocoderObjective) heldOut(_ context.Context, split string) ([]work, error) {
	return o.middles(split, o.work), nil
}

func (o *vocoderObjective) describe(c *card.Card, valid, test validation) (string, []map[string]any) {
	for name, v := range map[string]validation{"valid": valid, "test": test} {
		if !math.IsNaN(v.loss) {
			c.Results[name+".spectral_loss"] = v.loss
		}
	}
	return network.ArchitectureVocoder, []map[string]any{o.model.Metadata()}
}
