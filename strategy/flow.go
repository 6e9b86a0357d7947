package strategy

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Flow is what [NewFlow] asks of a network of continuous elements, such as
// pixels: the velocity of a noisy object on the straight path from noise to
// data, x = (1-t)·noise + t·data (flow matching, Lipman et al., arXiv
// 2210.02747; rectified flow, Liu et al., arXiv 2209.03003).
type Flow interface {
	// Size is the number of values of an object.
	Size() int
	// Elements is the number of its elements, each of Size()/Elements() values
	// that lie side by side.
	Elements() int
	// Encode turns the tokens of a caption into a condition, a vector of a
	// length that is the network's own; no tokens are no condition. The result
	// belongs to the caller.
	Encode(tokens []int) ([]float32, error)
	// Velocity evaluates the velocity at x (Size) and time t, 0 (noise) to
	// less than 1 (data), for each condition, in one pass of the network. It
	// returns (len(conditions),Size), valid until the next call. span is the
	// length of the step that will be taken with it: the network then gives
	// the mean velocity over it (shortcut models, arXiv 2410.12557); 0 asks for
	// the velocity at t itself. x and conditions hold during the call only.
	Velocity(x []float32, t, span float32, conditions [][]float32) ([]float32, error)
}

// flow carries an object from noise to data in passes of a network that gives
// its velocity: the machine of nar, which makes one, and of refine.
type flow struct {
	name       string
	net        Flow
	o          FlowOptions
	noises     noises
	offsets    *rand.Rand  // of Wrap
	conditions [][]float32 // encoded: Condition, Negative or both
	kept       []int       // values that are Known's
	start      float64     // time

	noise    []float32 // (Size): drawn last
	x        []float32 // (Size): now
	v        []float32 // (Size): velocity that this pass found
	first    []float32 // (Size): velocity of the pass before; Heun
	estimate []float32 // (Size): of the finished object
	scratch  []float32 // (Size)
	pass     int
	ending
}

