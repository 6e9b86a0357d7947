package stride

import (
	"context"
	"fmt"
	"slices"

	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/strategy"
	"github.com/stride-ml/stride/tensor"
)

// vocoders is the engine of samples by nar, those of all frames in one pass, and by
// refine, which corrects them in more. Each step has the next part.
type vocoders struct {
	*member
	config network.VocoderConfig
	model  *network.VocoderModel
	nets   evaluators[*network.Vocoder]
}

func openVocoder(e *member) (engine, error) {
	c, err := network.ReadVocoderConfig(e.file)
	if err != nil {
		return nil, err
	}
	v := &vocoders{member: e, config: c}
	v.nets = newEvaluators(func(pool *tensor.Pool) *network.Vocoder {
		d, err := network.NewVocoder(v.model, pool)
		if err != nil {
			panic(err) // its sizes were checked when the file was opened
		}
		return d
	})
	return v, nil
}

func (e *vocoders) read() (err error) {
	e.model, err = network.ReadVocoder(e.file)
	return err
}

func (e *vocoders) context() int { return 0 }

func (e *vocoders) describe(info *Info) {
	info.Sound = &SoundInfo{Rate: e.config.Rate, Hop: e.config.Hop, Bands: e.config.Bands, Samples: true}
}

func (e *vocoders) operations(string) float64 { return e.config.FLOPs() / float64(e.config.Hop) }

func (e *vocoders) refuses(a ask, strategy string) error { return a.among(a.sounds, strategy) }

// mostPasses bounds passes of a vocoder: each keeps a part of the sound.
const mostPasses = 1024

// Frames that a vocoder evaluates at a time: few where the frames come one after
// another and the first sound is waited for, many where all are there.
const (
	fedChunk   = 16
	wholeChunk = 128
)

func (e *vocoders) start(pool *tensor.Pool, p Prompt, c config) (*generation, error) {
	frames, err := framesOf(p, e.config.Mel())
	if err != nil {
		return nil, err
	}
	return e.begin(pool, c, wholeChunk, frames, p.Sound.Marks)
}

func (e *vocoders) feed(pool *tensor.Pool, c config) (*generation, error) {
	return e.begin(pool, c, fedChunk, nil, nil)
}

// begin makes the machine for frames that are there, or for those it is fed.
func (e *vocoders) begin(pool *tensor.Pool, c config, chunk int, frames []float32, marks []Mark) (*generation, error) {
	passes := e.passes(c)
	switch {
	case c.strategy != "refine" && c.passes > 1:
		return nil, &UnsupportedError{Strategy: c.strategy, Want: "a number of passes", Can: []string{"refine"}}
	case passes < 0 || passes > mostPasses:
		return nil, badOption("passes", fmt.Sprint(passes), fmt.Sprintf("1 to %d", mostPasses))
	}
	passes = max(passes, 1)
	o := strategy.VocoderOptions{Passes: passes, Bands: e.config.Bands, Hop: e.config.Hop, Chunk: chunk, First: e.config.FirstFrames(chunk, passes)}
	g, err := begin(e.nets, pool, func(d *network.Vocoder) (strategy.Machine, error) {
		return strategy.NewVocoder(d.Stream(chunk, passes), frames, o)
	})
	if err != nil {
		return nil, err
	}
	g.sounding(e.config.Mel(), c, frames, marks)
	return g, nil
}

// sounding lets a generation show its samples, with the frames and marks that they
// are made of.
func (g *generation) sounding(mel audio.MelConfig, c config, frames []float32, marks []Mark) {
	like := Sound{Rate: mel.Rate, Bands: mel.Bands, Hop: mel.Hop}
	if g.chunks = c.sound.chunks; !g.chunks {
		like.Frames, like.Marks = frames, marks
	}
	var made roll
	g.show = func(s strategy.Step) Object {
		o := like
		o.Samples, o.Start = made.take(s, g.chunks)
		return o
	}
}

// roll is the values of an object that is made from its beginning on, for the
// objects of steps to share.
type roll struct {
	values []float32
	shown  int // values shown in chunks
}

// take puts a step's values in their place. It returns all values so far or, in
// chunks, those that the step has settled and where they begin. No later call
// changes them.
func (r *roll) take(s strategy.Step, chunks bool) (values []float32, start int) {
	if !chunks {
		if s.Start < len(r.values) {
			r.values = slices.Clip(r.values[:s.Start]) // a new array takes what is said instead
		}
		r.values = append(r.values, s.Values...)
		return slices.Clip(r.values), 0
	}
	start = r.shown
	if s.Settled > start {
		values, r.shown = slices.Clone(s.Values[start-s.Start:s.Settled-s.Start]), s.Settled
	}
	return values, start
}

// framesOf are the frames of the sound of a prompt, or else those of its samples.
func framesOf(p Prompt, c audio.MelConfig) ([]float32, error) {
	if p.Sound == nil {
		return nil, badOption("sound", "nothing", "a sound in the prompt, whose frames or samples are spoken again")
	}
	s := *p.Sound
	if len(s.Frames) > 0 {
		want := SoundInfo{Rate: c.Rate, Hop: c.Hop, Bands: c.Bands}
		got := SoundInfo{Rate: s.Rate, Hop: s.Hop, Bands: s.Bands}
		if got != want {
			return nil, badOption("sound", "frames at "+got.pace(), want.pace())
		}
		if n := len(s.Frames); n%c.Bands != 0 {
			return nil, badOption("sound", fmt.Sprintf("%d values of frames", n), fmt.Sprintf("whole frames of %d", c.Bands))
		}
		return s.Frames, nil
	}
	if len(s.Samples) > 0 && s.Rate < 1 {
		return nil, badOption("sound", fmt.Sprintf("samples at %d Hz", s.Rate), "the rate that they were recorded at")
	}
	if len(s.Samples) == 0 {
		s.Rate = c.Rate
	}
	sound, err := audio.Sound{Samples: s.Samples, Rate: s.Rate}.Resample(c.Rate)
	if err != nil {
		return nil, fmt.Errorf("sound: %w", err)
	}
	mel, err := audio.NewMel(c)
	if err != nil {
		return nil, err
	}
	if mel.Frames(len(sound.Samples)) == 0 {
		return nil, badOption("sound", fmt.Sprintf("%d samples at %d Hz", len(s.Samples), s.Rate), fmt.Sprintf("a frame or more, of %d at %d Hz", c.Hop, c.Rate))
	}
	return mel.Log(nil, sound.Samples), nil
}

func (e *vocoders) speed(ctx context.Context, pool *tensor.Pool, _ string, length int) (float64, error) {
	d := e.nets.take(pool)
	defer e.nets.give(d)
	frames := make([]float32, (length+e.config.Hop-1)/e.config.Hop*e.config.Bands)
	return rate(ctx, length, func() error { _, err := d.Synthesize(frames, 1); return err })
}
