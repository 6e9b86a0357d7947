package network

import (
	"errors"
	"fmt"
	"math"

	"github.com/stride-ml/stride/element/speech"
	"github.com/stride-ml/stride/tensor"
)

// Acoustic evaluates an acoustic network. Many may share a model; each, with what
// it delivers, is for one goroutine.
type Acoustic struct {
	model *AcousticModel
	run   *tensor.Run
}

// NewAcoustic returns an evaluator of the model, whose weights must not change
// while it is used.
func NewAcoustic(m *AcousticModel, pool *tensor.Pool) *Acoustic {
	return &Acoustic{model: m, run: tensor.NewRun(pool)}
}

// Delivery is how the units of an utterance are to be spoken. It may be changed
// before it is spoken.
type Delivery struct {
	Frames []int     // of each unit
	Pitch  []float32 // of each unit, natural logarithm of hertz
	Energy []float32 // of each unit, mean of a log-mel frame

	voice VoiceNorm
	units []float32 // (U,C)
}

// Of what is predicted of a unit.
const (
	mostFrames = 100
	leastSound = 2 // frames
	leastRest  = 4
)

// Plan predicts how the units of one utterance are spoken, slower by the given
// factor. The units are a list of symbols, each with its place; there is one or
// more.
func (a *Acoustic) Plan(symbols, places []int, speaker int, slower float32) (*Delivery, error) {
	m := a.model
	if len(symbols) == 0 || len(places) != len(symbols) || !(slower > 0) {
		return nil, fmt.Errorf("network: %d symbols in %d places, slower by %g; want one or more, as many places, and a positive factor", len(symbols), len(places), slower)
	}
	for i := range symbols {
		if symbols[i] < 0 || symbols[i] >= m.Symbols || places[i] < 0 || places[i] >= speech.Places || speaker < 0 || speaker >= m.Speakers {
			return nil, fmt.Errorf("network: unit %d is symbol %d in place %d of speaker %d, want below %d, %d and %d", i, symbols[i], places[i], speaker, m.Symbols, speech.Places, m.Speakers)
		}
	}
	in := Units{Symbols: symbols, Places: places, Speakers: make([]int, len(symbols)), Spans: []tensor.Span{{Len: len(symbols)}}}
	for i := range in.Speakers {
		in.Speakers[i] = speaker
	}
	a.run.Reset(0)
	h := m.Encode(a.run, in, 0)
	d := &Delivery{units: append([]float32(nil), h.Data...), voice: m.Voices[speaker]}
	guess := m.Predict(a.run, h, in.Spans, 0)
	var due float64 // frames of all units so far, unrounded
	made := 0
	for i := range symbols {
		row := guess.Row(i)
		least := leastSound
		if places[i] == int(speech.Rest) {
			least = leastRest
		}
		n := float64(slower) * (math.Exp(min(float64(row[0]), 10)) - 1)
		due += min(max(n, float64(least)), mostFrames)
		frames := max(1, int(math.Round(due))-made)
		made += frames
		d.Frames = append(d.Frames, frames)
		d.Pitch = append(d.Pitch, row[1]*d.voice.PitchDeviation+d.voice.Pitch)
		d.Energy = append(d.Energy, row[2]*d.voice.EnergyDeviation+d.voice.Energy)
	}
	return d, nil
}

// Utterance is one utterance that is being spoken: the frames of a delivery, one
// position after another or all at once. It implements the interfaces that
// strategies ask of a network of such objects.
type Utterance struct {
	a      *Acoustic
	layout Layout
	cond   []float32 // (P,C)

	next     int       // position of ar
	previous []float32 // (Group·Bands): normalised
	blocks   []history // of each causal layer
}

// Speak begins an utterance. The evaluator serves one at a time.
func (a *Acoustic) Speak(d *Delivery) (*Utterance, error) {
	m := a.model
	if n := len(d.Frames); n*m.Dim != len(d.units) || len(d.Pitch) != n || len(d.Energy) != n {
		return nil, errors.New("network: a delivery of another number of units than were planned")
	}
	tune := make([]float32, 0, 2*len(d.Frames))
	for i, n := range d.Frames {
		if n < 1 {
			return nil, fmt.Errorf("network: unit %d takes %d frames, want 1 or more", i, n)
		}
		tune = append(tune, (d.Pitch[i]-d.voice.Pitch)/d.voice.PitchDeviation, (d.Energy[i]-d.voice.Energy)/d.voice.EnergyDeviation)
	}
	l := m.NewLayout(d.Frames, []tensor.Span{{Len: len(d.Frames)}})
	a.run.Reset(0)
	units := a.run.New(len(d.Frames), m.Dim)
	copy(units.Data, d.units)
	cond := m.Condition(a.run, units, tune, l)
	return &Utterance{a: a, layout: l, cond: append([]float32(nil), cond.Data...), previous: make([]float32, m.values()), blocks: newHistories(len(m.causal), m.Dim)}, nil
}

// Size is the number of values of all frames.
func (u *Utterance) Size() int { return u.layout.Positions() * u.a.model.values() }

// Elements is the number of frames.
func (u *Utterance) Elements() int { return u.layout.Positions() * u.a.model.Group }

// Restore turns values of the network's, whole frames of them, into log-mel
// frames, in place.
func (u *Utterance) Restore(values []float32) { u.a.model.restore(values) }

// Next makes the frames of the next position, given all before it, as normalised
// values (Group·Bands) that hold until the next call. After the last there are
// none.
func (u *Utterance) Next() ([]float32, error) {
	m, r := u.a.model, u.a.run
	if u.next == u.layout.Positions() {
		return nil, nil
	}
	r.Reset(0)
	cond := r.New(1, m.Dim)
	copy(cond.Data, u.cond[u.next*m.Dim:])
	h := m.listen(r, cond, u.previous, 0)
	for i := range m.causal {
		b, past := &m.causal[i], &u.blocks[i]
		x, from, to := past.push(r, h.Data, m.Kernel-1, 0, false)
		h = b.mix(r, h, rowsOf(r, r.CausalConv(x, b.Conv, past.span[:]), from, to), 0)
	}
	copy(u.previous, m.utter(r, h).Data)
	u.next++
	return u.previous, nil
}

// Encode returns the condition of the utterance: what is to be said is known since
// it was begun, so that there are no tokens.
func (u *Utterance) Encode([]int) ([]float32, error) { return u.cond, nil }

// Velocity evaluates the velocity of all frames x (Size) at time t, 0 (noise) to
// below 1 (speech). There is one condition, that of the utterance, and a step's
// length, span, is not looked at.
func (u *Utterance) Velocity(x []float32, t, span float32, conditions [][]float32) ([]float32, error) {
	m, r := u.a.model, u.a.run
	if len(x) != u.Size() || !(t >= 0 && t < 1) || len(conditions) != 1 || len(conditions[0]) != len(u.cond) {
		return nil, fmt.Errorf("network: %d values at time %g and %d conditions, want %d values, a time from 0 to below 1 and the condition of the utterance", len(x), t, len(conditions), u.Size())
	}
	r.Reset(0)
	cond := r.New(u.layout.Positions(), m.Dim)
	copy(cond.Data, conditions[0])
	y := m.Finish(r, cond, x, []float32{t}, u.layout.Spans, 0)
	scale := 1 / (1 - t)
	for i, v := range y.Data {
		y.Data[i] = (v - x[i]) * scale
	}
	return y.Data, nil
}
