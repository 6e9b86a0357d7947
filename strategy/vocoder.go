package strategy

import (
	"fmt"
	"math"
	"strconv"
)

// Vocoder is what [NewVocoder] asks of a network: the samples of one sound, made
// while its frames come in.
type Vocoder interface {
	// Write takes frames (T,Bands) and appends to dst the samples that can be
	// made now.
	Write(dst, frames []float32) ([]float32, error)
	// Close appends those that are left: Hop samples a frame in all.
	Close(dst []float32) []float32
}

// VocoderOptions says how [NewVocoder] cuts its passes.
type VocoderOptions struct {
	Passes int // that the network makes over the sound; 0 counts as 1
	Bands  int // values of a frame
	Hop    int // samples of a frame
	Chunk  int // frames of a step
	// First is how many frames the first step takes, at least Chunk: as many as
	// it needs to have samples, which come some frames late.
	First int
}

func (o VocoderOptions) check() error {
	for _, v := range []struct {
		name       string
		got, least int
	}{{"bands", o.Bands, 1}, {"hop", o.Hop, 1}, {"chunk", o.Chunk, 1}, {"first", o.First, o.Chunk}, {"passes", o.Passes, 0}} {
		if v.got < v.least {
			return &OptionError{Option: v.name, Value: strconv.Itoa(v.got), Want: fmt.Sprintf("%d or more", v.least)}
		}
	}
	return nil
}

// fail names the strategy.
func (o VocoderOptions) fail(err error) error {
	if o.Passes > 1 {
		return fmt.Errorf("refine: %w", err)
	}
	return fmt.Errorf("nar: %w", err)
}

// vocoder is the machine of nar and refine over sounds.
type vocoder struct {
	net     Vocoder
	o       VocoderOptions
	waiting []float32 // values of frames
	feeding
	made    []float32
	samples int
	ending
}

// NewVocoder returns a machine that makes the samples of frames (T,Bands), which
// must not change before it is done, or, given none, of those that it is fed by
// the stage before it. That is one pass over the sound by nar, several by refine,
// of which each step has the next part, by all of them: all steps are of the last
// pass. A frame counts as soon as it is settled.
//
// It fails with an [*OptionError] for a value out of range.
func NewVocoder(net Vocoder, frames []float32, o VocoderOptions) (Fed, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	o.Passes = max(o.Passes, 1)
	f, err := newFeeding(frames, o.Bands)
	if err != nil {
		return nil, o.fail(err)
	}
	return &vocoder{net: net, o: o, waiting: frames, feeding: f, made: []float32{}}, nil
}

// Feed takes the frames that have become settled.
func (m *vocoder) Feed(s Step) error {
	fresh, err := m.fresh(s)
	if err != nil {
		return m.o.fail(err)
	}
	m.waiting = append(m.waiting, fresh...)
	return nil
}

// take is how many frames the next step takes.
func (m *vocoder) take() int {
	if m.samples == 0 {
		return m.o.First
	}
	return m.o.Chunk
}

// Ready says whether there are frames for a step.
func (m *vocoder) Ready() bool { return m.whole || len(m.waiting) >= m.take()*m.o.Bands }

// Next makes the next samples.
func (m *vocoder) Next() (Step, error) {
	return m.ending.step(m.next, m.o.fail)
}

func (m *vocoder) next() (Step, error) {
	if !m.Ready() {
		return Step{}, fmt.Errorf("%d frames wait, a step takes %d", len(m.waiting)/m.o.Bands, m.take())
	}
	n := min(len(m.waiting), m.take()*m.o.Bands)
	made, err := m.net.Write(m.made[:0], m.waiting[:n])
	if err != nil {
		return Step{}, err
	}
	m.drop(n)
	step := Step{Pass: m.o.Passes, Passes: m.o.Passes, Start: m.samples}
	if m.whole {
		step.Length = m.frames() * m.o.Hop
		if len(m.waiting) == 0 {
			made = m.net.Close(made)
			step.Done, step.Stopped = true, "end"
		}
	}
	for i, v := range made {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return Step{}, fmt.Errorf("sample %d is %g, want a finite number", m.samples+i, v)
		}
	}
	m.made = made
	m.samples += len(made)
	step.Values, step.Settled, step.Drawn = made, m.samples, m.samples
	return step, nil
}

// drop forgets the first n values that wait. Those that the machine was fed make
// room for more; those that it was given are the caller's.
func (m *vocoder) drop(n int) {
	if m.whole {
		m.waiting = m.waiting[n:]
		return
	}
	m.waiting = m.waiting[:copy(m.waiting, m.waiting[n:])]
}
