package strategy

import (
	"errors"
	"fmt"
)

// Fed is a [Machine] that takes what it works on piece by piece, while the stage
// before it goes on.
type Fed interface {
	Machine
	// Feed gives it a step of the stage before, of which it copies what it needs.
	// After one with Done set there is no more.
	Feed(s Step) error
	// Ready says whether it was fed enough for a pass; after the last step of the
	// stage before it always is.
	Ready() bool
}

// Stage is one of the stages of a cascade.
type Stage struct {
	// Name is what errors call it.
	Name string
	// Fed says that it is fed by the stage before and runs beside it. Its machine
	// is a [Fed]. Otherwise it begins when the stage before is done.
	Fed bool
	// Begin makes the machine. For a stage that is not fed, the caller has seen
	// all steps of the stages before.
	Begin func() (Machine, error)
}

// cascade is a machine of machines.
type cascade struct {
	stages   []Stage
	machines []Machine // of the stages that have begun
	done     []bool
	ending
}

// NewCascade returns a machine that makes an object in stages, each by a strategy
// and a network of its own, from what the stage before has made: a second of
// speech, say, is 100 frames one after another, then 16,000 samples in one pass.
//
// A pass is one of a stage. The last stage that can go on makes it: one that is
// fed works as soon as there is enough for it to do, so that the end of a long
// object is not waited for. Errors name the stage.
//
// The first stage begins here, as do those that it feeds; it fails where one of
// them does.
func NewCascade(stages []Stage) (Machine, error) {
	if len(stages) == 0 {
		return nil, errors.New("cascade: no stages, want one or more")
	}
	if stages[0].Fed {
		return nil, fmt.Errorf("cascade: %w", stages[0].fail(0, errors.New("is fed, and no stage is before it")))
	}
	m := &cascade{stages: stages}
	if err := m.begin(); err != nil {
		return nil, err
	}
	return m, nil
}

func (s Stage) fail(i int, err error) error { return fmt.Errorf("stage %d, %s: %w", i+1, s.Name, err) }

// begin begins the next stage and those that it feeds.
func (m *cascade) begin() error {
	for i := len(m.machines); i < len(m.stages); i++ {
		s := m.stages[i]
		if i > 0 && !s.Fed && !m.done[i-1] {
			return nil
		}
		machine, err := s.Begin()
		if err == nil && s.Fed {
			if _, ok := machine.(Fed); !ok {
				err = fmt.Errorf("a %T cannot be fed", machine)
			}
		}
		if err != nil {
			return s.fail(i, err)
		}
		m.machines, m.done = append(m.machines, machine), append(m.done, false)
	}
	return nil
}

// Next makes a pass of one stage.
func (m *cascade) Next() (Step, error) {
	return m.ending.step(m.next, func(err error) error { return err })
}

func (m *cascade) next() (Step, error) {
	if m.done[len(m.done)-1] {
		if err := m.begin(); err != nil {
			return Step{}, err
		}
	}
	i := m.turn()
	step, err := m.machines[i].Next()
	if err != nil {
		return Step{}, m.stages[i].fail(i, err)
	}
	m.done[i] = step.Done
	if after := i + 1; after < len(m.stages) {
		if m.stages[after].Fed {
			if err := m.machines[after].(Fed).Feed(step); err != nil {
				return Step{}, m.stages[after].fail(after, err)
			}
		}
		step.Done = false
	}
	step.Stage, step.Stages = i+1, len(m.stages)
	return step, nil
}

// turn is the last stage that can go on. One that is not fed can until it is done,
// and so can one whose feeder is done.
func (m *cascade) turn() int {
	for i := len(m.machines) - 1; i > 0; i-- {
		if m.done[i] {
			continue
		}
		if fed, ok := m.machines[i].(Fed); !ok || !m.stages[i].Fed || m.done[i-1] || fed.Ready() {
			return i
		}
	}
	return 0
}
