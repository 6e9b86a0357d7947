package train

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/element/speech/language"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

// acousticObjective trains an acoustic network: to predict length, pitch and
// energy of units, and frames from them by both of its decoders at once. How long
// units are in the recordings it finds itself, by forced alignment.
type acousticObjective struct {
	speeches
	format language.Format
	model  *network.AcousticModel
	said   map[*clip]*performance
}

func (o *acousticObjective) load(ctx context.Context, state *checkpoint.File) error {
	if err := o.read(ctx); err != nil {
		return err
	}
	if err := o.plan(planned); err != nil {
		return err
	}
	o.format = language.Format{Language: o.language, Symbols: o.language.Symbols(), Speakers: o.speakers}
	if err := o.align(ctx); err != nil {
		return err
	}
	return o.build(state)
}

// planned is how many utterances' spectrograms are made at a time.
const planned = 16

// build makes the network, with weights drawn from the seed or another's.
func (o *acousticObjective) build(state *checkpoint.File) (err error) {
	c := o.t.recipe.acousticConfig(len(o.format.Symbols), len(o.speakers))
	if o.model, err = network.NewAcousticModel(c); err != nil {
		return err
	}
	if state != nil {
		if err := o.model.ReadNorms(state); err != nil {
			return err
		}
	} else if err := o.learn(); err != nil {
		return err
	}
	o.normalise()
	o.model.Init(o.t.recipe.Seed)
	return o.t.startFrom(o.params(), nil)
}

// learn takes mean and deviation of the frames' bands and of the voices from the
// training utterances.
func (o *acousticObjective) learn() error {
	all := o.utterances["train"]
	bands := make(bandMoments, o.model.Bands)
	for part := range slices.Chunk(evenly(all, mostLearned), planned) {
		for _, mel := range o.frames(part) {
			bands.add(mel)
		}
	}
	bands.set(&o.model.MelNorm)
	for i := range o.model.Voices {
		var pitch, energy moments
		for _, u := range all {
			if u.voice != i {
				continue
			}
			p := o.said[u.clip]
			for k := range p.units {
				if p.voiced[k] {
					pitch.add(float64(p.pitch[k]))
				}
				energy.add(float64(p.energy[k]))
			}
		}
		if pitch.n == 0 || energy.n == 0 {
			return fmt.Errorf("train: no sound of speaker %q has a pitch", o.speakers[i])
		}
		o.model.Voices[i] = network.VoiceNorm{Pitch: float32(pitch.mean()), PitchDeviation: float32(pitch.deviation()),
			Energy: float32(energy.mean()), EnergyDeviation: float32(energy.deviation())}
	}
	return nil
}

// normalise brings what was found of the units to the scale of the voices.
func (o *acousticObjective) normalise() {
	for _, all := range o.utterances {
		for _, u := range all {
			p, v := o.said[u.clip], o.model.Voices[u.voice]
			for i := range p.units {
				p.pitch[i] = (p.pitch[i] - v.Pitch) / v.PitchDeviation
				p.energy[i] = (p.energy[i] - v.Energy) / v.EnergyDeviation
			}
		}
	}
}

func (o *acousticObjective) params() []*tensor.Param { return o.model.Params() }

func (o *acousticObjective) kept() map[string]any { return o.model.Norms() }

func (o *acousticObjective) draw(step int) work { return o.work(o.deal(), o.stepRand(step)) }

func (o *acousticObjective) work(parts [][]*utterance, rng *rand.Rand) work {
	var w work
	batches := make([]*acousticBatch, len(parts))
	units := 0
	for i, part := range parts {
		batches[i] = o.lay(part, rng)
		w.positions += o.model.Group * batches[i].layout.Positions()
		units += len(batches[i].units.Symbols)
	}
	w.elements = w.positions
	for _, b := range batches {
		w.passes = append(w.passes, func(run *tensor.Run) float64 { return o.forward(run, b, w.positions*o.model.Bands, units) })
	}
	return w
}

// acousticBatch is the utterances of one forward pass.
type acousticBatch struct {
	units      network.Units
	layout     network.Layout
	prosody    []float32 // (U,3): what is to be predicted
	intonation []float32 // (U,2)
	target     []float32 // (P,Group·Bands): normalised frames
	previous   []float32 // (P,Group·Bands): for ar, those of the position before
	noisy      []float32 // (P,Group·Bands): for the flow
	times      []float32 // of each utterance
}

// lay lays out utterances and draws what is random about them.
func (o *acousticObjective) lay(part []*utterance, rng *rand.Rand) *acousticBatch {
	b := &acousticBatch{}
	var frames []int
	for _, u := range part {
		p := o.said[u.clip]
		b.units.Spans = append(b.units.Spans, tensor.Span{Start: len(frames), Len: len(p.units)})
		for i, unit := range p.units {
			b.units.Symbols = append(b.units.Symbols, o.format.Symbol(unit.Symbol))
			b.units.Places = append(b.units.Places, int(unit.Place))
			b.units.Speakers = append(b.units.Speakers, u.voice)
			b.prosody = append(b.prosody, float32(math.Log(float64(1+p.frames[i]))), p.pitch[i], p.energy[i])
			b.intonation = append(b.intonation, p.pitch[i], p.energy[i])
		}
		frames = append(frames, p.frames...)
	}
	b.layout = o.model.NewLayout(frames, b.units.Spans)
	width := o.model.Group * o.model.Bands
	for i, mel := range o.frames(part) {
		o.addFrames(b, mel, b.layout.Spans[i].Len*width, rng)
	}
	return b
}

