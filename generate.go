package stride

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"time"

	"github.com/stride-ml/stride/strategy"
	"github.com/stride-ml/stride/tensor"
)

// Generate generates one object and yields a step for each pass of the
// network; the last has Done set. A cancelled context ends it before the next
// pass: the object so far is then yielded with the context's error. An error
// ends it; what was asked wrongly is an [*OptionError] or [*UnsupportedError].
// Steps may be kept: no later one changes what they show.
func (m *Model) Generate(ctx context.Context, p Prompt, opts ...Option) iter.Seq2[Step, error] {
	return func(yield func(Step, error) bool) {
		start := time.Now()
		g, err := m.start(p, opts)
		if err != nil {
			yield(Step{}, err)
			return
		}
		defer g.free()
		for {
			if err := ctx.Err(); err != nil {
				g.last.Done, g.last.Stats.Stopped = true, "cancelled"
				yield(g.last, err)
				return
			}
			step, err := g.next(start)
			if !yield(step, err) || err != nil || step.Done {
				return
			}
		}
	}
}

// Text generates one object and returns it finished, with what it cost; of a
// picture it returns a description. On an error, a cancelled context among them,
// it returns the object so far.
func (m *Model) Text(ctx context.Context, p Prompt, opts ...Option) (string, Stats, error) {
	var last Step
	for step, err := range m.Generate(ctx, p, opts...) {
		if step.Object != nil {
			last = step
		}
		if err != nil {
			return objectText(last), last.Stats, err
		}
	}
	return objectText(last), last.Stats, nil
}

func objectText(s Step) string {
	if s.Object == nil {
		return ""
	}
	return s.Object.String()
}

// generation is one running generation.
type generation struct {
	name    string // of the checkpoint
	machine strategy.Machine
	show    func(strategy.Step) Object // an object that no later step changes
	free    func()                     // gives the evaluator back
	last    Step
}

// begin makes a machine with an evaluator of the network.
func begin[E any](list evaluators[E], pool *tensor.Pool, machine func(E) (strategy.Machine, error)) (*generation, error) {
	d := list.take(pool)
	m, err := machine(d)
	if err != nil {
		list.give(d)
		return nil, err
	}
	return &generation{machine: m, free: func() { list.give(d) }}, nil
}

// start resolves options and makes the machine.
func (m *Model) start(p Prompt, opts []Option) (*generation, error) {
	var chosen config
	for _, o := range opts {
		o(&chosen)
	}
	e, name, err := m.serving(chosen.strategy)
	if err != nil {
		return nil, err
	}
	c := e.defaults()
	for _, o := range opts {
		o(&c)
	}
	c.strategy = name
	if !c.chose("seed") {
		c.seed = uint64(rand.Uint32())
	}
	if err := e.check(p, c); err != nil {
		return nil, fmt.Errorf("%s: %w", e.card.Name, err)
	}
	if err := e.weights(m.pool); err != nil {
		return nil, err
	}
	var g *generation
	err = guarded(func() (err error) {
		g, err = e.engine.start(m.pool, p, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.card.Name, err)
	}
	g.name = e.card.Name
	g.last = Step{Object: g.show(strategy.Step{}), Stats: Stats{Strategy: name, Model: e.card.Name, Seed: c.seed}}
	return g, nil
}

// next makes one pass.
func (g *generation) next(start time.Time) (Step, error) {
	err := guarded(func() error {
		s, err := g.machine.Next()
		if err != nil {
			return err
		}
		stats := g.last.Stats
		stats.Total = time.Since(start)
		if stats.FirstStep == 0 {
			stats.FirstStep = stats.Total
		}
		stats.Passes, stats.Elements, stats.Drawn, stats.Stopped = s.Pass, s.Known(), s.Drawn, s.Stopped
		g.last = Step{
			Pass: s.Pass, Passes: s.Passes, Object: g.show(s),
			Fresh: slices.Clone(s.Fresh), Remasked: slices.Clone(s.Remasked), Confidence: float64(s.Confidence),
			Time: float64(s.Time), Change: float64(s.Change), Done: s.Done, Stats: stats,
		}
		return nil
	})
	if err != nil {
		return g.last, fmt.Errorf("%s: %w", g.name, err)
	}
	return g.last, nil
}

// guarded calls f. A panic in it is a mistake of ours; it becomes an error that
// carries the stack instead of ending the caller's program.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal error: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}

// serving picks the checkpoint for a strategy, or for the default one, "".
func (m *Model) serving(name string) (*member, string, error) {
	if name == "" {
		name = m.members[0].card.Strategies[0]
	}
	for _, e := range m.members {
		if e.serves(name) {
			return e, name, nil
		}
	}
	return nil, "", &UnsupportedError{Strategy: name, Want: "model " + m.members[0].card.Name, Can: m.Strategies()}
}