// NewFlow returns a machine that makes a continuous object by following the
// velocity that a network gives from noise at t = 0 to data at t = 1. Its name
// is "nar", for one pass that leaps the whole way and so ends at the mean of
// all that could have come of the noise, or "refine", for [FlowOptions.Passes]
// shorter steps.
//
// A pass of the network may evaluate two conditions side by side, for guidance;
// it counts as one pass all the same, and costs up to two. [Step.Values] holds
// after each pass the estimate of the finished object that it led to. A network
// that returns a velocity that is not finite ends the machine with an error
// that names the pass and the value.
//
// The conditions are encoded here, once. It fails with an [*OptionError] for a
// value out of range, with an [*UnsupportedError] for a nar of several passes or
// of Heun's method, and where the network cannot encode a condition.
func NewFlow(name string, net Flow, o FlowOptions) (Machine, error) {
	size, elements := net.Size(), net.Elements()
	if elements < 1 || size < elements || size%elements != 0 {
		return nil, fmt.Errorf("%s: the network makes %d values in %d elements, want as many values in each", name, size, elements)
	}
	if err := o.check(name, size, elements); err != nil {
		return nil, err
	}
	o.Passes = max(1, o.Passes)
	values := make([]float32, 6*size)
	take := func() []float32 {
		part := values[:size:size]
		values = values[size:]
		return part
	}
	m := &flow{
		name: name, net: net, o: o, noises: newNoises(&o), offsets: newStream(o.Seed, offsetStream),
		noise: take(), x: take(), v: take(), first: take(), estimate: take(), scratch: take(),
	}
	if err := m.addConditions(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	m.noises.draw(m.noise, m.scratch)
	copy(m.x, m.noise)
	if o.Init != nil {
		m.start = startTime(o.Strength, o.Passes)
		blend(m.x, m.noise, o.Init, m.time(0))
	}
	m.o.Init = nil
	if o.Wrap != nil {
		grid := *o.Wrap
		m.o.Wrap = &grid
	}
	m.o.Known = slices.Clone(o.Known)
	for i, channels := 0, size/elements; i < len(o.Known); i++ {
		if !o.Mask[i/channels] {
			m.kept = append(m.kept, i)
		}
	}
	return m, nil
}

// addConditions encodes the conditions that the guidance needs.
func (m *flow) addConditions() error {
	condition, negative := m.o.Condition.plain(), m.o.Negative.plain()
	needed := []Condition{condition, negative}
	switch {
	case m.o.Guidance == 1 || condition.equal(negative):
		needed = needed[:1]
	case m.o.Guidance == 0:
		needed = needed[1:]
	}
	for _, c := range needed {
		v, err := c.encode(m.net)
		if err != nil {
			return err
		}
		m.conditions = append(m.conditions, v)
	}
	return nil
}

// Next evaluates the velocity once and moves the object along it.
func (m *flow) Next() (Step, error) {
	return m.ending.step(m.next, func(err error) error { return fmt.Errorf("%s: pass %d: %w", m.name, m.pass, err) })
}

func (m *flow) next() (Step, error) {
	m.pass++
	from, to, corrects := m.o.Solver.leg(m.pass, m.o.Passes)
	begin, end := m.time(from), m.time(to)
	t, h := begin, end-begin
	if corrects {
		t = end
	}
	if len(m.kept) > 0 && m.pass > 1 && !corrects { // a pass and its correction see the same noise
		m.noises.draw(m.noise, m.scratch)
	}
	m.keep(m.x, t)
	if err := m.evaluate(t, h); err != nil {
		return Step{}, err
	}
	change := m.look(1 - t)
	if corrects { // x went h·first, and should have gone h·(first + v)/2
		for i, v := range m.v {
			m.x[i] += h / 2 * (v - m.first[i])
		}
	} else {
		for i, v := range m.v {
			m.x[i] += h * v
		}
		m.first, m.v = m.v, m.first
	}
	step := Step{
		Pass: m.pass, Passes: m.o.Passes,
		Drawn: m.net.Elements(), Length: m.net.Elements(),
		Values: m.estimate, From: t, Time: end, Change: change,
	}
	if m.pass == m.o.Passes { // a step of 1-t: x is the estimate
		step.Done, step.Stopped = true, "end"
	}
	return step, nil
}

func (m *flow) time(part int) float32 { return partTime(m.start, part, m.o.Passes) }

// keep puts the known values in place as they are at time t, so that the rest
// is drawn to fit them (RePaint, arXiv 2201.09865).
func (m *flow) keep(x []float32, t float32) {
	for _, i := range m.kept {
		x[i] = (1-t)*m.noise[i] + t*m.o.Known[i]
	}
}

// look estimates the finished object, going on from x at the velocity for what
// time is left, and returns by how much the estimate changed.
func (m *flow) look(left float32) (change float32) {
	for i, x := range m.x {
		m.scratch[i] = x + left*m.v[i]
	}
	m.keep(m.scratch, 1)
	m.estimate, m.scratch = m.scratch, m.estimate
	if m.pass == 1 {
		return 0
	}
	var sum float64
	for i, x := range m.estimate {
		sum += math.Abs(float64(x - m.scratch[i]))
	}
	return float32(sum / float64(len(m.estimate)))
}

// maxVelocity bounds what a network may return, so that no sum of its
// velocities leaves the float32 numbers.
const maxVelocity = 1e30

// evaluate runs one pass of the network at time t for a step of length h and
// leaves the guided velocity in m.v.
func (m *flow) evaluate(t, h float32) error {
	if !m.o.Shortcut {
		h = 0
	}
	x, into := m.x, m.v
	var dx, dy int
	if g := m.o.Wrap; g != nil {
		dx, dy = m.offsets.IntN(g.Width), m.offsets.IntN(g.Height)
		g.roll(m.scratch, m.x, dx, dy)
		x, into = m.scratch, m.scratch
	}
	v, err := m.net.Velocity(x, t, h, m.conditions)
	if err != nil {
		return err
	}
	size := len(m.x)
	if want := len(m.conditions) * size; len(v) != want {
		return fmt.Errorf("the network returned %d values, want %d for %d conditions", len(v), want, len(m.conditions))
	}
	copy(into, v)
	if len(m.conditions) == 2 {
		for i, negative := range v[size:] {
			into[i] = negative + m.o.Guidance*(v[i]-negative)
		}
	}
	if g := m.o.Wrap; g != nil {
		g.roll(m.v, into, (g.Width-dx)%g.Width, (g.Height-dy)%g.Height)
	}
	for i, x := range m.v {
		if !(x >= -maxVelocity && x <= maxVelocity) {
			return fmt.Errorf("velocity of value %d of %d is %g, want at most %g in size", i, size, x, float64(maxVelocity))
		}
	}
	return nil
}