// Of the frames that ar is shown of its own while it learns: real ones, so some are
// hidden and all are blurred, lest it trust them more than it will be able to.
const (
	hiddenFrames = 0.1
	mostBlur     = 0.5 // deviation
)

// finishedAtOnce is how often the flow is shown noise alone, which is all that nar
// ever sees.
const finishedAtOnce = 0.2

// addFrames adds the frames of an utterance, brought to so many values by saying
// the last again.
func (o *acousticObjective) addFrames(b *acousticBatch, mel []float32, values int, rng *rand.Rand) {
	bands, width := o.model.Bands, o.model.Group*o.model.Bands
	for len(mel) < values {
		mel = append(mel, mel[len(mel)-bands:]...)
	}
	at := len(b.target)
	b.target = append(b.target, o.model.Normalise(mel)...)
	target := b.target[at:]
	previous, noisy := make([]float32, len(target)), make([]float32, len(target))
	copy(previous[width:], target)
	blur := mostBlur * rng.Float32()
	for i := 0; i < len(target); i += width {
		hide := rng.Float32() < hiddenFrames
		for k := i; k < i+width; k++ {
			if previous[k] += blur * float32(rng.NormFloat64()); hide {
				previous[k] = 0
			}
		}
	}
	r := o.t.recipe.Train
	t := float32(1 / (1 + math.Exp(-(r.TimeMean + r.TimeDeviation*rng.NormFloat64()))))
	if rng.Float64() < finishedAtOnce {
		t = 0
	}
	for i, v := range target {
		noisy[i] = (1-t)*float32(rng.NormFloat64()) + t*v
	}
	b.previous, b.noisy, b.times = append(b.previous, previous...), append(b.noisy, noisy...), append(b.times, t)
}

// forward evaluates utterances and returns their loss: the squared errors of both
// decoders, each a mean over so many values, and those of what is predicted of so
// many units.
func (o *acousticObjective) forward(run *tensor.Run, b *acousticBatch, values, units int) float64 {
	drop := float32(o.t.recipe.Train.Dropout)
	h := o.model.Encode(run, b.units, drop)
	guess := o.model.Predict(run, h, b.units.Spans, drop)
	sum := squaredError(run, guess, b.prosody, func(int) float64 { return prosodyWeight / float64(units) })
	cond := o.model.Condition(run, h, b.intonation, b.layout)
	next := o.model.Continue(run, cond, b.previous, b.layout.Spans, drop)
	sum += squaredError(run, next, b.target, func(int) float64 { return 1 / float64(values) })
	finished := o.model.Finish(run, cond, b.noisy, b.times, b.layout.Spans, drop)
	utterance := 0
	return sum + squaredError(run, finished, b.target, func(row int) float64 {
		for row >= b.layout.Spans[utterance].Start+b.layout.Spans[utterance].Len {
			utterance++
		}
		left := max(1-float64(b.times[utterance]), leastLeftSpeech)
		return 1 / (left * left * float64(values))
	})
}

const (
	prosodyWeight   = 0.3
	leastLeftSpeech = 0.2 // as leastLeft, for the flow over frames
)

func (o *acousticObjective) heldOut(_ context.Context, split string) ([]work, error) {
	held := o.held(split)
	if len(held) == 0 {
		return nil, nil
	}
	return []work{o.work(o.passes(held), rand.New(rand.NewPCG(o.t.recipe.Seed+1, 0xac0)))}, nil
}

func (o *acousticObjective) describe(c *card.Card, valid, test validation) (string, []map[string]any) {
	for name, v := range map[string]validation{"valid": valid, "test": test} {
		if !math.IsNaN(v.loss) {
			c.Results[name+".squared_error"] = v.loss
		}
	}
	return network.ArchitectureAcoustic, []map[string]any{o.model.Metadata(), o.format.Metadata()}
}

// pitchOf is the natural logarithm of the pitch of each frame, 0 where there is none.
func (o *acousticObjective) pitchOf(u *utterance) ([]float64, error) {
	hop, rate := o.t.recipe.Elements.Hop, o.t.recipe.Elements.Rate
	found, err := audio.F0(audio.Sound{Samples: u.values(0, u.size()), Rate: rate}, hop)
	if err != nil {
		return nil, fmt.Errorf("train: %s: %w", u.file, err)
	}
	out := make([]float64, len(found))
	for i, p := range found {
		if p.Voiced && p.Hz > 0 {
			out[i] = math.Log(float64(p.Hz))
		}
	}
	return out, nil
}
