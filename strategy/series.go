package strategy

import (
	"fmt"
)

// Series is what [NewSeries] asks of objects that follow each other.
type Series interface {
	// Next makes the machine of the next object, whose elements have so many
	// values each, or nil where there is none.
	Next() (m Machine, each int, err error)
	// Restore turns values of the last machine into those of the series, in
	// place.
	Restore(values []float32)
}

// series is a machine of machines, one after another.
type series struct {
	objects Series
	machine Machine
	each    int
	values  int // of the objects that are finished
	passes  int
	drawn   int
	scratch []float32
	ending
}

// NewSeries returns a machine that makes continuous objects, one after another, as
// one: the sentences of a text, say. Each is made by a machine of its own. Where
// they lie in the whole, [Step.Start], [Step.Settled] and [Step.Drawn] say; those of
// an object that is made at once are settled when it is done. [Step.Length] is 0,
// since what follows is not known.
//
// The first machine is made here; it fails where that does, and where there is
// none.
func NewSeries(objects Series) (Machine, error) {
	m := &series{objects: objects}
	if err := m.begin(); err != nil {
		return nil, err
	}
	if m.machine == nil {
		return nil, fmt.Errorf("a series of no objects, want one or more")
	}
	return m, nil
}

func (m *series) begin() (err error) {
	m.machine, m.each, err = m.objects.Next()
	return err
}

// Next makes a pass of the object whose turn it is.
func (m *series) Next() (Step, error) {
	return m.ending.step(m.next, func(err error) error { return err })
}

func (m *series) next() (Step, error) {
	step, err := m.machine.Next()
	if err != nil {
		return Step{}, err
	}
	end := step.Start + len(step.Values)
	if step.Done {
		step.Settled = end
	}
	m.scratch = append(m.scratch[:0], step.Values...)
	m.objects.Restore(m.scratch)
	step.Values, step.Start, step.Settled = m.scratch, m.values+step.Start, m.values+step.Settled
	step.Pass, step.Passes, step.Drawn, step.Length = m.passes+step.Pass, 0, m.drawn+end/m.each, 0
	if !step.Done {
		return step, nil
	}
	m.values, m.passes, m.drawn = m.values+end, step.Pass, step.Drawn
	if err := m.begin(); err != nil {
		return Step{}, err
	}
	if m.machine != nil {
		step.Done, step.Stopped = false, ""
	}
	return step, nil
}
