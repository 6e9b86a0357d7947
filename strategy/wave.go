package strategy

import (
	"fmt"
	"strconv"
)

// Wave is what [NewWave] asks of a network: the samples of one sound, each given
// those before it and the frames, which come in while it is made.
type Wave interface {
	// Write takes frames (T,Bands), and Close says that there are no more.
	Write(frames []float32) error
	Close()
	// Ready says whether there are frames for the next sample.
	Ready() bool
	// Next takes the level of the sample before and returns logits of the next
	// one's levels, which hold until the next call.
	Next(before int) ([]float32, error)
}

// WaveOptions says what a [Wave] makes and how it is drawn.
type WaveOptions struct {
	Sampling
	Seed  uint64
	Bands int       // values of a frame
	Hop   int       // samples of a frame
	Level []float32 // the sample that each level stands for
	Quiet int       // level of silence, before the first sample
}

func (o WaveOptions) check() error {
	if err := o.Sampling.Validate(); err != nil {
		return err
	}
	for _, v := range []struct {
		name      string
		got, n, m int
	}{{"bands", o.Bands, 1, 1 << 20}, {"hop", o.Hop, 1, 1 << 20}, {"level", len(o.Level), 1, 1 << 20}, {"quiet", o.Quiet, 0, len(o.Level) - 1}} {
		if v.got < v.n || v.got > v.m {
			return &OptionError{Option: v.name, Value: strconv.Itoa(v.got), Want: fmt.Sprintf("%d to %d", v.n, v.m)}
		}
	}
	return nil
}

// wave is the machine of ar over samples.
type wave struct {
	net     Wave
	o       WaveOptions
	sampler *Sampler
	before  int
	samples int
	made    [1]float32
	feeding
	ending
}

// NewWave returns a machine that makes the samples of frames (T,Bands) or, given
// none, of those that it is fed by the stage before it, one sample a pass: as many
// passes as there are samples, Hop for a frame. A frame counts as soon as it is
// settled.
//
// It fails with an [*OptionError] for a value out of range.
func NewWave(net Wave, frames []float32, o WaveOptions) (Fed, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	f, err := newFeeding(frames, o.Bands)
	if err != nil {
		return nil, fmt.Errorf("ar: %w", err)
	}
	m := &wave{net: net, o: o, before: o.Quiet, feeding: f}
	if m.sampler, err = NewSampler(o.Sampling, newSource(o.Seed)); err != nil {
		return nil, err
	}
	return m, m.pass(frames)
}

// pass hands frames to the network.
func (m *wave) pass(frames []float32) error {
	if err := m.net.Write(frames); err != nil {
		return fmt.Errorf("ar: %w", err)
	}
	if m.whole {
		m.net.Close()
	}
	return nil
}

// Feed takes the frames that have become settled.
func (m *wave) Feed(s Step) error {
	fresh, err := m.fresh(s)
	if err != nil {
		return fmt.Errorf("ar: %w", err)
	}
	return m.pass(fresh)
}

// Ready says whether there are frames for a sample.
func (m *wave) Ready() bool { return m.whole || m.net.Ready() }

// Next makes the next sample.
func (m *wave) Next() (Step, error) {
	return m.ending.step(m.next, func(err error) error { return fmt.Errorf("ar: sample %d: %w", m.samples, err) })
}

func (m *wave) next() (Step, error) {
	step := Step{Pass: m.samples, Start: m.samples, Settled: m.samples, Drawn: m.samples, Values: m.made[:0]}
	if m.whole {
		step.Length = m.frames() * m.o.Hop
	}
	if !m.whole || m.samples < step.Length {
		logits, err := m.net.Next(m.before)
		if err != nil {
			return Step{}, err
		}
		if len(logits) != len(m.o.Level) {
			return Step{}, fmt.Errorf("%d logits, want %d", len(logits), len(m.o.Level))
		}
		if m.before, step.Confidence, err = m.sampler.Sample(logits, nil, nil); err != nil {
			return Step{}, err
		}
		m.made[0] = m.o.Level[m.before]
		m.samples++
		step.Pass, step.Settled, step.Drawn, step.Values = m.samples, m.samples, m.samples, m.made[:]
	}
	if m.whole && m.samples == step.Length {
		step.Done, step.Stopped, step.Passes = true, "end", m.samples
	}
	return step, nil
}
